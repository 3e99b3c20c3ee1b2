"""The index file: a fixed layout that is read in place, every piece of it under a checksum.

    magic | texts | lists | directory | slots | places | footer | tail

`texts`      one record an entry: CRC-32 (little-endian), then UTF-8; entries of one country stand
             together, so that the part of a list that is about one country is one slice of it
`lists`      one record a key: CRC-32, then the entries in ascending order
`directory`  one record a slot, which holds the keys whose high bits are equal: CRC-32, then the
             keys in ascending order, then their lengths, then where their lists begin
`slots`      where each slot begins in the directory
`places`     where each text begins
`footer`     JSON: format, version, sizes, countries, sections; `tail` says where it is

All numbers are unsigned, four bytes wide, little-endian. A list that is too long to tell anything
apart has a length in the directory and no record. A record's checksum also covers its number
(texts, slots) or its key (lists), so that a record read in another's place is noticed.
"""

import json
import mmap
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self
from zlib import crc32

FORMAT: Final = "2"
MAGIC: Final = b"handshake index\n"
TAIL: Final = struct.Struct("<III4s")  # where the footer begins, its length, its CRC-32, the mark
TAIL_MARK: Final = b"end\n"
NO_LIST: Final = 0xFFFF_FFFF  # stands for the place of a list of which only the length is kept
SECTIONS: Final = ("texts", "lists", "directory", "slots", "places")


class IndexUnreadable(Exception):
    """The file is missing, damaged, or of another format; look up by exact keys instead."""


class IndexFile:
    """The records of one index. Reading only and without state that matters: threads may share it.

    Every method raises IndexUnreadable for a record that is not as it was written.
    """

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self._data = data
        self._whole = memoryview(data)
        self._views: list[memoryview] = []
        try:
            self._read_footer()
        except (ValueError, KeyError, TypeError, struct.error, RecursionError) as error:
            self.close()
            raise IndexUnreadable(f"not a readable index: {error}") from error
        except IndexUnreadable:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a file of `build_index`. Raises IndexUnreadable."""
        if sys.byteorder != "little":
            raise IndexUnreadable("the index is read in place, which needs a little-endian machine")
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise IndexUnreadable(str(error)) from error
        if hasattr(mmap, "MADV_RANDOM"):
            mapped.madvise(mmap.MADV_RANDOM)
        return cls(mapped)

    def _read_footer(self) -> None:
        whole = self._whole
        if len(whole) < len(MAGIC) + TAIL.size or bytes(whole[: len(MAGIC)]) != MAGIC:
            raise IndexUnreadable("not an index, or one of another format")
        start, length, checksum, mark = TAIL.unpack(whole[-TAIL.size :])
        footer = bytes(whole[start : start + length])
        if mark != TAIL_MARK or start + length + TAIL.size != len(whole):
            raise IndexUnreadable("the index is cut off")
        if crc32(footer) != checksum:
            raise IndexUnreadable("the index is damaged")
        meta = json.loads(footer)
        if meta.get("format") != FORMAT:
            raise IndexUnreadable(f"index format {meta.get('format')!r}, expected {FORMAT!r}")
        self._take(meta)

    def _take(self, meta: dict[str, Any]) -> None:
        self.version: str = meta["version"]
        self.entries: int = meta["entries"]
        self.facilities: int = meta["facilities"]
        self._countries: dict[str, tuple[int, int]] = {
            country: (first, past) for country, first, past in meta["countries"]
        }
        self._shift: int = meta["shift"]
        texts, lists, directory, slots, places = (meta["sections"][name] for name in SECTIONS)
        self._texts = self._view(texts)
        self._lists = self._view(lists).cast("I")
        self._directory = self._view(directory).cast("I")
        self._slots = self._view(slots).cast("I")
        self._places = self._view(places).cast("I")
        self._views += [self._lists, self._directory, self._slots, self._places]
        if crc32(self._slots) != meta["slots_crc"]:
            raise IndexUnreadable("the index is damaged")
        self._seen_slots = bytearray(len(self._slots))
        self._seen_lists: set[int] = set()

    def _view(self, section: list[int]) -> memoryview:
        start, past = section
        view = self._whole[start:past]
        self._views.append(view)
        return view

    def close(self) -> None:
        """Let go of the file; nothing can be read afterwards."""
        for view in reversed(self._views):
            view.release()
        self._views.clear()
        self._whole.release()
        if isinstance(self._data, mmap.mmap):
            with suppress(BufferError):  # an error on its way up still shows a piece of it
                self._data.close()

    def knows(self, country: str) -> bool:
        """Whether any entry is filed under a country."""
        return country in self._countries

    def part(self, entries: memoryview, country: str) -> memoryview:
        """The entries of a list that are filed under a country; "" for those without one."""
        bounds = self._countries.get(country)
        if bounds is None:
            return entries[:0]
        first = bisect_left(entries, bounds[0])
        return entries[first : bisect_left(entries, bounds[1], first)]

    def text(self, entry: int) -> str:
        """The packed text of an entry."""
        try:
            start, past = self._places[entry], self._places[entry + 1]
        except IndexError as error:
            raise IndexUnreadable(f"the index has no entry {entry}") from error
        record = self._texts[start:past].tobytes()  # small, and slices of it cost less
        text = record[4:]
        if len(record) < 4 or crc32(text, entry) != int.from_bytes(record[:4], "little"):
            raise IndexUnreadable(f"entry {entry} is damaged")
        return text.decode()

    def found(self, keys: Iterable[int]) -> list[tuple[int, int, int]]:
        """(length, place of the list, key) of each key that exists."""
        out = []
        directory, slots, shift, seen = self._directory, self._slots, self._shift, self._seen_slots
        for key in keys:
            slot = key >> shift
            start, past = slots[slot] + 1, slots[slot + 1]
            if not seen[slot]:
                self._check_slot(slot, start, past)
            size = (past - start) // 3
            at = bisect_left(directory, key, start, start + size)
            if at < start + size and directory[at] == key:
                out.append((directory[at + size], directory[at + 2 * size], key))
        return out

    def _check_slot(self, slot: int, start: int, past: int) -> None:
        record = self._directory[start:past]
        if crc32(record, slot) != self._directory[start - 1]:
            raise IndexUnreadable(f"slot {slot} is damaged")
        self._seen_slots[slot] = 1

    def list(self, length: int, place: int, key: int) -> memoryview:
        """The entries under a key, as `found` told it; empty when only their number is known."""
        if place == NO_LIST:
            return self._lists[:0]
        entries = self._lists[place + 1 : place + 1 + length]
        if place not in self._seen_lists:
            self._check_list(entries, place, length, key)
        return entries

    def _check_list(self, entries: memoryview, place: int, length: int, key: int) -> None:
        if len(entries) != length or crc32(entries, key) != self._lists[place]:
            raise IndexUnreadable(f"the list of key {key} is damaged")
        if length > 64:  # short ones are checked each time, which is cheaper than to remember them
            self._seen_lists.add(place)


def numbers(values: Iterable[int]) -> bytes:
    """Values as the file holds them."""
    packed = array("I", values)
    if sys.byteorder != "little":
        packed.byteswap()
    return packed.tobytes()
