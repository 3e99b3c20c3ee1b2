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

from chalicelib.matching.decision import ranked_by_facility, same_name_and_place, vetoes
from chalicelib.matching.matcher import SHOWN
from chalicelib.matching.pairs import FEATURES
from chalicelib.matching.search import Found
from chalicelib.matching.standing import STANDING, standing_features
from chalicelib.matching.uniqueness import UNKNOWN

from .fits import Ensemble, Size, Table, fit
from .samples import FOLDS, SEED, Sample, said
from .thresholds import Mark, threshold_of_every_size

PAIR_TREES = Size(trees=300, leaves=15, rate=0.06)
DECISION_TREES = Size(trees=90, leaves=13, rate=0.12, seeds=4)
_HARD = 6  # of a query's candidates, roughly best first, that always become rows
_EASY_SHARE = 0.34  # of the others


@dataclass(frozen=True)
class Ranking:
    """A sample's candidates as some first model ranks them, best first."""

    best: str
    shown: tuple[str, ...]
    scores: tuple[float, ...]  # of those shown
    pair: float  # score of the best one
    standing: list[float]
    vetoed: bool
    equal: bool  # matched by its name and place, whatever the second score


@dataclass(frozen=True)
class Judged:
    """A sample's ranking and second score by models that do not know its factory."""

    ranking: Ranking
    decision: float
    threshold: float  # of its fold


def pair_table(data: Sequence[Sample], folds: Sequence[int]) -> Table:
    """One row a candidate; of two factories that fit equally well both are right here.

    Of the candidates that only fill the list a share is taken, with more weight each.
    """
    rng = random.Random(SEED)  # noqa: S311
    x, y, weight, fold = [], [], [], []
    for one, its_fold in zip(data, folds, strict=True):
        if one.size:
            continue  # a pair looks the same in a small registry
        for place, found in enumerate(one.found):
            right = found.entry.facility_id in one.case.truth
            hard = right or place < _HARD
            if found.entry.facility_id in one.case.also - one.case.truth:
                continue
            if hard or rng.random() < _EASY_SHARE:
                x.append(found.features)
                y.append(right)
                weight.append(one.weight if hard else one.weight / _EASY_SHARE)
                fold.append(its_fold)
    return Table(np.asarray(x), np.asarray(y), np.asarray(weight), np.asarray(fold))


