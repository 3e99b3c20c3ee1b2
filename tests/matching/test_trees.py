"""The tree evaluator against a plain walk through the same trees."""

import math
import random

import pytest

from chalicelib.matching.trees import LEAVES, Trees
from infra.train_matcher.weights import Node, table


def leaf(value: float) -> Node:
    return {"leaf_value": value}


def split(feature: int, threshold: float, left: Node, right: Node) -> Node:
    return {
        "split_feature": feature,
        "threshold": threshold,
        "left_child": left,
        "right_child": right,
    }


def grown(rng: random.Random, leaves: int) -> Node:
    """A random tree as LightGBM dumps it."""
    if leaves == 1:
        return leaf(round(rng.uniform(-1, 1), 3))
    left = rng.randrange(1, leaves)
    threshold = rng.choice((0.0, 0.5, round(rng.uniform(-2, 2), 3)))
    return split(rng.randrange(5), threshold, grown(rng, left), grown(rng, leaves - left))


def walked(node: Node, row: list[float]) -> float:
    """The leaf of one tree by walking down."""
    if "leaf_value" in node:
        return float(str(node["leaf_value"]))
    side = "left" if row[int(str(node["split_feature"]))] <= float(str(node["threshold"])) else ""
    child = node[f"{side or 'right'}_child"]
    assert isinstance(child, dict)
    return walked(child, row)


def test_scores_equal_a_plain_walk() -> None:
    seed = 4
    rng = random.Random(seed)
    forest = [grown(rng, rng.randrange(1, LEAVES + 1)) for _ in range(60)]
    trees = Trees(table(forest))
    for _ in range(300):
        row = [rng.choice((0.0, 0.5, rng.uniform(-2, 2))) for _ in range(5)]
        total = sum(walked(tree, row) for tree in forest)
        assert trees.score(row) == pytest.approx(1 / (1 + math.exp(-total))), f"seed {seed}"


def test_a_value_on_the_threshold_goes_left() -> None:
    trees = Trees(table([split(0, 0.5, leaf(-1), leaf(1))]))
    assert trees.score([0.5]) < 0.5
    assert trees.score([0.51]) > 0.5


def test_the_leaves_of_several_fits_are_shared_out() -> None:
    trees = Trees(table([leaf(3.0), leaf(1.0)], 0.5))
    assert trees.score([]) == pytest.approx(1 / (1 + math.exp(-2)))


def test_a_tree_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 16 leaves"):
        Trees(table([grown(random.Random(1), LEAVES + 1)]))
