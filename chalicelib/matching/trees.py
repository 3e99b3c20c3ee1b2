"""Boosted trees without a library: packed tables, evaluated with bit masks.

`tree_table` packs a table from the text that people review. Evaluation follows QuickScorer
(Lucchese et al., SIGIR 2015): each split that sends a value to the right strikes out the leaves on
its left; the first leaf that is left is the tree's answer. One Python integer holds the leaves of
all trees, sixteen bits a tree, so that a feature costs one bisection and one AND, however many
trees ask about it. What is left after the first 0, 1, 2, … thresholds of a feature is put together
when a value first falls there: a loaded table is a few arrays, and most of those integers are never
asked for.
"""

import math
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from operator import getitem
from typing import Final

LEAVES: Final = 16  # at most: bits of a tree
LANE_BYTES: Final = LEAVES // 8
_LOW: Final = bytes(max(byte.bit_length() - 1, 0) for byte in range(256))
_HIGH: Final = bytes(byte.bit_length() + 7 if byte else 0 for byte in range(256))

# Number, thresholds, masks, and what makes a mask that is still `None`.
_Unpacked = tuple[int, "array[float]", list[int | None], Callable[[int], int]]


class Reader:
    """Takes one array after the other from a packed table; all numbers are little-endian."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, kind: str, count: int) -> "array[int]":
        """The next `count` numbers of an `array` type code."""
        taken = array(kind)
        past = self._at + taken.itemsize * count
        taken.frombytes(self._content[self._at : past])
        self._at = past
        if sys.byteorder != "little":
            taken.byteswap()
        return taken

    def floats(self, count: int) -> "array[float]":
        return self.take("d", count)  # type: ignore[return-value]


class _Feature:
    """The splits that ask about one feature, in ascending order of threshold."""

    __slots__ = ("_bytes", "_left", "_ranks", "_trees", "masks", "number", "thresholds")

    def __init__(
        self,
        number: int,
        thresholds: "array[float]",
        splits: "tuple[array[int], array[int], array[int]]",
        trees: int,
    ) -> None:
        self.number = number
        self.thresholds = thresholds  # each once and packed: a bisection mostly waits for memory
        self._ranks, self._trees, self._left = splits
        self._bytes = LANE_BYTES * trees
        self.masks: list[int | None] = [None] * (len(thresholds) + 1)

    def mask(self, passed: int) -> int:
        """The leaves that are left when the first `passed` thresholds send a value to the right."""
        lanes = bytearray(b"\xff" * self._bytes)
        for split in range(bisect_left(self._ranks, passed)):
            tree, left = self._trees[split], self._left[split]
            lanes[2 * tree] &= ~left & 0xFF
            lanes[2 * tree + 1] &= ~left >> 8 & 0xFF
        made = self.masks[passed] = int.from_bytes(lanes, "little")
        return made


class Trees:
    """A sum of trees, as a probability."""

    def __init__(self, content: bytes) -> None:
        """Read a table of `tree_table.packed`."""
        read = Reader(content)
        self._size, features, thresholds, splits, leaves = read.take("I", 5)
        self._bytes = LANE_BYTES * self._size
        self._ones = int.from_bytes(b"\x01\x00" * self._size, "little")
        self._full = (1 << LEAVES * self._size) - 1
        numbers, of_thresholds, of_splits = (read.take("H", features) for _ in range(3))
        of_leaves = read.take("H", self._size)
        values, answers = read.floats(thresholds), read.floats(leaves)
        ranks, trees, left = (read.take("H", splits) for _ in range(3))
        # Unpacking a tuple is quicker than looking up three attributes, a thousand times a query.
        self._features: list[_Unpacked] = []
        at = first = 0
        for number, distinct, asked in zip(numbers, of_thresholds, of_splits, strict=True):
            mine = slice(first, first + asked)
            one = _Feature(
                number,
                values[at : at + distinct],
                (ranks[mine], trees[mine], left[mine]),
                self._size,
            )
            self._features.append((one.number, one.thresholds, one.masks, one.mask))
            at, first = at + distinct, first + asked
        self._answers = _cut(answers, of_leaves)

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


def _cut(answers: "array[float]", of_leaves: Iterable[int]) -> list[tuple[float, ...]]:
    """The leaves of each tree."""
    past = list(accumulate(of_leaves, initial=0))
    return [tuple(answers[start:end]) for start, end in pairwise(past)]
