"""From a reviewed text table of boosted trees to the packed one that `trees` reads in no time.

The text has one tree a line, in prefix order: `7<0.53` is a split (feature 7, "at most 0.53" goes
left), `=0.12` a leaf. The packed table, all numbers little-endian:

    trees, features, thresholds, splits, leaves                             five of four bytes
    of each feature: its number; of each: its thresholds; of each: splits   two bytes each
    of each tree: its leaves                                                two bytes each
    thresholds, ascending within a feature; leaves from left to right       doubles
    of each split: its threshold's place; its tree; bits of leaves on its left   two bytes each
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .trees import LEAVES


class _Split(NamedTuple):
    threshold: float
    tree: int
    left: int  # bits of the leaves on its left


def _read(line: str, tree: int, splits: dict[int, list[_Split]]) -> list[float]:
    """The leaves of a tree from left to right; its splits are added under their features.

    In prefix order the leaf that ends a left side is that of the latest split still without one.
    """
    leaves: list[float] = []
    waiting: list[tuple[int, float, int]] = []
    for token in line.split():
        if token[0] != "=":
            feature, _, threshold = token.partition("<")
            waiting.append((int(feature), float(threshold), len(leaves)))
            continue
        leaves.append(float(token[1:]))
        if waiting:
            number, at, first = waiting.pop()
            left = (1 << len(leaves)) - (1 << first)
            splits.setdefault(number, []).append(_Split(at, tree, left))
    return leaves


def _numbers(kind: str, values: Iterable[float]) -> bytes:
    numbers = array(kind, values)
    if sys.byteorder != "little":
        numbers.byteswap()
    return numbers.tobytes()


def packed(lines: Sequence[str]) -> bytes:
    """The packed table of a text. Raises ValueError for a tree of more than `LEAVES` leaves."""
    splits: dict[int, list[_Split]] = {}
    leaves = [_read(line, number, splits) for number, line in enumerate(lines)]
    if any(len(one) > LEAVES for one in leaves):
        raise ValueError(f"a tree has more than {LEAVES} leaves")
    asked = {number: sorted(found) for number, found in splits.items()}
    thresholds = {n: sorted({split.threshold for split in asked[n]}) for n in asked}
    ranks = {n: {at: rank for rank, at in enumerate(thresholds[n])} for n in asked}
    every = [split for n in asked for split in asked[n]]
    sizes = (len(lines), len(asked), sum(map(len, thresholds.values())), len(every))
    return b"".join(
        (
            _numbers("I", [*sizes, sum(map(len, leaves))]),
            _numbers("H", asked),
            _numbers("H", (len(thresholds[n]) for n in asked)),
            _numbers("H", (len(asked[n]) for n in asked)),
            _numbers("H", map(len, leaves)),
            _numbers("d", (at for n in asked for at in thresholds[n])),
            _numbers("d", (leaf for one in leaves for leaf in one)),
            _numbers("H", (ranks[n][split.threshold] for n in asked for split in asked[n])),
            _numbers("H", (split.tree for split in every)),
            _numbers("H", (split.left for split in every)),
        )
    )
