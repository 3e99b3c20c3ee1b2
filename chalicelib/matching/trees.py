"""Boosted trees without a library: a reviewed text table, evaluated with bit masks.

The table has one tree a line, in prefix order: `7<0.53` is a split (feature 7, "at most 0.53" goes
left), `=0.12` a leaf. Evaluation follows QuickScorer (Lucchese et al., SIGIR 2015): each split that
sends a value to the right strikes out the leaves on its left; the first leaf that is left is the
tree's answer. One Python integer holds the leaves of all trees, sixteen bits a tree, so that a
feature costs one bisection and one AND, however many trees ask about it.
"""

import math
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import getitem
from typing import Final

LEAVES: Final = 16  # at most: bits of a tree
LANE_BYTES: Final = LEAVES // 8


class _Tree:
    """One tree read from its line: the leaves from left to right and the splits' masks."""

    def __init__(self, line: str) -> None:
        self.leaves: list[float] = []
        self.splits: list[tuple[int, float, int]] = []  # feature, threshold, leaves on the left
        self._read(iter(line.split()))

    def _read(self, tokens: Iterator[str]) -> None:
        token = next(tokens)
        if token.startswith("="):
            self.leaves.append(float(token[1:]))
            return
        feature, _, threshold = token.partition("<")
        first = len(self.leaves)
        self._read(tokens)
        left = (1 << len(self.leaves)) - (1 << first)
        self.splits.append((int(feature), float(threshold), left))
        self._read(tokens)


class Trees:
    """A sum of trees, as a probability."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Read a table. Raises ValueError for a tree of more than `LEAVES` leaves."""
        trees = [_Tree(line) for line in lines]
        if sys.byteorder == "big":  # lanes are read from the other end there
            trees.reverse()
        if any(len(tree.leaves) > LEAVES for tree in trees):
            raise ValueError(f"a tree has more than {LEAVES} leaves")
        self._size = len(trees)
        self._ones = sum(1 << LEAVES * number for number in range(self._size))
        self._full = (1 << LEAVES * self._size) - 1
        self._answers = [
            {1 << number: value for number, value in enumerate(tree.leaves)} for tree in trees
        ]
        self._features = [
            (feature, *self._masks(splits)) for feature, splits in _by_feature(trees).items()
        ]

    def _masks(self, splits: list[tuple[float, int, int]]) -> tuple[list[float], list[int]]:
        """Thresholds in ascending order; what is left after the first 0, 1, 2, … of them."""
        kept = self._full
        masks = [kept]
        for _, tree, left in splits:
            kept &= ~(left << LEAVES * tree)
            masks.append(kept)
        return [threshold for threshold, _, _ in splits], masks

    def score(self, values: Sequence[float]) -> float:
        """The probability for one row of features."""
        left = self._full
        for feature, thresholds, masks in self._features:
            left &= masks[bisect_left(thresholds, values[feature])]
        first = left & ((left - self._ones) ^ self._full)  # the lowest bit of each tree
        lanes = memoryview(first.to_bytes(LANE_BYTES * self._size, sys.byteorder)).cast("H")
        total = sum(map(getitem, self._answers, lanes))
        return 1.0 / (1.0 + math.exp(-total))


def _by_feature(trees: Sequence[_Tree]) -> dict[int, list[tuple[float, int, int]]]:
    """Feature -> (threshold, tree, leaves on the left) in ascending order of threshold."""
    found: dict[int, list[tuple[float, int, int]]] = {}
    for number, tree in enumerate(trees):
        for feature, threshold, left in tree.splits:
            found.setdefault(feature, []).append((threshold, number, left))
    for splits in found.values():
        splits.sort()
    return found
