"""Boosted trees without a library: a text table, evaluated with bit masks.

Evaluation follows QuickScorer (Lucchese et al., SIGIR 2015): each split that sends a value to the
right strikes out the leaves on its left; the first leaf that is left is the tree's answer. One
Python integer holds the leaves of all trees, sixteen bits a tree, so that a feature costs one
bisection and one AND, however many trees ask about it.

The table is written in the order in which it is evaluated, because it is read at every cold start:
a line `tree` with the leaves of each tree from left to right, then, for each feature, three lines:
`split` with the feature's number and the thresholds in ascending order ("at most this" goes left),
the tree of each split, and the leaves on the left of each split as bits.
"""

import math
import sys
from bisect import bisect_left
from collections.abc import Sequence
from operator import getitem
from typing import Final

LEAVES: Final = 16  # at most: bits of a tree
_LANE_BYTES: Final = LEAVES // 8


class Trees:
    """A sum of trees, as a probability."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Read a table. Raises ValueError for a tree of more than `LEAVES` leaves."""
        trees = [line.split()[1:] for line in lines if line.startswith("tree")]
        if any(len(leaves) > LEAVES for leaves in trees):
            raise ValueError(f"a tree has more than {LEAVES} leaves")
        self._size = len(trees)
        bits = [1 << number for number in range(LEAVES)]
        self._answers = [dict(zip(bits, map(float, leaves), strict=False)) for leaves in trees]
        if sys.byteorder == "big":  # lanes are read from the other end there
            self._answers.reverse()
        self._ones = sum(1 << LEAVES * number for number in range(self._size))
        self._full = (1 << LEAVES * self._size) - 1
        self._features = [
            self._feature(lines[number : number + 3])
            for number, line in enumerate(lines)
            if line.startswith("split")
        ]

    def _feature(self, lines: Sequence[str]) -> tuple[int, list[float], list[int]]:
        """A feature, its thresholds, and what is left after the first 0, 1, 2, … of them."""
        _, feature, *thresholds = lines[0].split()
        kept = self._full
        masks = [kept]
        for tree, left in zip(map(int, lines[1].split()), map(int, lines[2].split()), strict=True):
            kept &= ~(left << LEAVES * tree)
            masks.append(kept)
        return int(feature), list(map(float, thresholds)), masks

    def score(self, values: Sequence[float]) -> float:
        """The probability for one row of features."""
        left = self._full
        for feature, thresholds, masks in self._features:
            left &= masks[bisect_left(thresholds, values[feature])]
        first = left & ((left - self._ones) ^ self._full)  # the lowest bit of each tree
        lanes = memoryview(first.to_bytes(_LANE_BYTES * self._size, sys.byteorder)).cast("H")
        total = sum(map(getitem, self._answers, lanes))
        return 1.0 / (1.0 + math.exp(-total))
