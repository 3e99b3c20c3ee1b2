"""A brand asks the partner about a case, and the partner answers."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.alert import Alert, allowed_now
from chalicelib.domain.case import Case
from chalicelib.domain.consent import readable_from
from chalicelib.domain.deadlines import signal_of_question
from chalicelib.domain.message import Message
from chalicelib.domain.question import (
    NewAnswer,
    NewQuestion,
    Question,
    asked,
    case_with_answer,
    case_with_question,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.remedy import refuse_ended
from chalicelib.domain.vocabulary import Visibility
from chalicelib.errors import NotFound, StateConflict
from chalicelib.usecases.committer import committer
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.own_plan import alert_to_work_on
from chalicelib.usecases.pseudonyms import ledger_actor
from chalicelib.usecases.retried import retried


def ask_partner(alert_id: str, wish: NewQuestion, *, by: Principal, deps: Deps) -> Question:
    """Keep a brand's question with the case, where its partner reads it and is told of it.

    It stops no clock: who asks has not answered. Raises NotFound, EngagementNotActive,
    ConsentWithdrawn, StateConflict (the case has ended, a recall, too many), VersionConflict.
    """
    return retried(lambda: _asked(alert_id, wish, by, deps))


def _asked(alert_id: str, wish: NewQuestion, by: Principal, deps: Deps) -> Question:
    _, case = alert_to_work_on(alert_id, by=by, deps=deps)
    refuse_ended(case)
    at, brand_id = deps.now(), by.organisation
    earlier = deps.questions.all_of(case.grievance_id, brand_id=brand_id)
    question = asked(case, wish, earlier, alert_id=alert_id, brand_id=brand_id, at=at)
    message = _message(case, question, wish.text, by, deps)
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

    Raises NotFound, StateConflict (the brand may know nothing of the case any more, too many),
    VersionConflict.
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
    _refuse_unless_told(alert, case)
    readable = readable_from(allowed_now(case, alert.payload).detail)
    answered = question.answered(wish.text, readable, deps.now())
    message = _message(case, answered, wish.text, by, deps).model_copy(
        update={"readable_from": readable}
    )
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


def _message(case: Case, question: Question, text: str, by: Principal, deps: Deps) -> Message:
    return Message(
        message_id=derive_id("m", case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        at=deps.now(),
        by=by.actor,
        visibility=Visibility.BRAND,
        text=text,
        brand_id=question.brand_id,
        question_id=question.question_id,
    )
