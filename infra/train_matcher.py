"""Fit the matcher's two models and write their weights: `make train-matcher`.

    python -m infra.train_matcher --registry FILE --queries FILE [--out DIR] [--report]

The first model says whether a query and one record are the same factory; the second, whether the
best record is right, seen beside its rivals. Both also learn from queries whose factory was taken
out of the registry, which is what most wrong answers would come from. Everything is scored by
cross-validation over factories; the threshold of `matched` is chosen on those scores, never on what
a model was fitted to. Needs requirements-train.txt; the product does not.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import lightgbm
import numpy as np  # type: ignore[import-not-found, unused-ignore]
from rapidfuzz import fuzz

from bench.matching.files import Case, case_of, facilities, read_cases, read_registry
from bench.matching.generate import benchmark, twins_of, with_twins
from bench.matching.queries import Row, questions
from bench.matching.score import Answer, tallies
from chalicelib.matching.decision import ranked_by_facility, vetoes
from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.model import WEIGHTS
from chalicelib.matching.names import parse_name
from chalicelib.matching.pairs import AT, FEATURES, Asked
from chalicelib.matching.places import parse_place
from chalicelib.matching.search import Found, find, surprise
from chalicelib.matching.standing import STANDING, standing_features

FOLDS = 5
REMOVALS = 4  # registries from which a quarter of the asked factories is missing
SEED = 20260101
MADE = 3_000
TARGET_PRECISION = 0.9955
LOST_SHARE = 0.003
MADE_WEIGHT, NATURAL_WEIGHT = 0.5, 2.5
LIKELY = 6  # candidates of a query that may come out best
RISING = frozenset(
    [
        "query_covered",
        "entry_covered",
        "exact_bits",
        "joined",
        "joined_start",
        "word_set",
        "word_sort",
        "heard",
        "bones",
        "trades",
        "families",
        "country_equal",
        "place_set",
        "place_covered",
        "numbers",
        "han",
        "native",
        "han_place",
        "place_bits",
        "unit_equal",
    ]
)
FALLING = frozenset(
    [
        "missed_query",
        "missed_entry",
        "edits",
        "edit_share",
        "family_conflict",
        "unit_conflict",
        "unit_only_query",
        "country_conflict",
        "country_word_conflict",
        "numbers_conflict",
        "length_gap",
        "fuzzy_known",
        "hint_missed",
        "second",
        "strong",
        "weak",
        "mass",
        "twins",
        "near_names",
    ]
)


@dataclass(frozen=True)
class Sample:
    """One query against one registry: its candidates, and which of them are right."""

    case: Case
    asked: Asked
    found: list[Found]
    right: frozenset[str]
    surprise: dict[str, tuple[float, float, float]]
    weight: float
    made: bool  # by the generator, not from the query file
    gone: bool  # its factory was taken out of the registry

    @property
    def fold(self) -> int:
        return crc32(self.case.fid.encode()) % FOLDS


def _removal_group(case: Case) -> int:
    return crc32(b"gone" + case.fid.encode()) % REMOVALS


def made_cases(rows: Sequence[Row], count: int) -> list[Case]:
    """Questions of the generator about `count` factories of the registry.

    Latin names are asked more often than native Chinese ones: they have more ways to go wrong.
    """
    rng = random.Random(SEED)  # noqa: S311
    latin = [row for row in rows if row.name.isascii()]
    han = [row for row in rows if not row.name.isascii()]
    chosen = rng.sample(latin, min(len(latin), count * 2 // 3))
    chosen += rng.sample(han, min(len(han), count // 3))
    twins = twins_of(rows)
    return [
        with_twins(case_of(question, f"made{i}-{j}", present=True), row, twins)
        for i, row in enumerate(chosen)
        for j, question in enumerate(questions(row, rng, 2))
    ]


def sample(index: Index, case: Case, *, gone: bool, made: bool) -> Sample | None:
    if not case.query.name or case.soft:
        return None
    asked, found = find((index,), case.query)
    if not found:
        return None
    right = frozenset() if gone or not case.answerable else case.truth
    likely = sorted(found, key=lambda one: -one.features[AT["joined"]])[:LIKELY]
    rare = {one.entry.facility_id: surprise(index, one.entry) for one in likely}
    natural = case.kind.startswith("nat")
    weight = MADE_WEIGHT if made else NATURAL_WEIGHT if natural else 1.0
    return Sample(case, asked, found, right, rare, weight, made, gone)


def duplicates(rows: Sequence[Row]) -> dict[str, frozenset[str]]:
    """Ids of rows that repeat another row's name at what looks like the same address."""
    by_name: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        place = " ".join(parse_place(row.address).words)
        name = parse_name(row.name)
        by_name.setdefault(f"{''.join(name.proper)}|{row.country}", []).append((row.id, place))
    return {
        one: frozenset(
            other
            for other, there in group
            if other != one and fuzz.token_set_ratio(place, there) > 75
        )
        for group in by_name.values()
        if len(group) > 1
        for one, place in group
    }


