"""Smaller registries: the same queries, of which many are about factories that are not there."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.matcher import Matcher

from .files import Case, facilities
from .measure import say
from .queries import Row
from .score import Answer, tallies

SIZES = (10, 100, 500, 2_000, 10_000, 40_000)
_DRAWS = {10: 6, 100: 3}  # registries of a size; one of the others


def drawn(
    asked: Sequence[str], others: Sequence[str], size: int, rng: random.Random
) -> frozenset[str]:
    """Facilities of a registry of `size`, from those that are asked about and from others.

    Of the former it has half, or their share of all if that is more.
    """
    share = len(asked) * size // (len(asked) + len(others))
    known = max(min(size, max(len(asked) // 2, share)), size - len(others))
    return frozenset([*rng.sample(asked, known), *rng.sample(others, size - known)])


def within(case: Case, kept: frozenset[str]) -> Case:
    """The case in a registry that has only the facilities in `kept`."""
    truth = case.truth & kept
    return replace(
        case, truth=truth, also=case.also & kept, answerable=case.answerable and bool(truth)
    )


def _answers(index: Index, cases: Sequence[Case]) -> Iterator[Answer]:
    matcher = Matcher(index)
    for case in cases:
        decision = matcher.match(case.query)
        shown = tuple(candidate.facility_id for candidate in decision.candidates)
        yield Answer(decision.status, decision.facility_id, shown, decision.score, 0.0)


def _asked(rows: Sequence[Row], kept: frozenset[str], cases: Sequence[Case]) -> list[Answer]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        build_index(facilities(row for row in rows if row.id in kept), path, version="small")
        index = Index.open(path)
        answers = list(_answers(index, cases))
        index.close()
    return answers


def points(rows: Sequence[Row], cases: Sequence[Case], seed: int) -> Iterator[dict[str, object]]:
    """One line a size, of those that are smaller than the registry."""
    asked = sorted(frozenset[str]().union(*(case.truth for case in cases if case.answerable)))
    others = sorted({row.id for row in rows}.difference(asked))
    rng = random.Random(seed)
    for size in SIZES:
        if size >= len(rows):
            return
        mine: list[Case] = []
        answers: list[Answer] = []
        for number in range(_DRAWS.get(size, 1)):
            say(f"small: registry {number + 1} of {size:,} facilities")
            kept = drawn(asked, others, size, rng)
            here = [within(case, kept) for case in cases]
            mine += here
            answers += _asked(rows, kept, here)
        counted = tallies(mine, answers)["all"]
        yield {
            "facilities": size,
            **counted.figures(),
            "false_matches": counted.false_matches,
        }
