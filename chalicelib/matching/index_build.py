"""Build the index: one file that is written once and never changed (layout: `index_file`).

Memory stays bounded whatever the size of the registry: texts and keys go to temporary files as the
facilities come, and are put in order part by part.
"""

import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import IO, Final
from zlib import crc32

from .entries import entries_of, nameless
from .identifiers import canonical_identifiers
from .index_file import FORMAT, MAGIC, NO_LIST, TAIL, TAIL_MARK, numbers
from .keys import facility_key, identifier_key, record_keys
from .records import Facility

LONGEST_LIST: Final = 20_000  # a longer list tells nothing apart: only its length is kept
_BUCKETS: Final = 256  # keys are sorted bucket by bucket, so that memory stays small
_BUCKET_SHIFT: Final = 24
_SPILL: Final = 1 << 13
_KEYS_PER_ENTRY: Final = 4  # different keys that an entry adds, about
_SLOT_KEYS: Final = 48  # keys of a slot, about
_MOST: Final = 0xFFFF_FFFF  # where a section must end, because places are four bytes wide


class IndexTooLarge(Exception):
    """More than four gigabytes of names."""


class _Bucket:
    """Key and entry number, by turns, of the keys whose high bits are equal; spilt to disk."""

    def __init__(self) -> None:
        self._memory = array("I")
        self._disk: IO[bytes] | None = None

    def add(self, key: int, entry: int) -> None:
        self._memory.append(key)
        self._memory.append(entry)
        if len(self._memory) >= _SPILL:
            self._disk = self._disk or tempfile.TemporaryFile()  # noqa: SIM115 (closed in _all)
            self._memory.tofile(self._disk)
            self._memory = array("I")

    def _all(self) -> "array[int]":
        everything = array("I")
        if self._disk is not None:
            with self._disk as disk:
                disk.seek(0)
                everything.frombytes(disk.read())
        everything.extend(self._memory)
        self._memory = array("I")
        return everything

    def lists(self, order: "array[int]") -> Iterator[tuple[int, list[int]]]:
        """(key, entries) in ascending order of both; entries are renumbered by `order`."""
        flat = self._all()
        pairs = [k << 32 | order[e] for k, e in zip(flat[::2], flat[1::2], strict=True)]
        pairs.sort()
        for key, group in groupby(pairs, key=lambda pair: pair >> 32):
            yield key, [pair & 0xFFFF_FFFF for pair in group]


class _Texts:
    """The packed texts of one country in the order they came, on disk."""

    def __init__(self, stack: ExitStack) -> None:
        self.lengths = array("I")
        spool = tempfile.SpooledTemporaryFile(max_size=1 << 16)  # noqa: SIM115 (the stack's)
        self._file = stack.enter_context(spool)

    def add(self, text: str) -> None:
        raw = text.encode("utf-8", "replace")
        self.lengths.append(len(raw))
        self._file.write(raw)

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return map(self._file.read, self.lengths)


class _Collector:
    """Texts and keys of the facilities as they come."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.buckets = [_Bucket() for _ in range(_BUCKETS)]
        self.texts: dict[str, _Texts] = {}
        self._countries: list[str] = []
        self._country_of = array("I")
        self.named = 0
        self.facilities = 0

    def add(self, facility: Facility) -> None:
        ids = [facility_key(facility.id)]
        ids += map(identifier_key, sorted(canonical_identifiers(facility.identifiers)))
        named = entries_of(facility)
        for name, place, text in named:
            self._entry(facility.country, text, record_keys(name, place).union(ids))
        if not named:
            self._entry(facility.country, nameless(facility), frozenset(ids))
        self.named += len(named)
        self.facilities += 1

    def _entry(self, country: str, text: str, keys: Iterable[int]) -> None:
        number = len(self._country_of)
        code = country.upper()
        if code not in self.texts:
            self.texts[code] = _Texts(self._stack)
            self._countries.append(code)
        self.texts[code].add(text)
        self._country_of.append(self._countries.index(code))
        for key in keys:
            self.buckets[key >> _BUCKET_SHIFT].add(key, number)

    def countries(self) -> list[tuple[str, int, int]]:
        """(code, first entry, first behind it) in the order of the file."""
        out, first = [], 0
        for code in sorted(self.texts):
            past = first + len(self.texts[code].lengths)
            out.append((code, first, past))
            first = past
        return out

    def order(self) -> "array[int]":
        """The number in the file of each entry, in the order they came."""
        firsts = {code: first for code, first, _ in self.countries()}
        following = [firsts[code] for code in self._countries]
        out = array("I")
        for country in self._country_of:
            out.append(following[country])
            following[country] += 1
        return out

    def __len__(self) -> int:
        return len(self._country_of)


class _Writer:
    """Writes the sections one behind the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = file.write(MAGIC)
        self.sections: dict[str, list[int]] = {}

    def section(self, name: str, pieces: Iterable[bytes]) -> None:
        start = self._at
        for piece in pieces:
            self._at += self._file.write(piece)
        self.sections[name] = [start, self._at]
        self._at += self._file.write(b"\0" * (-self._at % 4))
        if self._at > _MOST:
            raise IndexTooLarge(f"the {name} end behind the fourth gigabyte")

    def end(self, meta: dict[str, object]) -> None:
        footer = json.dumps(meta | {"sections": self.sections}, sort_keys=True).encode()
        self._file.write(footer)
        self._file.write(TAIL.pack(self._at, len(footer), crc32(footer), TAIL_MARK))


