"""Build the index: one SQLite file that is written once and never changed.

Tables: `posting` (key -> how many entries, which), `entry` (packed names), `identifier`
(scheme:VALUE -> facility), `facility` (id -> its entries), `meta` (format, version, sizes).
"""

import sqlite3
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from .entries import entries_of
from .identifiers import canonical_identifiers
from .keys import record_keys
from .records import Facility

FORMAT: Final = "1"
LONGEST_POSTING: Final = 20_000  # a longer list tells nothing apart: only its length is kept
_BUCKETS: Final = 64  # postings are sorted bucket by bucket, so that memory stays small
_SPILL: Final = 1 << 15
_BATCH: Final = 5_000

_SCHEMA: Final = """
pragma journal_mode = off;
pragma synchronous = off;
pragma page_size = 4096;
create table meta (key text primary key, value text not null) without rowid;
create table posting (key integer primary key, length integer not null, entries blob);
create table entry (id integer primary key, packed text not null);
create table facility (id text primary key, entries text not null) without rowid;
create table identifier (value text primary key, facility text not null) without rowid;
"""


class _Bucket:
    """Key and entry number, by turns, of the keys whose high bits are equal; spilt to disk."""

    def __init__(self) -> None:
        self._memory = array("I")
        self._disk: IO[bytes] | None = None

    def add(self, key: int, entry: int) -> None:
        self._memory.append(key)
        self._memory.append(entry)
        if len(self._memory) >= _SPILL:
            self._disk = self._disk or tempfile.TemporaryFile()  # noqa: SIM115 (closed in postings)
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

    def postings(self) -> Iterator[tuple[int, int, bytes | None]]:
        """(key, length, entries as native uint32) in ascending order of key."""
        flat = self._all()
        lists: dict[int, array[int]] = {}
        for key, entry in zip(flat[::2], flat[1::2], strict=True):
            found = lists.get(key)
            if found is None:
                lists[key] = array("I", (entry,))
            else:
                found.append(entry)
        for key in sorted(lists):
            entries = lists[key]
            kept = entries.tobytes() if len(entries) <= LONGEST_POSTING else None
            yield key, len(entries), kept


class _Writer:
    """Collects rows and keys of the facilities as they come."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._buckets = [_Bucket() for _ in range(_BUCKETS)]
        self._rows: list[tuple[int, str]] = []
        self.entries = 0
        self.facilities = 0

    def add(self, facility: Facility) -> None:
        first = self.entries
        for name, place, text in entries_of(facility):
            for key in record_keys(name, place):
                self._buckets[key >> 26].add(key, self.entries)
            self._rows.append((self.entries, text))
            self.entries += 1
        self.facilities += 1
        numbers = " ".join(map(str, range(first, self.entries)))
        self._db.execute("insert or replace into facility values (?, ?)", (facility.id, numbers))
        self._db.executemany(
            "insert or ignore into identifier values (?, ?)",
            ((value, facility.id) for value in canonical_identifiers(facility.identifiers)),
        )
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("insert into entry values (?, ?)", self._rows)
        self._rows.clear()

    def finish(self, version: str) -> None:
        self._flush()
        for bucket in self._buckets:
            self._db.executemany("insert into posting values (?, ?, ?)", bucket.postings())
        self._db.executemany(
            "insert into meta values (?, ?)",
            {
                "format": FORMAT,
                "version": version,
                "entries": str(self.entries),
                "facilities": str(self.facilities),
            }.items(),
        )


def write_index(db: sqlite3.Connection, facilities: Iterable[Facility], version: str) -> int:
    """Fill an empty database; answers how many facilities it holds."""
    db.executescript(_SCHEMA)
    writer = _Writer(db)
    for facility in facilities:
        writer.add(facility)
    writer.finish(version)
    db.commit()
    return writer.facilities


def build_index(facilities: Iterable[Facility], path: Path, *, version: str) -> int:
    """Write the index to `path`, which must not exist; answers how many facilities it holds.

    `version` names this build and comes back in every decision. Raises FileExistsError.
    """
    if path.exists():
        raise FileExistsError(path)
    with closing(sqlite3.connect(path)) as db:
        return write_index(db, facilities, version)
