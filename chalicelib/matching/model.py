"""The fitted weights: three tables of trees and the thresholds, read once."""

import json
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from .pairs import FEATURES
from .standing import STANDING
from .trees import Trees

WEIGHTS: Final = Path(__file__).parent / "weights"


TABLES: Final = ("pair.trees", "decision.trees", "decision_small.trees")
"""The tables of trees as text, as `Model` has them."""


class ModelUnusable(Exception):
    """The weights were fitted for other features than this code computes."""


class Model(NamedTuple):
    """What decides: the pair's score, the decision's score, and where the lines are drawn."""

    version: str
    pair: Trees
    decision: Trees
    decision_small: Trees  # the same where the registry is smaller than the reference
    matched_from: float  # decision score from which a match needs no person
    matched_from_small: float  # the same where it is smaller
    review_from: float  # pair score from which a person sees a candidate, if any is as good

    def decides(self, borrowed: float) -> tuple[Trees, float]:
        """What decides in an index that borrows so much (`Index.borrowed`), and from which score
        on its word is enough. One that borrows at all lacks other sites of those it knows.
        """
        if borrowed > 0:
            return self.decision_small, self.matched_from_small
        return self.decision, self.matched_from


def load_model(folder: Path) -> Model:
    """Read the weights in `folder`. Raises ModelUnusable when they do not fit this code."""
    settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if settings["pair_features"] != list(FEATURES):
        raise ModelUnusable("pair features differ: run `make train-matcher`")
    if settings["decision_features"] != list(STANDING):
        raise ModelUnusable("decision features differ: run `make train-matcher`")
    pair, decision, decision_small = (
        Trees((folder / packed_name(name)).read_bytes()) for name in TABLES
    )
    return Model(
        version=settings["version"],
        pair=pair,
        decision=decision,
        decision_small=decision_small,
        matched_from=settings["matched_from"],
        matched_from_small=settings["matched_from_small"],
        review_from=settings["review_from"],
    )


def packed_name(table: str) -> str:
    """The file with the packed form of a table; the text beside it is what people review."""
    return table.replace(".trees", ".packed")


@cache
def shipped_model() -> Model:
    """The weights that came with this version of the code."""
    return load_model(WEIGHTS)
