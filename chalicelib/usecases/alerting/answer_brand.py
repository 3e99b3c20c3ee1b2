"""A factory answers what a brand has asked it."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.question import NewFactoryAnswer, case_with_answer
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.errors import StateConflict
from chalicelib.store.revised_rows import QuestionOfCase
from chalicelib.usecases.alerting.own_question import own_question
from chalicelib.usecases.cases.ask_partner import said_about
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


def answer_brand(
    question_id: str, wish: NewFactoryAnswer, *, by: Principal, deps: Deps
) -> QuestionOfCase:
    """Keep the factory's answer with the case, where the brand that asked and the partner read it.

    The brand reads it as long as the factory may be named to it. Raises NotFound, StateConflict
    (the case has ended, too many), VersionConflict.
    """
    return retried(lambda: _answered(question_id, wish, by, deps))


def _answered(
    question_id: str, wish: NewFactoryAnswer, by: Principal, deps: Deps
) -> QuestionOfCase:
    question, case = own_question(question_id, by=by, deps=deps)
    if case.state in ENDED:
        raise StateConflict("Nobody waits for an answer any more.")
    readable_from = ConsentLevel.C3
    answered = question.answered(wish.text, readable_from, deps.now())
    message = said_about(case, answered, wish.text, by, deps, readable_from=readable_from)
    changed = case_with_answer(
        case,
        answered,
        message.message_id,
        by=ledger_actor(by, deps.keyring),
        commit=committer(case, deps.keyring),
    )
    rows = [deps.questions.changed_row(answered), deps.cases.message_row(message)]
    deps.cases.save(changed.case, changed.entry, rows)
    return QuestionOfCase(answered, changed.case)
