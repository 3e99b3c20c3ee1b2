"""How common words and letters are beyond a small registry.

How much a shared word says depends on how many factories have it. A registry of a hundred cannot
tell: in it every word is rare. It borrows counts from a reference, a table of the words, places,
letter windows, heads and tails that several of its entries have. The table is written by the
trainer from the registry it is given; keys are those of `keys`, so that it holds no text.

    entries of the reference | keys in the table | the keys, ascending | how many others have each

All numbers are little-endian; the first two and the keys are four bytes wide, the counts two.
"""

import struct
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Self

from .entries import entries_of, joined_words
from .keys import key, name_pieces, place_pieces
from .records import Facility

BACKGROUND: Final = Path(__file__).parent / "weights" / "background.bin"
MOST_KEYS: Final = 48_000  # the most frequent ones, if there are more
_WEIGHED: Final = frozenset("wtcea")  # kinds of pieces whose rarity is ever asked for
_HEAD: Final = struct.Struct("<II")
_MOST: Final = 0xFFFF


class Background:
    """Of each frequent key, how many entries of the reference have it besides any one."""

    def __init__(self, size: int, counts: Mapping[int, int]) -> None:
        self.size = size
        chosen = sorted(counts, key=lambda key: (-counts[key], key))[:MOST_KEYS]
        self._keys = array("I", sorted(chosen))
        self._counts = array("H", (min(counts[key], _MOST) for key in self._keys))

    @classmethod
    def of(cls, facilities: Iterable[Facility]) -> Self:
        """What a registry can lend."""
        counts: Counter[int] = Counter()
        size = 0
        for facility in facilities:
            for name, place, _ in entries_of(facility):
                pieces = name_pieces(name, joined_words(name)[-1]) | place_pieces(place.words)
                counts.update({key(piece) for piece in pieces if piece[0] in _WEIGHED})
                size += 1
        return cls(size, {piece: count - 1 for piece, count in counts.items() if count > 1})

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The table that `packed` gave."""
        size, keys = _HEAD.unpack_from(content)
        lent = cls(size, {})
        cut = _HEAD.size + 4 * keys
        lent._keys.frombytes(content[_HEAD.size : cut])
        lent._counts.frombytes(content[cut:])
        if sys.byteorder != "little":
            lent._keys.byteswap()
            lent._counts.byteswap()
        return lent

    def packed(self) -> bytes:
        """The table as bytes; the same registry gives the same ones."""
        keys, counts = array("I", self._keys), array("H", self._counts)
        if sys.byteorder != "little":
            keys.byteswap()
            counts.byteswap()
        return _HEAD.pack(self.size, len(keys)) + keys.tobytes() + counts.tobytes()

    def beside(
        self, size: int, lengths: Mapping[int, int], keys: Iterable[int]
    ) -> dict[int, float]:
        """The lengths of keys in an index of `size` entries, had it as many as the reference."""
        share = 1 - size / self.size
        return {key: lengths.get(key, 0) + share * self._others(key) for key in keys}

    def _others(self, key: int) -> int:
        at = bisect_left(self._keys, key)
        return self._counts[at] if at < len(self._keys) and self._keys[at] == key else 0


NOTHING: Final = Background(0, {})


@cache
def shipped_background() -> Background:
    """The table that came with this version of the code."""
    return Background.read(BACKGROUND.read_bytes())
