"""The fitted weights: two tables of trees and the thresholds, read once."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .pairs import FEATURES
from .standing import STANDING
from .trees import Trees

WEIGHTS: Final = Path(__file__).parent / "weights"
MUCH_BORROWED: Final = 1.7  # an index of less than a fifth of the reference is small


class ModelUnusable(Exception):
    """The weights were fitted for other features than this code computes."""


@dataclass(frozen=True, slots=True)
class Model:
    """What decides: the pair's score, the decision's score, and where the lines are drawn."""

    version: str
    pair: Trees
    decision: Trees
    matched_from: float  # decision score from which a match needs no person
    matched_from_small: float  # the same in a small registry, where others may be missing
    review_from: float  # pair score of the best candidate from which a person looks at all

    def threshold(self, borrowed: float) -> float:
        """The score of a match in an index that borrows so much (`Index.borrowed`)."""
        return self.matched_from if borrowed < MUCH_BORROWED else self.matched_from_small


def load_model(folder: Path) -> Model:
    """Read the weights in `folder`. Raises ModelUnusable when they do not fit this code."""
    settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if settings["pair_features"] != list(FEATURES):
        raise ModelUnusable("pair features differ: run `make train-matcher`")
    if settings["decision_features"] != list(STANDING):
        raise ModelUnusable("decision features differ: run `make train-matcher`")
    return Model(
        version=settings["version"],
        pair=Trees((folder / "pair.trees").read_text(encoding="utf-8").splitlines()),
        decision=Trees((folder / "decision.trees").read_text(encoding="utf-8").splitlines()),
        matched_from=settings["matched_from"],
        matched_from_small=settings["matched_from_small"],
        review_from=settings["review_from"],
    )


@cache
def shipped_model() -> Model:
    """The weights that came with this version of the code."""
    return load_model(WEIGHTS)
