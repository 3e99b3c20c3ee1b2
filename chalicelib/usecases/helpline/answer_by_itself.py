"""Answer a worker's question without an officer, where it is clear which standard answer fits.

Only what is clear is answered: an officer reads every message anyway, and a wrong answer to a
question of law does more harm than none.
"""

from collections.abc import Sequence
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
from chalicelib.usecases.helpline.suggest_answers import Suggested, suggest_answers

LEAST_SCORE = 10.0
"""How well an answer has to fit (BM25 of the search): more than one rare word that both have."""

LEAST_LEAD = 1.5
"""How much better than the best answer on another topic: what two fit is not clear."""

LEAST_SHARE = 0.2
"""How many of the words that tell what she asks stand in the answer's title or question: the text
of an answer has many words, and some are in any question."""

MEASURED = frozenset({"en", "zh"})
"""The languages, of what is searched, that the three were chosen and measured in. In others nothing
is answered by itself until they are."""

KEPT_FOR_HER_CASE = 1.0
"""Seconds of the time that her provider waits in which no answer is looked for any more: her case
is to be kept first, which takes two calls of some milliseconds."""

LONGEST_IN_SMS = 600
LONGEST_IN_A_CHAT = 900
"""Characters of an answer that is told by itself, with its question: with the code and what we ask
around it, it is one message of any carrier. A longer one is an officer's to give: an answer is
never cut."""


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
            suggested = suggest_answers(text, jurisdiction, language, 2, deps=deps)
    except Unavailable:
        return None
    if not is_clear(suggested):
        return None
    answer = suggested[0].answer
    longest = LONGEST_IN_SMS if channel is Channel.SMS else LONGEST_IN_A_CHAT
    fits = len(answer.told) <= longest
    return Recognised(answer, fits and _primary(answer.language) == _primary(language))


def is_clear(suggested: Sequence[Suggested]) -> bool:
    """Whether the first one may be said without an officer. The second one is on another topic."""
    if not suggested:
        return False
    best, *others = suggested
    return (
        _primary(best.found_in) in MEASURED
        and best.score >= LEAST_SCORE
        and best.share >= LEAST_SHARE
        and all(best.score >= LEAST_LEAD * other.score for other in others)
    )


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
