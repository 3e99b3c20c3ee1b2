"""The nested figures: by group, with and without identifiers, and every wrong match."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bench.matching.files import Case
from bench.matching.score import Answer, Tally, tallies

from .nested import Judged
from .samples import Sample


def _answer(seen: Judged, review_from: float) -> Answer:
    ranking = seen.ranking
    matched = seen.decision >= seen.threshold and not ranking.vetoed
    lost = not matched and ranking.pair < review_from
    status = "matched" if matched else "unmatched" if lost else "review"
    ranked = zip(ranking.shown, ranking.scores, strict=True)
    shown = tuple(one for one, score in ranked if score >= review_from)
    return Answer(status, ranking.best, shown, seen.decision, 0.0)


def figures(judged: Sequence[tuple[Sample, Judged]], review_from: float) -> dict[str, Tally]:
    """Tallies by group and kind over the rows of the query file."""
    cases: list[Case] = [one.case for one, _ in judged]
    return tallies(cases, [_answer(seen, review_from) for _, seen in judged])


def at(judged: Sequence[tuple[Sample, Judged]], threshold: float) -> list[tuple[Sample, Judged]]:
    """The same scores at one threshold for all folds."""
    return [(one, replace(seen, threshold=threshold)) for one, seen in judged]


def print_small(judged: Sequence[tuple[Sample, Judged]]) -> None:
    """One line for each size of small registries."""
    for size in sorted({one.size for one, _ in judged}):
        mine = [(one, seen) for one, seen in judged if one.size == size]
        print(f"registry of {size:6d}   {json.dumps(figures(mine, 0.0)['all'].figures())}")


def print_report(counted: dict[str, Tally]) -> None:
    for name, tally in counted.items():
        print(f"{name:20s} {json.dumps(tally.figures())}")
    print("\nwrong matches", *counted["all"].false_matches, sep="\n  ")
