"""Search the index: the file is mapped once per container, the best entries are found by keys."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import BytesIO
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from .background import Background, shipped_background
from .entries import Entry, unpacked
from .index_file import IndexFile, IndexUnreadable
from .keys import SLIP_WEIGHT, facility_key, identifier_key
from .records import Facility

__all__ = ["Index", "IndexUnreadable"]

_BUDGET: Final = 3_000  # entries that are scored for one query, rarest keys first
_ABROAD: Final = 60  # a longer list is only looked at where it is about the query's country
_POOL: Final = 80  # entries that survive the count of keys
_POOL_FLOOR: Final = 0.15  # of the best entry's weight

List = tuple[int, int, int]  # length, place, key
Parts = tuple[Collection[int], ...]  # pieces of a list, put together only if the budget reaches it
Weighed = tuple[float, int, Parts]  # what a key says of each entry, how many they are, the entries


def _plain(entries: Collection[int]) -> Collection[int]:
    """The same entries; a list of Python's is walked faster than a view of the file."""
    return entries.tolist() if isinstance(entries, memoryview) else entries


def _summed(lists: Iterable[Weighed]) -> dict[int, float]:
    """What all keys together say of each entry, as far as the budget reaches."""
    scores: dict[int, float] = {}
    seen = 0
    for weight, length, parts in lists:
        seen += length
        if seen > _BUDGET and scores:
            break
        for entry in chain.from_iterable(map(_plain, parts)):
            if entry in scores:
                scores[entry] += weight
            else:
                scores[entry] = weight
    return scores


class Index:
    """The registry as it was when the file was built. Threads may share it."""

    def __init__(self, file: IndexFile, background: Background | None = None) -> None:
        """`background` lends a small index its counts; the shipped one by default."""
        self._file = file
        self.version = file.version
        self.size = file.entries
        self.facilities = file.facilities
        self._background = shipped_background() if background is None else background
        self._small = self.size < self._background.size
        self._log_size = math.log(self.size + 1)
        self._tellings: dict[int, float] = {0: self._log_size}
        self._log_reference = math.log(max(self.size, self._background.size) + 1)
        # How much larger the reference is; 0 when nothing is borrowed.
        self.borrowed = self._log_reference - self._log_size

    @classmethod
    def open(cls, path: Path, background: Background | None = None) -> Self:
        """Open a file of `build_index`. Raises IndexUnreadable."""
        return cls(IndexFile.open(path), background)

    @classmethod
    def in_memory(
        cls,
        facilities: Iterable[Facility],
        *,
        version: str,
        background: Background | None = None,
    ) -> Self:
        """A small index for what is newer than the file."""
        from .index_build import write_index  # here, as most containers never build one

        file = BytesIO()
        write_index(file, facilities, version)
        return cls(IndexFile(file.getvalue()), background)

    def close(self) -> None:
        self._file.close()

    def rarity(self, length: float) -> float:
        """How much a key says that `length` entries share, as `lengths` told; 0 says nothing."""
        return self._log_reference - math.log(length + 0.5) if length else self._log_reference

    def lengths(self, keys: Collection[int]) -> Mapping[int, float]:
        """How many entries are filed under each key that exists.

        A small index answers as if it had as many entries as its background.
        """
        own = {key: length for length, _, key in self._file.found(keys)}
        return self._background.beside(self.size, own, keys) if self._small else own

    def _says(self, length: int) -> float:
        """How much a key narrows down a search in this index."""
        known = self._tellings.get(length)
        if known is None:
            known = self._tellings[length] = self._log_size - math.log(length + 0.5)
        return known

    def pool(
        self, weights: Mapping[int, float], slips: Iterable[Iterable[int]], country: str
    ) -> list[tuple[str, float]]:
        """Packed entries that share the most telling keys, with their share of the best weight.

        `slips` has the keys of each word's neighbours; they count once a word.
        """
        lists = [*self._single(weights, country), *self._spelt(slips, country)]
        lists.sort(key=itemgetter(1))
        scores = _summed(lists)
        if not scores:
            return []
        best = max(scores.values())
        floor = _POOL_FLOOR * best
        kept = sorted([(-score, entry) for entry, score in scores.items() if score > floor])[:_POOL]
        text = self._file.text
        return [(text(entry), -score / best) for score, entry in kept]

    def _single(self, weights: Mapping[int, float], country: str) -> Iterator[Weighed]:
        for found in self._file.found(weights):
            parts = self._near(found, country)
            length = sum(map(len, parts))
            if length:
                yield weights[found[2]] * self._says(found[0]), length, parts

    def _spelt(self, slips: Iterable[Iterable[int]], country: str) -> Iterator[Weighed]:
        for keys in slips:
            found = self._file.found(keys)
            lists = [part for one in found for part in self._near(one, country)]
            if sum(map(len, lists)) <= _BUDGET:
                entries = set[int]().union(*map(_plain, lists))
                if entries:
                    yield SLIP_WEIGHT * self._says(len(entries)), len(entries), (entries,)

    def _near(self, found: List, country: str) -> Parts:
        """The entries of a list; of a long one only those of a known country and of none."""
        length = found[0]
        cut = bool(country) and length > _ABROAD and self._file.knows(country)
        if length > _BUDGET and not cut:
            return ()
        entries = self._file.list(*found)
        if not cut:
            return (entries,)
        near, unplaced = self._file.part(entries, country), self._file.part(entries, "")
        if len(near) + len(unplaced) > _BUDGET:
            return ()
        return near, unplaced

    def facility_of(self, identifier: str) -> str | None:
        """The facility with a canonical identifier ("scheme:VALUE"), the first of several."""
        for entry in self._filed(identifier_key(identifier)):
            if identifier in entry.identifiers:
                return entry.facility_id
        return None

    def entries(self, facility_id: str) -> list[Entry]:
        """All names of one facility; empty when it is unknown."""
        filed = self._filed(facility_key(facility_id))
        return [entry for entry in filed if entry.facility_id == facility_id and entry.name]

    def _filed(self, key: int) -> list[Entry]:
        return [
            unpacked(self._file.text(entry))
            for found in self._file.found((key,))
            for entry in self._file.list(*found)
        ]
