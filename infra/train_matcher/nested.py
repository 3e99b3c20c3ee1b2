"""Cross-validation over factories, nested: what judges a factory has seen it at no stage.

For the factories of fold k, the first model was fitted without k. The second was fitted without k,
to scores by first models that saw neither k nor the factory they score. The threshold was chosen on
second models that saw neither k nor the factory they score.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from chalicelib.matching.decision import ranked_by_facility, vetoes
from chalicelib.matching.pairs import FEATURES
from chalicelib.matching.search import Found
from chalicelib.matching.standing import STANDING, standing_features
from chalicelib.matching.uniqueness import UNKNOWN

from .fits import Ensemble, Size, Table, fit
from .samples import FOLDS, SEED, Sample, said
from .thresholds import Mark, matched_threshold

PAIR_TREES = Size(trees=300, leaves=15, rate=0.06)
DECISION_TREES = Size(trees=90, leaves=13, rate=0.12, seeds=4)
_HARD = 6  # of a query's candidates, roughly best first, that always become rows
_EASY_SHARE = 0.34  # of the others


@dataclass(frozen=True)
class Ranking:
    """A sample's candidates as some first model ranks them, best first."""

    best: str
    shown: tuple[str, ...]
    pair: float  # score of the best one
    standing: list[float]
    vetoed: bool


@dataclass(frozen=True)
class Judged:
    """A sample's ranking and second score by models that do not know its factory."""

    ranking: Ranking
    decision: float
    threshold: float  # of its fold


def pair_table(data: Sequence[Sample]) -> Table:
    """One row a candidate; of two factories that fit equally well both are right here.

    Of the candidates that only fill the list a share is taken, with more weight each.
    """
    rng = random.Random(SEED)  # noqa: S311
    x, y, weight, fold = [], [], [], []
    for one in data:
        for place, found in enumerate(one.found):
            right = found.entry.facility_id in one.case.truth
            hard = right or place < _HARD
            if found.entry.facility_id in one.case.also - one.case.truth:
                continue
            if hard or rng.random() < _EASY_SHARE:
                x.append(found.features)
                y.append(right)
                weight.append(one.weight if hard else one.weight / _EASY_SHARE)
                fold.append(one.fold)
    return Table(np.asarray(x), np.asarray(y), np.asarray(weight), np.asarray(fold))


def _ranking(one: Sample, scores: Sequence[float]) -> Ranking:
    ranked: list[tuple[Found, float]] = ranked_by_facility(one.found, scores)
    best = ranked[0][0].entry.facility_id
    return Ranking(
        best=best,
        shown=tuple(found.entry.facility_id for found, _ in ranked),
        pair=ranked[0][1],
        standing=standing_features(one.asked, ranked, one.unique.get(best, UNKNOWN)),
        vetoed=any(vetoes(one.asked, ranked)),
    )


def rankings(data: Sequence[Sample], model: Ensemble) -> list[Ranking]:
    """How a first model ranks the candidates of each sample."""
    flat = model.probability(np.vstack([np.asarray(f.features) for s in data for f in s.found]))
    out, start = [], 0
    for one in data:
        end = start + len(one.found)
        out.append(_ranking(one, flat[start:end].tolist()))
        start = end
    return out


def decision_table(data: Sequence[Sample], seen: Sequence[Ranking]) -> Table:
    """One row a query: whether its best candidate is right."""
    rows = [
        (ranking.standing, ranking.best in one.right, one.weight, one.fold)
        for one, ranking in zip(data, seen, strict=True)
        if ranking.best in one.right or ranking.best not in one.case.also
    ]
    x, y, weight, fold = zip(*rows, strict=True)
    return Table(np.asarray(x), np.asarray(y), np.asarray(weight), np.asarray(fold))


class Nested:
    """Every fit that a nested evaluation and the shipped weights need, each made once."""

    def __init__(self, data: Sequence[Sample]) -> None:
        self.data = data
        self._pairs = pair_table(data)
        self._folds = np.asarray([one.fold for one in data])
        self._rankings: dict[tuple[frozenset[int], int], list[Ranking]] = {}
        self._rank()

    def _rank(self) -> None:
        """Rank each fold by models that saw neither it nor at most one more fold."""
        sets = [frozenset((a, b)) for a in range(FOLDS) for b in range(a, FOLDS)]
        for number, without in enumerate(sets, start=1):
            model = fit(self._pairs, FEATURES, PAIR_TREES, without)
            for fold in without:
                self._rankings[without, fold] = rankings(self._of(fold), model)
            said(f"first model {number} of {len(sets)}: without folds {sorted(without)}")

    def _of(self, fold: int) -> list[Sample]:
        return [one for one in self.data if one.fold == fold]

    def _learnt(self, outer: int | None) -> tuple[list[Sample], list[Ranking]]:
        """All samples outside `outer`, ranked by models that saw neither them nor `outer`."""
        folds = [fold for fold in range(FOLDS) if fold != outer]
        data = [one for fold in folds for one in self._of(fold)]
        seen = []
        for fold in folds:
            without = frozenset((fold,) if outer is None else (fold, outer))
            seen += self._rankings[without, fold]
        return data, seen

    def _inner(self, data: Sequence[Sample], seen: Sequence[Ranking], table: Table) -> list[Mark]:
        """Marks of samples by second models that saw neither their fold nor the outer one."""
        marks: list[Mark] = []
        for fold in sorted({one.fold for one in data}):
            model = fit(table, STANDING, DECISION_TREES, frozenset((fold,)))
            mine = [(s, r) for s, r in zip(data, seen, strict=True) if s.fold == fold and s.counts]
            scores = model.probability(np.asarray([r.standing for _, r in mine]))
            marks += [
                Mark.of(s, r.best, r.vetoed, float(score))
                for (s, r), score in zip(mine, scores, strict=True)
            ]
        return marks

    def evaluated(self) -> list[tuple[Sample, Judged]]:
        """Every counted sample, judged by what has not seen its factory."""
        out: list[tuple[Sample, Judged]] = []
        for outer in range(FOLDS):
            data, seen = self._learnt(outer)
            table = decision_table(data, seen)
            threshold = matched_threshold(self._inner(data, seen, table))
            model = fit(table, STANDING, DECISION_TREES, frozenset())
            mine = list(
                zip(self._of(outer), self._rankings[frozenset((outer,)), outer], strict=True)
            )
            mine = [(one, ranking) for one, ranking in mine if one.counts]
            scores = model.probability(np.asarray([ranking.standing for _, ranking in mine]))
            out += [
                (one, Judged(ranking, float(score), threshold))
                for (one, ranking), score in zip(mine, scores, strict=True)
            ]
            said(f"fold {outer + 1} of {FOLDS} judged; threshold {threshold:.4f}")
        return out

    @cached_property
    def shipped(self) -> tuple[Ensemble, Ensemble]:
        """Both models, fitted to everything; the second to scores of models that did not know."""
        data, seen = self._learnt(None)
        pair = fit(self._pairs, FEATURES, PAIR_TREES, frozenset())
        decision = fit(decision_table(data, seen), STANDING, DECISION_TREES, frozenset())
        return pair, decision