def _ranking(one: Sample, scores: Sequence[float]) -> Ranking:
    ranked: list[tuple[Found, float]] = ranked_by_facility(one.found, scores)
    best = ranked[0][0].entry.facility_id
    return Ranking(
        best=best,
        shown=tuple(found.entry.facility_id for found, _ in ranked[:SHOWN]),
        scores=tuple(score for _, score in ranked[:SHOWN]),
        pair=ranked[0][1],
        standing=standing_features(one.asked, ranked, one.unique.get(best, UNKNOWN)),
        vetoed=any(vetoes(one.asked, ranked)),
        equal=same_name_and_place(ranked),
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


def decision_table(data: Sequence[Sample], seen: Sequence[Ranking], folds: Sequence[int]) -> Table:
    """One row a query: whether its best candidate is right."""
    rows = [
        (ranking.standing, ranking.best in one.right, one.weight, fold)
        for one, ranking, fold in zip(data, seen, folds, strict=True)
        if ranking.best in one.right or ranking.best not in one.case.also
    ]
    x, y, weight, fold = zip(*rows, strict=True)
    return Table(np.asarray(x), np.asarray(y), np.asarray(weight), np.asarray(fold))


def countries(data: Sequence[Sample]) -> dict[str, str]:
    """The country of each factory that is asked about, as far as a record or a query tells."""
    found: dict[str, str] = {}
    for one in data:
        true = (f.entry.country for f in one.found if f.entry.facility_id in one.case.truth)
        country = next(true, "") or one.asked.country
        if country:
            found.setdefault(one.case.fid, country)
    return found


class _Part:
    """Samples with their rankings by models that know neither them nor the fold that is judged."""

    def __init__(self, fold: int, data: list[Sample], seen: list[Ranking]) -> None:
        self.folds = [fold] * len(data)
        self.data = data
        self.seen = seen

    def counted(self, *, small: bool) -> tuple[list[Sample], list[Ranking]]:
        """Those that figures and thresholds are about, in small registries or the whole one."""
        pairs = zip(self.data, self.seen, strict=True)
        kept = [(s, r) for s, r in pairs if s.counts and bool(s.size) is small]
        return [one for one, _ in kept], [ranking for _, ranking in kept]


class Nested:
    """Every fit that a nested evaluation and the shipped weights need, each made once.

    With a country, all its factories are one more fold, and only they are judged.
    """

    def __init__(self, data: Sequence[Sample], country: str | None = None) -> None:
        home = countries(data) if country else {}
        self._folds = [
            FOLDS if country and home.get(one.case.fid) == country else one.fold for one in data
        ]
        self._outer = [FOLDS] if country else list(range(FOLDS))
        self._all = sorted(set(self._folds))
        self._pairs = pair_table(data, self._folds)
        self._data = {
            fold: [one for one, its in zip(data, self._folds, strict=True) if its == fold]
            for fold in self._all
        }
        self._rankings: dict[tuple[frozenset[int], int], list[Ranking]] = {}
        self._rank()

    def _rank(self) -> None:
        """Rank each fold by models that saw neither it nor the fold that is judged."""
        sets = sorted({tuple(sorted({a, b})) for a in self._outer for b in self._all})
        for number, pair in enumerate(sets, start=1):
            without = frozenset(pair)
            model = fit(self._pairs, FEATURES, PAIR_TREES, without)
            for fold in without:
                self._rankings[without, fold] = rankings(self._data[fold], model)
            said(f"first model {number} of {len(sets)}: without folds {sorted(without)}")

    def _learnt(self, outer: int | None) -> list[_Part]:
        """All folds but `outer`, ranked by models that saw neither them nor `outer`."""
        return [
            _Part(
                fold,
                self._data[fold],
                self._rankings[frozenset({fold} if outer is None else {fold, outer}), fold],
            )
            for fold in self._all
            if fold != outer
        ]

    def evaluated(self) -> list[tuple[Sample, Judged]]:
        """Every counted sample of the folds to judge, by what has not seen its factory."""
        out: list[tuple[Sample, Judged]] = []
        for outer in self._outer:
            parts = self._learnt(outer)
            seen = self._rankings[frozenset({outer}), outer]
            judged = _Part(outer, self._data[outer], seen)
            for small in (False, True):
                table = _decisions(parts, small=small)
                threshold = threshold_of_every_size(_inner_marks(parts, table, small=small))
                model = fit(table, STANDING, DECISION_TREES, frozenset())
                data, mine = judged.counted(small=small)
                out += [
                    (one, Judged(ranking, score, threshold))
                    for one, ranking, score in zip(data, mine, _scores(model, mine), strict=True)
                ]
                where = "in small registries" if small else "in the whole registry"
                said(f"fold {outer} judged {where}; its threshold {threshold:.4f}")
        return out

    @cached_property
    def shipped(self) -> tuple[Ensemble, Ensemble, Ensemble]:
        """The models, fitted to everything; those that decide to scores of models that did not
        know.
        """
        pair = fit(self._pairs, FEATURES, PAIR_TREES, frozenset())
        whole, small = (
            fit(_decisions(self._learnt(None), small=small), STANDING, DECISION_TREES, frozenset())
            for small in (False, True)
        )
        return pair, whole, small


def _decisions(parts: Sequence[_Part], *, small: bool) -> Table:
    """The rows of the model that decides in the whole registry, or of the one for small ones,
    which learns from both.
    """
    rows = [
        row
        for part in parts
        for row in zip(part.data, part.seen, part.folds, strict=True)
        if small or not row[0].size
    ]
    data, seen, folds = zip(*rows, strict=True)
    return decision_table(data, seen, folds)


def _scores(model: Ensemble, seen: Sequence[Ranking]) -> list[float]:
    """The second model's scores; 1 where name and place decide without it."""
    scores = model.probability(np.asarray([one.standing for one in seen]))
    return [1.0 if one.equal else float(score) for one, score in zip(seen, scores, strict=True)]


def _inner_marks(parts: Sequence[_Part], table: Table, *, small: bool) -> dict[int, list[Mark]]:
    """Marks of samples by second models that saw neither their fold nor the one to judge, by the
    size of their registry.
    """
    marks: dict[int, list[Mark]] = {}
    for part in parts:
        model = fit(table, STANDING, DECISION_TREES, frozenset(part.folds))
        data, seen = part.counted(small=small)
        for one, ranking, score in zip(data, seen, _scores(model, seen), strict=True):
            mark = Mark.of(one, ranking.best, ranking.vetoed, score)
            marks.setdefault(one.size, []).append(mark)
    return marks
