"""A message, and what is known of its sender before anything is done."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.chat_words import Said, Understood
from chalicelib.domain.helpline.conversation import Conversation, Remembered, Step
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.poster import poster_code_in
from chalicelib.domain.helpline.spoken_language import spoken_language
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import keyed_hash, secret_id
from chalicelib.domain.text import printable
from chalicelib.errors import NotFound, TooManyRequests
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.read_receipt import open_receipt


class Turn(NamedTuple):
    """A message, and what is known of its sender."""

    message: Inbound
    line: HelplineLine
    before: Conversation
    case: Case | None
    step: Step
    mark: str
    language: str
    at: datetime

    @property
    def text(self) -> str:
        return printable(self.message.text)

    def saying(self, words: str) -> "Turn":
        """The same with these words alone."""
        return self._replace(message=self.message.model_copy(update={"text": words}))

    def remembered(self, texts: Sequence[str], case_id: str | None) -> Remembered:
        return Remembered(
            mark=self.mark,
            at=self.at,
            texts=tuple(texts),
            language=self.language,
            grievance_id=case_id,
        )


def conversation_of(message: Inbound, line: HelplineLine, deps: Deps) -> Conversation:
    """Her conversation on this line, or a new one. Nothing that is stored names her."""
    key = deps.keyring.key(Purpose.CONVERSATION)
    conversation_id = secret_id("cv", key, line.line_id, message.sender)
    return deps.conversations.get(conversation_id) or Conversation(
        conversation_id=conversation_id,
        partner_id=line.partner_id,
        line_id=line.line_id,
        channel=message.channel,
        language=for_workers.best_language(line.language),
    )


def mark_of(message: Inbound, conversation: Conversation, deps: Deps) -> str:
    """What a message is known by when it comes again: half a keyed hash of the provider's id."""
    named = canonical([conversation.conversation_id, message.message_id])
    return keyed_hash(deps.keyring.key(Purpose.CONVERSATION), named)[:32]


def turn_of(
    message: Inbound, line: HelplineLine, before: Conversation, mark: str, deps: Deps
) -> Turn:
    """A message with what is known of its sender, and where her conversation stands."""
    at = deps.now()
    case = deps.cases.head(before.grievance_id) if before.grievance_id else None
    if case is not None and before.step is Step.FACTORY_ASKED and not is_to_be_found(case):
        before = before.model_copy(update={"step": Step.OPEN})  # an officer knows it by now
    step = Step.NEW if case is None else before.step
    if case is not None and talk.is_over(case, at):
        step = Step.ENDED
    language = _language(message, before)
    return Turn(message, line, before, case, step, mark, language, at)


def _language(message: Inbound, before: Conversation) -> str:
    """As she has chosen; else as the provider says, as her letters tell, as it was until now."""
    if before.language_chosen:
        return before.language
    written = spoken_language(message.text, known=before.language)
    tags = (message.language, written, before.language)
    return for_workers.best_language(*(tag for tag in tags if tag is not None))


def lacks_a_factory(case: Case) -> bool:
    """Whether hers names no factory, and still could."""
    return case.factory_reported == FactoryReported() and case.state not in ENDED


def is_to_be_found(case: Case) -> bool:
    """Whether nobody knows which factory it is: neither has it been told nor found."""
    return case.factory_id is None and lacks_a_factory(case)


def with_code_opened(meant: Understood, turn: Turn, deps: Deps) -> tuple[Understood, Case | None]:
    """What a message means once its receipt code was looked up, and the case that it opens.

    Cases of other partners are unknown codes. Wrong ones are counted by conversation.
    """
    if meant.code is None:
        return meant, None
    has_words = meant.said is Said.CODE_AND_WORDS
    wrong = Understood(Said.WRONG_CODE_AND_WORDS if has_words else Said.WRONG_CODE)
    try:
        case = open_receipt(
            meant.code,
            counted_as=turn.before.conversation_id,
            partner_id=turn.line.partner_id,
            deps=deps,
        )
    except NotFound:
        return wrong, None
    except TooManyRequests:
        waits = Said.TOO_MANY_CODES_AND_WORDS if has_words else Said.TOO_MANY_CODES
        return Understood(waits, words=meant.words), None
    if turn.case is not None and case.grievance_id == turn.case.grievance_id:
        return meant._replace(said=Said.WORDS if has_words else Said.STATUS), None
    known = deps.conversations.talk_of(case.grievance_id)
    return (meant, case) if known.may_join(turn.before.conversation_id) else (wrong, None)


def factory_and_question(turn: Turn, deps: Deps) -> tuple[Factory | None, str]:
    """The factory whose poster's code begins the message, and the words after it."""
    found = poster_code_in(turn.text)
    poster = deps.posters.get(found[0]) if found else None
    if found is None or poster is None or poster.ended_at is not None:
        return None, turn.text
    if poster.partner_id != turn.line.partner_id:
        return None, turn.text
    return deps.registry.factory(poster.factory_id), found[1]


def as_reported(factory: Factory | None) -> FactoryReported:
    """As the registry has it, so that the check finds this one again."""
    if factory is None:
        return FactoryReported()
    return FactoryReported(
        name=factory.name,
        address=factory.address,
        city=factory.city,
        country=factory.country,
        identifiers=tuple(factory.identifiers.values()),
    )