def samples(rows: Sequence[Row], cases: Sequence[Case], made: Sequence[Case]) -> list[Sample]:
    """Every case against the whole registry, and against one without its factory."""
    every = [(case, False) for case in cases if not case.kind.startswith("osid")]
    every += [(case, True) for case in made]
    out: list[Sample | None] = []
    doubles = duplicates(rows)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        build_index(facilities(rows), whole, version="train")
        index = Index.open(whole)
        out += [sample(index, case, gone=False, made=m) for case, m in every]
        for group in range(REMOVALS):
            asked = [(c, m) for c, m in every if c.answerable and _removal_group(c) == group]
            named = frozenset(i for case, _ in asked for i in case.truth | case.also)
            gone = named.union(*(doubles.get(one, frozenset()) for one in named))
            path = Path(folder) / f"without{group}"
            build_index(facilities(rows, gone), path, version="train")
            index = Index.open(path)
            out += [sample(index, case, gone=True, made=m) for case, m in asked]
    return [one for one in out if one is not None]


def _directions(names: Sequence[str]) -> list[int]:
    plain = [name.removeprefix("best_") for name in names]
    return [1 if name in RISING else -1 if name in FALLING else 0 for name in plain]


@dataclass(frozen=True)
class Size:
    """How large a model is: `seeds` fits of `trees` trees each, their raw scores averaged."""

    trees: int
    leaves: int
    rate: float
    seeds: int = 1


PAIR_TREES = Size(trees=300, leaves=15, rate=0.06)
DECISION_TREES = Size(trees=350, leaves=11, rate=0.04, seeds=4)


@dataclass(frozen=True)
class Ensemble:
    """Fits that differ in their seed only."""

    fits: list[lightgbm.LGBMClassifier]

    def probability(self, x: np.ndarray) -> np.ndarray:
        raw = np.mean([fit.predict(x, raw_score=True) for fit in self.fits], axis=0)
        return 1.0 / (1.0 + np.exp(-raw))

    def lines(self) -> list[str]:
        """The trees as chalicelib.matching.trees reads them."""
        return [
            _line(tree["tree_structure"], len(self.fits))
            for fit in self.fits
            for tree in fit.booster_.dump_model()["tree_info"]
        ]


def _line(node: dict[str, object], fits: int) -> str:
    """One LightGBM tree in prefix order, its leaves shared out among the fits."""
    if "leaf_value" in node:
        return f"={float(str(node['leaf_value'])) / fits:.5g}"
    left, right = node["left_child"], node["right_child"]
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    split = f"{node['split_feature']}<{node['threshold']:.7g}"
    return f"{split} {_line(left, fits)} {_line(right, fits)}"