def _texts(collected: _Collector, places: "array[int]") -> Iterator[bytes]:
    """Records of the texts; where each begins and the last one ends is left in `places`."""
    at = 0
    raws = (raw for _, texts in sorted(collected.texts.items()) for raw in texts)
    for number, raw in enumerate(raws):
        places.append(at)
        at += 4 + len(raw)
        yield crc32(raw, number).to_bytes(4, "little") + raw
    places.append(at)


def _slot_shift(entries: int) -> int:
    """How many low bits of a key do not say in which slot it is."""
    return 32 - max(entries * _KEYS_PER_ENTRY // _SLOT_KEYS, 1).bit_length()


class _Directory:
    """Which keys there are, slot by slot, while their lists are written."""

    def __init__(self, shift: int, file: IO[bytes]) -> None:
        self._shift = shift
        self._file = file
        self._at = 0
        self._keys: list[int] = []
        self._lengths: list[int] = []
        self._lists: list[int] = []
        self.slots = array("I")

    def add(self, key: int, length: int, place: int) -> None:
        while key >> self._shift > len(self.slots):
            self._slot()
        self._keys.append(key)
        self._lengths.append(length)
        self._lists.append(place)

    def _slot(self) -> None:
        record = numbers([*self._keys, *self._lengths, *self._lists])
        checksum = crc32(record, len(self.slots))
        self.slots.append(self._at)
        self._at += (
            self._file.write(checksum.to_bytes(4, "little")) + self._file.write(record)
        ) // 4
        self._keys, self._lengths, self._lists = [], [], []

    def end(self) -> None:
        while len(self.slots) < 1 << 32 - self._shift:
            self._slot()
        self.slots.append(self._at)


def _lists(collected: _Collector, directory: _Directory) -> Iterator[bytes]:
    """Records of the lists; the directory is told of each."""
    order = collected.order()
    at = 0
    for bucket in collected.buckets:
        for key, entries in bucket.lists(order):
            if len(entries) > LONGEST_LIST:
                directory.add(key, len(entries), NO_LIST)
                continue
            record = numbers(entries)
            directory.add(key, len(entries), at)
            at += 1 + len(entries)
            yield crc32(record, key).to_bytes(4, "little") + record
    directory.end()


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(1 << 20), b"")


def write_index(file: IO[bytes], facilities: Iterable[Facility], version: str) -> int:
    """Write an index into an empty file; answers how many facilities it holds."""
    with ExitStack() as stack:
        collected = _Collector(stack)
        for facility in facilities:
            collected.add(facility)
        shift = _slot_shift(len(collected))
        spool = stack.enter_context(tempfile.TemporaryFile())
        directory = _Directory(shift, spool)
        places = array("I")
        writer = _Writer(file)
        writer.section("texts", _texts(collected, places))
        writer.section("lists", _lists(collected, directory))
        writer.section("directory", _blocks(spool))
        slots = numbers(directory.slots)
        writer.section("slots", [slots])
        writer.section("places", [numbers(places)])
        writer.end(
            {
                "format": FORMAT,
                "version": version,
                "entries": collected.named,
                "facilities": collected.facilities,
                "countries": collected.countries(),
                "shift": shift,
                "slots_crc": crc32(slots),
            }
        )
    return collected.facilities


def build_index(facilities: Iterable[Facility], path: Path, *, version: str) -> int:
    """Write the index to `path`, which must not exist; answers how many facilities it holds.

    `version` names this build and comes back in every decision. Raises FileExistsError.
    """
    with path.open("xb") as file:
        return write_index(file, facilities, version)
