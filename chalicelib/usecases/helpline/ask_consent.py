"""An officer has the worker asked once more what brands may know, in the words of the script."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import borders
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.conversation import AskedAgain, Conversation
from chalicelib.domain.helpline.outbound import DeliveryStatus
from chalicelib.domain.vocabulary import Visibility
from chalicelib.errors import StateConflict
from chalicelib.texts import for_workers
from chalicelib.usecases.cases.add_message import Added, add_to, next_message_id
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.work.hurry import hurry_outbound
from chalicelib.usecases.work.retried import retried

_OUT = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED})


def ask_consent(grievance_id: str, *, by: Principal, deps: Deps) -> Added:
    """Send the worker the question about brands again, on the line that her case began on: with the
    words about the border where one has to be crossed by now. What she answers there changes her
    consent. Like every message it goes out only if she agrees to be contacted.

    The message, and that she was asked, are one transaction. Raises NotFound, StateConflict (the
    case began on no line, or is over; she writes about another case by now; the question is still
    on its way), VersionConflict (only under heavy traffic).
    """
    asked = retried(lambda: _asked(grievance_id, by, deps))
    if asked.outbound is not None:
        hurry_outbound(asked.outbound, deps=deps)
    return asked


def _asked(grievance_id: str, by: Principal, deps: Deps) -> Added:
    case = own_case(grievance_id, by=by, deps=deps)
    conversation = deps.conversations.of_case(grievance_id)
    if conversation is None or talk.is_over(case, deps.now()):
        raise StateConflict("She cannot be asked on a line. Ask her yourself, and record it.")
    if conversation.grievance_id != grievance_id:
        raise StateConflict("She writes about another case by now. Ask her yourself.")
    if _is_on_its_way(conversation, deps):
        raise StateConflict("The question is still on its way to her.")
    language, abroad = conversation.language, goes_abroad(case, deps)
    texts = for_workers.catalogue(language)
    question = talk.ASK_BRANDS_ABROAD if abroad else talk.ASK_BRANDS
    again = AskedAgain(
        message_id=next_message_id(case), script=talk.script_of(language, abroad=abroad)
    )
    return add_to(
        case,
        f"{texts[talk.ASK_AGAIN]} {texts[question]}",
        Visibility.WORKER,
        by=by,
        beside=deps.conversations.rows(conversation.being_asked(again)),
        deps=deps,
    )


def as_asked(conversation: Conversation, deps: Deps) -> Conversation:
    """A conversation as it stands once a question of an officer's has gone out: it is open. Nobody
    answers what she has not been sent."""
    again = conversation.asked_again
    if again is None or conversation.grievance_id is None:
        return conversation
    sent = deps.outbound.get(conversation.grievance_id, again.message_id)
    if sent is not None and sent.status is DeliveryStatus.QUEUED:
        return conversation
    return conversation.asked_now(again if sent is not None and sent.status in _OUT else None)


def goes_abroad(case: Case, deps: Deps) -> bool:
    """Whether telling a brand takes the consent to what leaves the country as well: by what she
    said, or by where the factory that is meant turned out to be."""
    if talk.goes_abroad(case):
        return True
    factory = deps.registry.factory(case.factory_id) if case.factory_id else None
    return factory is not None and bool(borders(factory.country))


def _is_on_its_way(conversation: Conversation, deps: Deps) -> bool:
    return as_asked(conversation, deps).asked_again is not None