def _fit(
    table: Table, rows: object, names: Sequence[str], size: Size, seed: int
) -> lightgbm.LGBMClassifier:
    model = lightgbm.LGBMClassifier(
        n_estimators=size.trees,
        num_leaves=size.leaves,
        learning_rate=size.rate,
        min_child_samples=40,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.6,
        reg_lambda=5.0,
        monotone_constraints=_directions(names),
        monotone_constraints_method="basic",
        random_state=SEED + seed,
        n_jobs=1,
        deterministic=True,
        verbose=-1,
    )
    return model.fit(table.x[rows], table.y[rows], sample_weight=table.weight[rows])


@dataclass(frozen=True)
class Table:
    """Rows for one model."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    owner: np.ndarray  # index of the sample a row belongs to
    fold: np.ndarray

    def fit(self, names: Sequence[str], size: Size, rows: object) -> Ensemble:
        return Ensemble([_fit(self, rows, names, size, seed) for seed in range(size.seeds)])


def pair_table(data: Sequence[Sample]) -> Table:
    """One row a candidate; of two factories that fit equally well both are right here."""
    rows = [
        (found.features, found.entry.facility_id in one.case.truth, one.weight, i, one.fold)
        for i, one in enumerate(data)
        for found in one.found
        if found.entry.facility_id not in one.case.also - one.case.truth
    ]
    return _table(rows)


def decision_table(
    data: Sequence[Sample], standings: Sequence[Sequence[float]], best: Sequence[str]
) -> Table:
    """One row a query: whether its best candidate is right."""
    rows = [
        (standings[i], best[i] in one.right, one.weight, i, one.fold)
        for i, one in enumerate(data)
        if best[i] in one.right or best[i] not in one.case.also
    ]
    return _table(rows)


def _table(rows: Sequence[tuple[Sequence[float], bool, float, int, int]]) -> Table:
    x, y, weight, owner, fold = zip(*rows, strict=True)
    return Table(
        np.asarray(x),
        np.asarray(y, np.int8),
        np.asarray(weight, np.float32),
        np.asarray(owner),
        np.asarray(fold),
    )


def scores_by_fold(
    table: Table,
    features: Sequence[np.ndarray],
    folds: np.ndarray,
    names: Sequence[str],
    size: Size,
) -> list[np.ndarray]:
    """Each sample's scores by a model that has not seen its factory."""
    out: list[np.ndarray] = [np.zeros(0)] * len(features)
    for fold in range(FOLDS):
        model = table.fit(names, size, table.fold != fold)
        mine = [i for i in range(len(features)) if folds[i] == fold]
        flat = model.probability(np.vstack([features[i] for i in mine]))
        start = 0
        for i in mine:
            out[i] = flat[start : start + len(features[i])]
            start += len(features[i])
    return out


@dataclass(frozen=True)
class Judged:
    """Every sample's best candidate, seen by models that do not know its factory."""

    best: list[str]
    shown: list[list[str]]
    pair: np.ndarray  # score of the best candidate by the first model
    decision: np.ndarray
    vetoed: np.ndarray
    standings: list[list[float]]


def judged(data: Sequence[Sample]) -> Judged:
    """Scores of both models by cross-validation over factories."""
    folds = np.asarray([one.fold for one in data])
    rows = [np.asarray([found.features for found in one.found]) for one in data]
    pair = scores_by_fold(pair_table(data), rows, folds, FEATURES, PAIR_TREES)
    ranked = [ranked_by_facility(one.found, scores) for one, scores in zip(data, pair, strict=True)]
    standings = [
        standing_features(
            one.asked, r, one.surprise.get(r[0][0].entry.facility_id, (0.0, 0.0, 0.0))
        )
        for one, r in zip(data, ranked, strict=True)
    ]
    best = [r[0][0].entry.facility_id for r in ranked]
    table = decision_table(data, standings, best)
    single = [np.asarray([standing]) for standing in standings]
    decision = scores_by_fold(table, single, folds, STANDING, DECISION_TREES)
    return Judged(
        best=best,
        shown=[[found.entry.facility_id for found, _ in r] for r in ranked],
        pair=np.asarray([r[0][1] for r in ranked]),
        decision=np.asarray([scores[0] for scores in decision]),
        vetoed=np.asarray([any(vetoes(one.asked, r)) for one, r in zip(data, ranked, strict=True)]),
        standings=standings,
    )


