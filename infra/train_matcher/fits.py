"""Boosted trees for both models, with what is known beforehand about the directions of features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np  # type: ignore[import-not-found, unused-ignore]

from .samples import SEED


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A feature of these can only speak for a match, or only against it, all else being equal.
RISING = _names(
    "query_covered entry_covered exact_bits joined joined_start word_set word_sort heard bones"
    " trades families country_equal place_set place_covered numbers han native han_place"
    " place_bits unit_equal whole place_held place_alike place_alike_back town_share"
    " numbers_shared place_text place_bits_said"
)
FALLING = _names(
    "missed_query missed_entry edits edit_share family_conflict unit_conflict unit_only_query"
    " country_conflict country_word_conflict numbers_conflict length_gap fuzzy_known hint_missed"
    " second second_written strong weak mass twins near_names country_words_lacking covering heads"
    " tails sounds borrowed same_words han_twins others_han"
)


@dataclass(frozen=True)
class Size:
    """How large a model is: `seeds` fits of `trees` trees each, their raw scores averaged."""

    trees: int
    leaves: int
    rate: float
    seeds: int = 1


@dataclass(frozen=True)
class Table:
    """Rows for one model."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    fold: np.ndarray

    def without(self, folds: frozenset[int]) -> np.ndarray:
        """Which rows lie in none of the folds."""
        return ~np.isin(self.fold, sorted(folds))


@dataclass(frozen=True)
class Ensemble:
    """Fits that differ in their seed only."""

    fits: list[lightgbm.Booster]

    def probability(self, x: np.ndarray) -> np.ndarray:
        raw = np.mean([fit.predict(x, raw_score=True) for fit in self.fits], axis=0)
        return np.asarray(1.0 / (1.0 + np.exp(-raw)))

    def trees(self) -> list[dict[str, object]]:
        """LightGBM's dump of every tree; each counts one part in `len(fits)`."""
        return [
            tree["tree_structure"] for fit in self.fits for tree in fit.dump_model()["tree_info"]
        ]


def _directions(names: Sequence[str]) -> list[int]:
    plain = [name.removeprefix("best_") for name in names]
    return [1 if name in RISING else -1 if name in FALLING else 0 for name in plain]


def _parameters(names: Sequence[str], size: Size, seed: int) -> dict[str, object]:
    return {
        "objective": "binary",
        "num_leaves": size.leaves,
        "learning_rate": size.rate,
        "min_data_in_leaf": 40,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.6,
        "lambda_l2": 5.0,
        "max_bin": 63,
        "monotone_constraints": _directions(names),
        "monotone_constraints_method": "basic",
        "seed": SEED + seed,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }


def fit(table: Table, names: Sequence[str], size: Size, without: frozenset[int]) -> Ensemble:
    """A model that has not seen the folds `without`."""
    rows = table.without(without)
    x, y, weight = table.x[rows], table.y[rows], table.weight[rows]
    fits = []
    for seed in range(size.seeds):
        data = lightgbm.Dataset(x, y, weight=weight, free_raw_data=False)
        fits.append(lightgbm.train(_parameters(names, size, seed), data, size.trees))
    return Ensemble(fits)
