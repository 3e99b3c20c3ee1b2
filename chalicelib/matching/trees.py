"""Boosted trees without a library: a reviewed text table, evaluated with bit masks.

The table has one tree a line, in prefix order: `7<0.53` is a split (feature 7, "at most 0.53" goes
left), `=0.12` a leaf. Evaluation follows QuickScorer (Lucchese et al., SIGIR 2015): each split that
sends a value to the right strikes out the leaves on its left; the first leaf that is left is the
tree's answer. One Python integer holds the leaves of all trees, sixteen bits a tree, so that a
feature costs one bisection and one AND, however many trees ask about it. What is left after the
first 0, 1, 2, … thresholds of a feature is put together when a value first falls there: a loaded
table is a few lists of numbers, and most of those integers are never asked for.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from operator import getitem
from typing import Final

LEAVES: Final = 16  # at most: bits of a tree
LANE_BYTES: Final = LEAVES // 8
_LOW: Final = bytes(max(byte.bit_length() - 1, 0) for byte in range(256))
_HIGH: Final = bytes(byte.bit_length() + 7 if byte else 0 for byte in range(256))

_Split = tuple[float, int, int]  # threshold, tree, bits of the leaves on its left
# Number, thresholds, masks, and what makes a mask that is still `None`.
_Unpacked = tuple[int, "array[float]", list[int | None], Callable[[int], int]]


class _Feature:
    """The splits that ask about one feature, in ascending order of threshold."""

    def __init__(self, number: int, splits: list[_Split], trees: int) -> None:
        self.number = number
        # Each once and packed: most of a bisection's time is waiting for memory.
        self.thresholds = array("d", dict.fromkeys([split[0] for split in splits]))
        self._splits = splits
        self._bytes = LANE_BYTES * trees
        self.masks: list[int | None] = [None] * (len(self.thresholds) + 1)

    def mask(self, passed: int) -> int:
        """The leaves that are left when the first `passed` thresholds send a value to the right."""
        lanes = bytearray(b"\xff" * self._bytes)
        last = self.thresholds[passed - 1]
        for threshold, tree, left in self._splits:
            if threshold > last:
                break
            lanes[2 * tree] &= ~left & 0xFF
            lanes[2 * tree + 1] &= ~left >> 8 & 0xFF
        made = self.masks[passed] = int.from_bytes(lanes, "little")
        return made


class Trees:
    """A sum of trees, as a probability."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Read a table. Raises ValueError for a tree of more than `LEAVES` leaves."""
        self._size = len(lines)
        self._bytes = LANE_BYTES * self._size
        self._ones = int.from_bytes(b"\x01\x00" * self._size, "little")
        self._full = (1 << LEAVES * self._size) - 1
        splits: dict[str, list[_Split]] = {}
        known = _Leaves()
        self._answers = [_read(line, number, splits, known) for number, line in enumerate(lines)]
        if any(len(leaves) > LEAVES for leaves in self._answers):
            raise ValueError(f"a tree has more than {LEAVES} leaves")
        features = [
            _Feature(int(feature), sorted(found), self._size) for feature, found in splits.items()
        ]
        # Unpacking a tuple is quicker than looking up three attributes, a thousand times a query.
        self._features: list[_Unpacked] = [
            (one.number, one.thresholds, one.masks, one.mask) for one in features
        ]

    def score(self, values: Sequence[float]) -> float:
        """The probability for one row of features."""
        return self._answer(_struck(self._full, self._features, values))

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """The probabilities for several rows; features that have one value in all count once."""
        if not rows:
            return []
        same: list[_Unpacked] = []
        differ: list[_Unpacked] = []
        constant = [column.count(column[0]) == len(rows) for column in zip(*rows, strict=True)]
        for feature in self._features:
            (same if constant[feature[0]] else differ).append(feature)
        left = _struck(self._full, same, rows[0])
        return [self._answer(_struck(left, differ, row)) for row in rows]

    def _answer(self, left: int) -> float:
        """The probability when these leaves are left."""
        first = left & ((left - self._ones) ^ self._full)  # the lowest bit of each tree
        total = sum(map(getitem, self._answers, self._leaves(first)))
        return 1.0 / (1.0 + math.exp(-total))

    def _leaves(self, first: int) -> bytes:
        """For each tree the number of the leaf whose bit is set."""
        lanes = first.to_bytes(self._bytes, "little")
        low = int.from_bytes(lanes[::2].translate(_LOW), "little")
        high = int.from_bytes(lanes[1::2].translate(_HIGH), "little")
        return (low | high).to_bytes(self._size, "little")


def _struck(left: int, features: Iterable[_Unpacked], values: Sequence[float]) -> int:
    """What is left of the leaves after the splits of some features."""
    for number, thresholds, masks, make in features:
        passed = bisect_left(thresholds, values[number])
        if passed:
            mask = masks[passed]
            left &= make(passed) if mask is None else mask
    return left


class _Leaves(dict[str, float]):
    """The number of each leaf as it is written; equal ones are one, so that they stay in cache."""

    def __missing__(self, token: str) -> float:
        value = self[token] = float(token[1:])
        return value


def _read(
    line: str, tree: int, splits: dict[str, list[_Split]], known: _Leaves
) -> tuple[float, ...]:
    """The leaves of a tree from left to right; its splits are added under their features.

    In prefix order the leaf that ends a left side is that of the latest split still without one.
    """
    leaves: list[float] = []
    waiting: list[tuple[str, float, int]] = []
    for token in line.split():
        if token[0] != "=":
            feature, _, threshold = token.partition("<")
            waiting.append((feature, float(threshold), len(leaves)))
            continue
        leaves.append(known[token])
        if waiting:
            feature, at, first = waiting.pop()
            left = (1 << len(leaves)) - (1 << first)
            splits.setdefault(feature, []).append((at, tree, left))
    return tuple(leaves)
