"""A brand asks the partner about a case, or the factory; and the partner answers."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert, allowed_now
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import readable_from
from chalicelib.domain.cases.deadlines import signal_of_question
from chalicelib.domain.cases.message import Message
from chalicelib.domain.cases.question import (
    NewAnswer,
    NewQuestion,
    Question,
    asked,
    asked_factory,
    case_with_answer,
    case_with_question,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.remedies.remedy import refuse_ended
from chalicelib.domain.vocabulary import Addressee, ConsentLevel, Visibility
from chalicelib.errors import NotFound, StateConflict
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import alert_to_work_on
from chalicelib.usecases.work.retried import retried


def ask_partner(alert_id: str, wish: NewQuestion, *, by: Principal, deps: Deps) -> Question:
    """Keep a brand's question with the case, where its partner reads it and is told of it; and the
    factory, if it is for that.

    It stops no clock: who asks has not answered. Raises NotFound, EngagementNotActive,
    ConsentWithdrawn, StateConflict (the case has ended, a recall, too many; for a factory that the
    alert does not name), VersionConflict.
    """
    return retried(lambda: _asked(alert_id, wish, by, deps))


def _asked(alert_id: str, wish: NewQuestion, by: Principal, deps: Deps) -> Question:
    alert, case = alert_to_work_on(alert_id, by=by, deps=deps)
    refuse_ended(case)
    at, brand_id = deps.now(), by.organisation
    factory = asked_factory(case, alert, at) if wish.to is Addressee.FACTORY else None
    earlier = deps.questions.all_of(case.grievance_id, brand_id=brand_id)
    question = asked(
        case, wish, earlier, alert_id=alert_id, brand_id=brand_id, at=at, factory=factory
    )
    message = said_about(case, question, wish.text, by, deps)
    changed = case_with_question(
        case,
        question,
        message.message_id,
        by=ledger_actor(by, deps.keyring),
        commit=committer(case, deps.keyring),
    )
    rows = [
        deps.questions.new_row(question),
        deps.cases.message_row(message),
        deps.signals.row(signal_of_question(changed.case, at)),
    ]
    deps.cases.save(changed.case, changed.entry, rows)
    return question


def answer_question(
    grievance_id: str, question_id: str, wish: NewAnswer, *, by: Principal, deps: Deps
) -> Question:
    """Keep the partner's answer, where the brand that asked reads it.

    Raises NotFound, StateConflict (the factory was asked; the brand may know nothing of the case
    any more; too many), VersionConflict.
    """
    return retried(lambda: _answered(grievance_id, question_id, wish, by, deps))


def _answered(
    grievance_id: str, question_id: str, wish: NewAnswer, by: Principal, deps: Deps
) -> Question:
    case = own_case(grievance_id, by=by, deps=deps)
    question = deps.questions.get(grievance_id, question_id)
    alert = deps.alerts.get(question.alert_id) if question else None
    if question is None or alert is None:
        raise NotFound()
    if question.to is Addressee.FACTORY:
        raise StateConflict("The factory was asked. Write the brand a message instead.")
    _refuse_unless_told(alert, case)
    readable = readable_from(allowed_now(case, alert.payload).detail)
    answered = question.answered(wish.text, readable, deps.now())
    message = said_about(case, answered, wish.text, by, deps, readable_from=readable)
    changed = case_with_answer(
        case,
        answered,
        message.message_id,
        by=ledger_actor(by, deps.keyring),
        commit=committer(case, deps.keyring),
    )
    rows = [deps.questions.changed_row(answered), deps.cases.message_row(message)]
    deps.cases.save(changed.case, changed.entry, rows)
    return answered


def _refuse_unless_told(alert: Alert, case: Case) -> None:
    if alert.shown(case) is None:
        raise StateConflict("The worker no longer agrees that this brand is told anything.")


def said_about(
    case: Case,
    question: Question,
    text: str,
    by: Principal,
    deps: Deps,
    *,
    readable_from: ConsentLevel | None = None,
) -> Message:
    """What somebody asks or answers, as the statement that both sides read: the partner, and the
    brand that asks."""
    return Message(
        message_id=derive_id("m", case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        at=deps.now(),
        by=by.actor,
        visibility=Visibility.BRAND,
        text=text,
        brand_id=question.brand_id,
        question_id=question.question_id,
        readable_from=readable_from,
    )
