"""Search the index: the file is mapped once per container, the best entries are found by keys."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, Self

from .background import Background, shipped_background
from .entries import Entry, unpacked
from .index_file import IndexFile, IndexUnreadable
from .keys import SLIP_WEIGHT, facility_key, identifier_key
from .records import Facility

__all__ = ["Index", "IndexUnreadable", "Reach"]

_ABROAD: Final = 60  # a longer list is only looked at where it is about the query's country
_POOL_FLOOR: Final = 0.15  # of the best entry's weight
_WORTH_A_LOOK: Final = 100  # entries of a list before which it is asked whether new ones matter
_ROUNDING: Final = 1e-6  # more than sums of a few weights can be off


class Reach(NamedTuple):
    """How far a search goes before it decides what to compare."""

    budget: int
    """Entries that are scored for one query, rarest keys first."""
    pool: int
    """Entries that survive the count of keys."""
    kept: int
    """Candidates that get the full comparison."""
    always: int
    """Of them however far they are behind the best."""


USUAL: Final = Reach(budget=3_000, pool=80, kept=16, always=6)
OF_MANY: Final = Reach(budget=6_000, pool=160, kept=32, always=12)
"""Where each word is shared by so many that the record which is meant would fall behind: at a
million facilities a search that goes twice as far misses a third less."""

MANY: Final = 300_000
"""Entries from which on an index is searched so."""

List = tuple[int, int, int]  # length, place, key
Parts = tuple[Collection[int], ...]  # pieces of a list, put together only if the budget reaches it
Weighed = tuple[float, int, Parts]  # what a key says of each entry, how many they are, the entries


def _plain(entries: Collection[int]) -> Collection[int]:
    """The same entries; a list of Python's is walked faster than a view of the file."""
    return entries.tolist() if isinstance(entries, memoryview) else entries


def _within_budget(lists: Sequence[Weighed], budget: int) -> int:
    """How many of the lists, shortest first, may be counted; at least one."""
    seen = 0
    for number, (_, length, _) in enumerate(lists):
        seen += length
        if number and seen > budget:
            return number
    return len(lists)


def _hopeless(scores: Mapping[int, float], rest: float, pool: int) -> bool:
    """Whether an entry that no list has had so far can no longer be among the best `pool`."""
    best = max(scores.values(), default=0.0)
    if rest < _POOL_FLOOR * best:
        return True
    return len(scores) > pool and rest < sorted(scores.values())[-pool]


def _summed(lists: Sequence[Weighed], reach: Reach) -> dict[int, float]:
    """What all keys together say of each entry that may be among the best, within the budget."""
    counted = lists[: _within_budget(lists, reach.budget)]
    rest = sum([weight for weight, _, _ in counted])
    scores: dict[int, float] = {}
    closed = False
    for weight, length, parts in counted:
        if not closed and length > _WORTH_A_LOOK:
            closed = _hopeless(scores, rest + _ROUNDING, reach.pool)
        rest -= weight
        for part in map(_plain, parts):
            if closed:
                for entry in scores.keys() & part:
                    scores[entry] += weight
                continue
            for entry in part:
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
        self.reach = OF_MANY if self.size > MANY else USUAL
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
        near = country if country and self._file.knows(country) else ""
        lists = [*self._single(weights, near), *self._spelt(slips, near)]
        lists.sort(key=itemgetter(1))
        scores = _summed(lists, self.reach)
        if not scores:
            return []
        best = max(scores.values())
        floor = _POOL_FLOOR * best
        ranked = sorted([(-score, entry) for entry, score in scores.items() if score > floor])
        text = self._file.text
        return [(text(entry), -score / best) for score, entry in ranked[: self.reach.pool]]

    def _single(self, weights: Mapping[int, float], country: str) -> Iterator[Weighed]:
        for found in self._file.found(weights):
            length, parts = self._near(found, country)
            if length:
                yield weights[found[2]] * self._says(found[0]), length, parts

    def _spelt(self, slips: Iterable[Iterable[int]], country: str) -> Iterator[Weighed]:
        for keys in slips:
            near = [self._near(one, country) for one in self._file.found(keys)]
            if sum([length for length, _ in near]) <= self.reach.budget:
                entries = set[int]().union(*[_plain(part) for _, parts in near for part in parts])
                if entries:
                    yield SLIP_WEIGHT * self._says(len(entries)), len(entries), (entries,)

    def _near(self, found: List, country: str) -> tuple[int, Parts]:
        """The entries of a list; of a long one only those of a known country and of none."""
        length = found[0]
        if not country or length <= _ABROAD:
            return (length, (self._file.list(*found),)) if length <= self.reach.budget else (0, ())
        entries = self._file.list(*found)
        near, unplaced = self._file.part(entries, country), self._file.part(entries, "")
        length = len(near) + len(unplaced)
        return (length, (near, unplaced)) if length <= self.reach.budget else (0, ())

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
