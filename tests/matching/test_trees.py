"""The tree evaluator against a plain walk through the same trees."""

import math
import random

import pytest

from chalicelib.matching.model import TABLES, WEIGHTS, packed_name
from chalicelib.matching.tree_table import packed
from chalicelib.matching.trees import LEAVES, Trees


def grown(rng: random.Random, leaves: int) -> str:
    """A random tree in prefix order."""
    if leaves == 1:
        return f"={rng.uniform(-1, 1):.4f}"
    left = rng.randrange(1, leaves)
    threshold = rng.choice((0.0, 0.5, rng.uniform(-2, 2)))
    return f"{rng.randrange(5)}<{threshold} {grown(rng, left)} {grown(rng, leaves - left)}"


def walked(tokens: list[str], row: list[float]) -> float:
    """The leaf of one tree by walking down; consumes the tree's tokens."""
    token = tokens.pop(0)
    if token.startswith("="):
        return float(token[1:])
    feature, _, threshold = token.partition("<")
    left, right = walked(tokens, row), walked(tokens, row)
    return left if row[int(feature)] <= float(threshold) else right


def test_scores_equal_a_plain_walk() -> None:
    seed = 4
    rng = random.Random(seed)
    lines = [grown(rng, rng.randrange(1, LEAVES + 1)) for _ in range(60)]
    trees = Trees(packed(lines))
    assert [trees.score([0.0] * 5)] * 2 == trees.scores([[0.0] * 5] * 2)
    for _ in range(300):
        row = [rng.choice((0.0, 0.5, rng.uniform(-2, 2))) for _ in range(5)]
        total = sum(walked(line.split(), row) for line in lines)
        assert trees.score(row) == pytest.approx(1 / (1 + math.exp(-total))), f"seed {seed}"


def test_a_value_on_the_threshold_goes_left() -> None:
    assert Trees(packed(["0<0.5 =-1 =1"])).score([0.5]) < 0.5
    assert Trees(packed(["0<0.5 =-1 =1"])).score([0.51]) > 0.5


def test_a_tree_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 16 leaves"):
        packed([grown(random.Random(1), LEAVES + 1)])


@pytest.mark.parametrize("table", TABLES)
def test_the_packed_table_is_the_reviewed_text(table: str) -> None:
    lines = (WEIGHTS / table).read_text(encoding="utf-8").splitlines()
    assert (WEIGHTS / packed_name(table)).read_bytes() == packed(lines)
