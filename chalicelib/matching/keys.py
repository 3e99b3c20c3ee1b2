"""Search keys: short pieces of a name or an address under which records are filed.

A key is the CRC-32 of its text. Two pieces with one key only make a list longer.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final
from zlib import crc32

from .entries import joined_words
from .names import ParsedName
from .places import ParsedPlace
from .sounds import skeleton
from .vocabulary import one_deletions

# How much a piece that was found says, before its rarity is taken into account.
WEIGHTS: Final = {
    "w": 1.6, "o": 1.6, "k": 1.0, "t": 0.5, "s": 0.35, "p": 0.5, "e": 0.8, "c": 0.2, "z": 1.0,
    "a": 0.5,
}  # fmt: skip
END: Final = 6  # letters of a joined name that make a key of its head and its tail
_MOST_WORDS = 9  # names with more words get no pairs
_SLIP_LENGTHS: Final = range(4, 15)  # letters of a word that is also filed with a letter left out
SLIP_WEIGHT: Final = 1.0  # what a word says that is found but for one slip


def key(piece: str) -> int:
    return crc32(piece.encode("utf-8", "replace"))


def facility_key(facility_id: str) -> int:
    """The key under which all entries of a facility are filed."""
    return key("f:" + facility_id)


def identifier_key(identifier: str) -> int:
    """The key under which the entries with an identifier ("scheme:VALUE") are filed."""
    return key("i:" + identifier)


def _windows(text: str, size: int) -> Iterator[str]:
    return (text[i : i + size] for i in range(len(text) - size + 1))


def _ends(joined: str, bones: str) -> Iterator[str]:
    if len(joined) > END:
        yield "e:^" + joined[:END]
        yield "e:$" + joined[-END:]
    if len(bones) > 4:
        yield "e:-" + bones


def _pairs(name: ParsedName) -> Iterator[str]:
    words = sorted({*name.proper, *name.trades, *("u" + unit for unit in name.units)})
    if len(words) == 1:
        yield "p:" + words[0]
    elif len(words) <= _MOST_WORDS:
        yield from (f"p:{a}|{b}" for a, b in combinations(words, 2))


def _word_pieces(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if len(word) >= 2:
            yield "w:" + word
        if len(word) >= 4:
            bones = skeleton(word)
            if len(bones) >= 3:
                yield "k:" + bones


def name_pieces(name: ParsedName, joined: str) -> set[str]:
    """Words, sounds, letter windows, pairs and native Chinese pairs of a name."""
    bones = skeleton(joined)
    pieces = set(_word_pieces(name.proper))
    pieces.update("t:" + window for window in _windows(f"^{joined}$", 3))
    pieces.update(_pairs(name))
    pieces.update(_ends(joined, bones))
    if not name.proper:
        pieces.add("o:" + "|".join(sorted(name.trades)))
    if name.han:
        pieces.update("c:" + sign for sign in name.han)
        pieces.update("z:" + window for window in _windows(name.han, 2))
        pieces.update({"z:" + name.han} if len(name.han) == 1 else ())
    else:
        pieces.update("s:" + window for window in _windows(bones, 3))
    return pieces


def place_pieces(words: Iterable[str]) -> set[str]:
    return {"a:" + w for w in words if len(w) >= 3 or any(map(str.isdigit, w))}


def surprise_pieces(joined: str, han: str) -> list[str]:
    """The smallest pieces of a name; if all of them are common, others may bear the same name."""
    if han:
        return ["c:" + sign for sign in han]
    return ["t:" + window for window in _windows(f"^{joined}$", 3)]


def _slip_keys(word: str) -> set[int]:
    """The keys of a word and of what is left of it without any one letter.

    Two words that are one slip apart (a letter wrong, missing, too many, or two swapped) share one.
    """
    return {key("d:" + variant) for variant in one_deletions(word)}


def slips(name: ParsedName) -> list[set[int]]:
    """For each word that may be misspelt the keys under which its neighbours are filed."""
    return [_slip_keys(word) for word in name.proper if len(word) in _SLIP_LENGTHS]


def record_keys(name: ParsedName, place: ParsedPlace) -> set[int]:
    """The keys a registry name is filed under."""
    joined = joined_words(name)[-1]
    keys = {key(piece) for piece in name_pieces(name, joined) | place_pieces(place.words)}
    return keys.union(*slips(name))


def query_keys(name: ParsedName, place: ParsedPlace) -> dict[int, float]:
    """The keys to look up, with their weights; words of the name may also be a place.

    They ascend: the order in which a set gives them differs from process to process, and lists of
    one length are counted in the order of their keys.
    """
    pieces = {piece for joined in joined_words(name) for piece in name_pieces(name, joined)}
    weights = {key(piece): WEIGHTS[piece[0]] for piece in pieces}
    words = place.words or tuple(word for word in name.proper if len(word) >= 4)
    share = 1.0 if place.words else 0.7
    for piece in place_pieces(words):
        weights.setdefault(key(piece), WEIGHTS["a"] * share)
    return dict(sorted(weights.items()))