def matched_threshold(data: Sequence[Sample], seen: Judged) -> tuple[float, dict[str, float]]:
    """The lowest decision score that keeps TARGET_PRECISION on the query file, and its figures."""
    real = [i for i, one in enumerate(data) if not one.made and not one.gone]
    answerable = sum(data[i].case.answerable for i in real)
    right = wrong = 0
    best = (1.0, {"precision": 1.0, "recall": 0.0, "wrong": 0.0})
    for i in sorted(real, key=lambda i: -seen.decision[i]):
        case = data[i].case
        if seen.vetoed[i]:
            continue
        if seen.best[i] in data[i].right:
            right += 1
        elif seen.best[i] not in case.also:
            wrong += 1
        if right and right / (right + wrong) >= TARGET_PRECISION:
            figures = {
                "precision": round(right / (right + wrong), 5),
                "recall": round(right / answerable, 4),
                "wrong": float(wrong),
            }
            best = (float(seen.decision[i]), figures)
    return best


def review_threshold(data: Sequence[Sample], seen: Judged) -> float:
    """The pair score below which no more than LOST_SHARE of the answerable queries lie."""
    scores = sorted(
        seen.pair[i]
        for i, one in enumerate(data)
        if one.case.answerable and not one.made and not one.gone
    )
    return float(scores[int(LOST_SHARE * len(scores))])


def write_weights(out: Path, data: Sequence[Sample], seen: Judged) -> dict[str, object]:
    """Fit both models on everything and write them with thresholds and figures to `out`."""
    everything = slice(None)
    pair = pair_table(data).fit(FEATURES, PAIR_TREES, everything)
    decision = decision_table(data, seen.standings, seen.best).fit(
        STANDING, DECISION_TREES, everything
    )
    matched_from, figures = matched_threshold(data, seen)
    out.mkdir(parents=True, exist_ok=True)
    texts = {"pair.trees": pair.lines(), "decision.trees": decision.lines()}
    for name, lines in texts.items():
        (out / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    version = f"{crc32(repr(texts).encode()):08x}"
    settings = {
        "version": version,
        "matched_from": round(matched_from, 6),
        "review_from": round(review_threshold(data, seen), 6),
        "cross_validation": figures,
        "samples": len(data),
        "pair_features": list(FEATURES),
        "decision_features": list(STANDING),
    }
    text = json.dumps(settings, indent=1, ensure_ascii=False) + "\n"
    (out / "model.json").write_text(text, encoding="utf-8")
    return settings


def report(data: Sequence[Sample], seen: Judged, threshold: float) -> None:
    """Print the cross-validated figures by group, and the wrong matches."""
    real = [i for i, one in enumerate(data) if not one.made and not one.gone]
    answers = [
        Answer(
            "matched" if seen.decision[i] >= threshold and not seen.vetoed[i] else "review",
            seen.best[i],
            tuple(seen.shown[i]),
            float(seen.decision[i]),
            0.0,
        )
        for i in real
    ]
    for name, tally in tallies([data[i].case for i in real], answers).items():
        print(f"{name:20s} {json.dumps(tally.figures())}")
        if name == "all":
            print(*tally.false_matches, sep="\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--registry", type=Path, help="registry rows (default: synthetic)")
    parser.add_argument("--queries", type=Path, help="query rows with their answers")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--made", type=int, default=MADE, help="factories the generator asks about")
    given = parser.parse_args(arguments)
    if given.registry and given.queries:
        rows, cases = list(read_registry(given.registry)), list(read_cases(given.queries))
    else:
        made = benchmark(10_000, 3_000, SEED)
        rows, cases = made.rows, made.cases
    data = samples(rows, cases, made_cases(rows, given.made))
    seen = judged(data)
    settings = write_weights(given.out, data, seen)
    report(data, seen, float(str(settings["matched_from"])))
    print(settings["version"], settings["cross_validation"])


if __name__ == "__main__":
    main()
