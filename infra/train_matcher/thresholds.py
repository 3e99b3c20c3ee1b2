"""Where the lines are drawn, from scores of models that did not know the factory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .samples import Sample

TARGET_PRECISION = 0.9965  # of what is counted here; 99.5 % is promised, the rest is room
LOST_SHARE = 0.003
_FEWEST = 200  # right matches, before which a share of wrong ones says nothing
_ENOUGH = 1_000  # right answers of one size of registries, from which on it is looked at by itself


@dataclass(frozen=True)
class Mark:
    """What counts when a threshold is chosen: a score, and whether its candidate is right."""

    score: float
    right: bool
    wrong: bool  # neither is it where the candidate cannot be told from the truth
    vetoed: bool

    @classmethod
    def of(cls, one: Sample, best: str, vetoed: bool, score: float) -> Mark:
        right = best in one.right
        return cls(score, right, not right and best not in one.case.also, vetoed)


def matched_threshold(marks: Sequence[Mark]) -> float:
    """The lowest score from which matches keep the target precision."""
    right, wrong, best = 0, 0, 1.0
    for mark in sorted(marks, key=lambda mark: -mark.score):
        if mark.vetoed:
            continue
        right, wrong = right + mark.right, wrong + mark.wrong
        if right >= _FEWEST and right >= TARGET_PRECISION * (right + wrong):
            best = mark.score
    return best


def threshold_of_every_size(marks: Mapping[int, Sequence[Mark]]) -> float:
    """The lowest score from which matches keep the target precision in all registries together,
    and in those of each size that has answers enough to tell.
    """
    every = [mark for its in marks.values() for mark in its]
    told = [
        its
        for its in marks.values()
        if sum(mark.right and not mark.vetoed for mark in its) >= _ENOUGH
    ]
    return max(matched_threshold(its) for its in (every, *told))


def shipped_threshold(nested: Collection[float]) -> float:
    """The median of the thresholds that were chosen without one fold's factories each.

    What the nested figures say of such a choice then holds for the one that is shipped.
    """
    return median(nested) if nested else 1.0


def review_threshold(scores: Sequence[float]) -> float:
    """The pair score below which LOST_SHARE of the answerable queries' best candidates lie."""
    return sorted(scores)[int(LOST_SHARE * len(scores))]
