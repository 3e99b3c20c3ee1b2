"""Answer a worker's question without an officer, where it is clear which standard answer fits.

Only what is clear is answered: an officer reads every message anyway, and a wrong answer to a
question of law does more harm than none.
"""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.call import AnswerVersion, CallFields, CallOutcome
from chalicelib.domain.helpline.standard_answer import StandardAnswer
from chalicelib.domain.vocabulary import Channel, IntakeType
from chalicelib.errors import Unavailable
from chalicelib.time_budget import seconds_left, within
from chalicelib.usecases.helpline.log_call import log_call
from chalicelib.usecases.helpline.say import answer_of
from chalicelib.usecases.helpline.suggest_answers import suggest_answers

LEAST_SCORE = 12.0
"""How well an answer has to fit (BM25 of the search). Of 51 messages to the starter set of answers
(`tests/usecases/helpline/test_answer_by_itself.py`), 15 of 25 questions are answered, each rightly,
and none of 26 messages that no answer fits; the best wrong one has 10.4. What else is published,
in other languages, for other countries or in large numbers, brings no wrong one above it."""

KEPT_FOR_HER_CASE = 1.0
"""Seconds of the time that her provider waits in which no answer is looked for any more: her case
is to be kept first, which takes two calls of some milliseconds."""

LONGEST_IN_SMS = 600
LONGEST_IN_A_CHAT = 900
"""Characters of an answer that is told by itself: with the code and the question around it, it is
one message of any carrier. A longer one is an officer's to give: an answer is never cut."""


class Recognised(NamedTuple):
    """The standard answer to a message, and whether it is told: what she cannot read, or too long
    for her telephone, is not. It tells what her message is about all the same."""

    answer: StandardAnswer
    is_told: bool


def recognised(
    text: str, jurisdiction: str | None, language: str, channel: Channel, *, deps: Deps
) -> Recognised | None:
    """The answer that clearly fits. None also where none can be searched, or not in time: her case
    comes first."""
    if jurisdiction is None or not text.strip():
        return None
    try:
        with within(seconds_left() - KEPT_FOR_HER_CASE):
            suggested = suggest_answers(text, jurisdiction, language, 1, deps=deps)
    except Unavailable:
        return None
    if not suggested or suggested[0].score < LEAST_SCORE:
        return None
    answer = suggested[0].answer
    longest = LONGEST_IN_SMS if channel is Channel.SMS else LONGEST_IN_A_CHAT
    fits = len(answer.text) <= longest
    return Recognised(answer, fits and _primary(answer.language) == _primary(language))


def note_answer(
    key: str, grievance_id: str, channel: Channel, language: str, by: Principal, *, deps: Deps
) -> None:
    """Record on the case which version was given, as after a call of no length by the line itself:
    so it is found when the law changes. Again changes nothing; nothing for any other text.

    Raises VersionConflict (only under heavy traffic), Unavailable.
    """
    answer = answer_of(key, deps=deps)
    if answer is None:
        return
    call = CallFields(
        intake_type=IntakeType.ENQUIRY,
        topic=answer.topic,
        jurisdiction=answer.jurisdiction,
        language=language,
        channel=channel,
        grievance_id=grievance_id,
        given=AnswerVersion(answer_id=answer.answer_id, version=answer.version),
        duration_seconds=0,
        outcome=CallOutcome.ANSWERED,
    )
    log_call(call, idempotency_key=f"automatic:{grievance_id}", by=by, deps=deps)


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]
