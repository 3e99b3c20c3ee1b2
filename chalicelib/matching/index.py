"""Read the index: an immutable SQLite file, memory-mapped, opened once per container."""

import math
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from .entries import Entry, unpacked
from .index_build import FORMAT, write_index
from .records import Facility

_BUDGET: Final = 3_000  # entries that are scored for one query, rarest keys first
_POOL: Final = 120  # entries that survive the count of keys
_POOL_FLOOR: Final = 0.22  # of the best entry's weight
_MAP_BYTES: Final = 2 << 30
_CACHE_KIB: Final = 8_000


class IndexUnreadable(Exception):
    """The file is missing, damaged, or of another format; look up by exact keys instead."""


class Index:
    """The registry as it was when the file was built."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        meta = dict(db.execute("select key, value from meta"))
        if meta.get("format") != FORMAT:
            raise IndexUnreadable(f"index format {meta.get('format')!r}, expected {FORMAT!r}")
        self.version = meta["version"]
        self.size = int(meta["entries"])
        self.facilities = int(meta["facilities"])
        self._log_size = math.log(self.size + 1)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file of `build_index`. Raises IndexUnreadable."""
        try:
            db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            db.execute(f"pragma mmap_size = {_MAP_BYTES}")
            db.execute(f"pragma cache_size = -{_CACHE_KIB}")
            return cls(db)
        except (sqlite3.Error, KeyError, ValueError) as error:
            raise IndexUnreadable(str(error)) from error

    @classmethod
    def in_memory(cls, facilities: Iterable[Facility], *, version: str) -> Self:
        """A small index for what is newer than the file."""
        db = sqlite3.connect(":memory:", check_same_thread=False)
        write_index(db, facilities, version)
        return cls(db)

    def close(self) -> None:
        self._db.close()

    def rarity(self, length: int) -> float:
        """How much a key says that `length` entries share; 0 says nothing."""
        return self._log_size - math.log(length + 0.5) if length else self._log_size

    def lengths(self, keys: Iterable[int]) -> dict[int, int]:
        """How many entries are filed under each key that exists."""
        rows = self._db.execute(
            f"select key, length from posting where key in ({','.join(map(str, keys))})"  # noqa: S608
        )
        return dict(rows.fetchall())

    def pool(self, weights: Mapping[int, float]) -> list[tuple[str, float]]:
        """Packed entries that share the most telling keys, with their share of the best weight."""
        scores = self._scores(weights)
        if not scores:
            return []
        best = max(scores.values())
        floor = _POOL_FLOOR * best
        kept = sorted((-score, entry) for entry, score in scores.items() if score > floor)[:_POOL]
        texts = self._packed([entry for _, entry in kept])
        return [(texts[entry], -score / best) for score, entry in kept]

    def _scores(self, weights: Mapping[int, float]) -> dict[int, float]:
        rows = self._db.execute(
            f"select key, length, entries from posting where key in ({','.join(map(str, weights))})"  # noqa: S608 (integers only)
        ).fetchall()
        rows.sort(key=lambda row: row[1])
        scores: dict[int, float] = {}
        get = scores.get
        seen = 0
        for key, length, blob in rows:
            if blob is None or (seen and seen + length > _BUDGET):
                continue
            seen += length
            weight = weights[key] * (self._log_size - math.log(length + 0.5))
            entries = array("I")
            entries.frombytes(blob)
            for entry in entries:
                scores[entry] = get(entry, 0.0) + weight
        return scores

    def _packed(self, entries: Sequence[int]) -> dict[int, str]:
        rows = self._db.execute(
            f"select id, packed from entry where id in ({','.join(map(str, entries))})"  # noqa: S608
        )
        return dict(rows.fetchall())

    def facility_of(self, identifier: str) -> str | None:
        """The facility with a canonical identifier ("scheme:VALUE")."""
        row = self._db.execute(
            "select facility from identifier where value = ?", (identifier,)
        ).fetchone()
        return row[0] if row else None

    def entries(self, facility_id: str) -> list[Entry]:
        """All names of one facility; empty when it is unknown."""
        row = self._db.execute(
            "select entries from facility where id = ?", (facility_id,)
        ).fetchone()
        numbers = [int(number) for number in row[0].split()] if row else []
        texts = self._packed(numbers)
        return [unpacked(texts[number]) for number in numbers]
