"""Suggest standard answers to what a worker asks, in her own language where there is one.

What she asks is searched with and forgotten: it is neither stored nor logged.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.helpline.standard_answer import StandardAnswer, today_in


class Suggested(NamedTuple):
    """An answer in force, and how well what was asked fits what was found: its score, and the
    share of its words that stand in the title or the question of what was found in `found_in`."""

    answer: StandardAnswer
    score: float
    share: float
    found_in: str


def suggest_answers(
    text: str, jurisdiction: str, language: str | None, limit: int, *, deps: Deps
) -> list[Suggested]:
    """The answers of a jurisdiction that fit best, one for each topic, best first.

    Of a topic that was found in one language, the answer in the language asked for is suggested.
    """
    today = today_in(jurisdiction, deps.now())
    answers = deps.answer_index.current(today)
    best: dict[str, Suggested] = {}
    for hit in answers.search(text, jurisdiction, today):
        if len(best) >= limit:
            break
        if hit.answer.topic not in best:
            told = _in_language(answers.translations(hit.answer, today), language, hit.answer)
            share = answers.share(text, hit.answer)
            best[hit.answer.topic] = Suggested(told, hit.score, share, hit.answer.language)
    return list(best.values())


def _in_language(
    translations: Sequence[StandardAnswer], language: str | None, found: StandardAnswer
) -> StandardAnswer:
    """The same tag, else the same language, else as it was found."""
    wanted = (language or found.language).lower()
    same = [each for each in translations if each.language.lower() == wanted]
    akin = [each for each in translations if _primary(each.language) == _primary(wanted)]
    return next(iter([*same, *akin]), found)


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]
