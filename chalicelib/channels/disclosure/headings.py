"""Which column of a list holds what, by the table of known headings in `headings.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from chalicelib.channels.disclosure.text import clean, fold
from chalicelib.domain.values import Value


class Column(StrEnum):
    """What a column can be read as; the order settles a tie between two fields."""

    NAME = "name"
    NAME_AND_ADDRESS = "name_and_address"
    ADDRESS = "address"
    ADDRESS_LINE = "address_line"
    DISTRICT = "district"
    CITY = "city"
    ADMIN_AREA = "admin_area"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    OS_ID = "os_id"
    USCC = "uscc"
    LEI = "lei"
    GLN = "gln"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    COORDINATES = "coordinates"
    WORKERS = "workers"
    PROCESSING_TYPES = "processing_types"
    PRODUCT_TYPES = "product_types"
    SECTOR = "sector"
    PARENT = "parent"
    TIER = "tier"


# A cell with more characters is no heading
_LONGEST = 100

# Fields that several columns may fill together
_MANY = {Column.ADDRESS_LINE, Column.DISTRICT, Column.PROCESSING_TYPES, Column.PRODUCT_TYPES}


class TakenHeading(Value):
    """One heading that was recognised."""

    column: Column
    heading: str
    position: int
    """0 for the first column of the sheet."""


class RecognisedColumns(Value):
    """How one table was understood. Headings are cleaned, otherwise as the file has them."""

    sheet: str | None
    """The worksheet's name; None if only one sheet lists facilities."""
    heading_line: int
    taken: tuple[TakenHeading, ...]
    ignored: tuple[str, ...]
    personal: tuple[str, ...]
    """Headings of columns about persons; what stands below them is never read."""

    def positions(self, column: Column) -> tuple[int, ...]:
        """Where a column stands, left to right; empty if the table lacks it."""
        return self._positions.get(column, ())

    @cached_property
    def _positions(self) -> dict[Column, tuple[int, ...]]:
        found: dict[Column, tuple[int, ...]] = {}
        for taken in self.taken:
            found[taken.column] = (*found.get(taken.column, ()), taken.position)
        return found

    def heading(self, column: Column) -> str | None:
        """The (first) heading that was taken for a column."""
        return next((t.heading for t in self.taken if t.column is column), None)

    @property
    def names_facilities(self) -> bool:
        """Whether a column holds the facility's name, alone or above its address."""
        return bool(self.positions(Column.NAME) or self.positions(Column.NAME_AND_ADDRESS))

    @property
    def names_countries(self) -> bool:
        """Whether a column holds the country."""
        return bool(self.positions(Column.COUNTRY))


class _Claim(NamedTuple):
    """A column that could be read as a field; smaller claims are stronger."""

    strength: int
    field: int
    position: int
    column: Column


def recognise(cells: Sequence[str], *, line: int, sheet: str | None) -> RecognisedColumns:
    """Read `cells` as the headings of a table. Never raises; what is unknown is ignored."""
    headings = [clean(cell) if len(cell) <= _LONGEST else "" for cell in cells]
    personal = {i for i, heading in enumerate(headings) if _is_personal(heading)}
    taken = _settle(
        claim
        for i, cell in enumerate(cells)
        if headings[i] and i not in personal
        for claim in _claims(cell, i)
    )
    return RecognisedColumns(
        sheet=sheet,
        heading_line=line,
        taken=tuple(
            TakenHeading(column=taken[i], heading=headings[i], position=i) for i in sorted(taken)
        ),
        ignored=tuple(
            h for i, h in enumerate(headings) if h and i not in taken and i not in personal
        ),
        personal=tuple(headings[i] for i in sorted(personal)),
    )


def _settle(claims: Iterable[_Claim]) -> dict[int, Column]:
    """Give each position to its strongest claim; a field goes to one position only."""
    taken: dict[int, Column] = {}
    for claim in sorted(claims):
        free = claim.column in _MANY or claim.column not in taken.values()
        if free and claim.position not in taken:
            taken[claim.position] = claim.column
    return taken


def _claims(heading: str, position: int) -> Iterable[_Claim]:
    """A sure spelling counts before a weak one, the whole heading before a part of it."""
    for share, keys in enumerate(_readings(heading)):
        known = next((_table()[key] for key in keys if key in _table()), ())
        for field, column, weak in known:
            yield _Claim(share + 10 * weak, field, position, column)


_PARTS = re.compile(r"[/|()\[\]\n:;*\uff08\uff09\uff1a\u3001]+|\s-+\s|[-\u2013]\s")
_SCRIPTS = re.compile(r"[\x00-\u024f]+|[^\x00-\u024f]+")


def _readings(heading: str) -> tuple[list[str], list[str], list[str]]:
    """Keys of the heading, of its parts, of its words in each script (`工厂名称 Factory`).

    Of the parts only the first known one counts: `Address (factory)` is an address.
    """
    parts = _PARTS.split(heading)
    scripts = [piece for part in parts for piece in _SCRIPTS.findall(part)]
    return [_key(heading)], [_key(part) for part in parts], [_key(piece) for piece in scripts]


def _key(heading: str) -> str:
    """The folded heading with numbers apart: `addressLine1` is `Address Line 1`."""
    return re.sub(r"(?<=[a-z])(?=[0-9])", " ", fold(heading))


def _is_personal(heading: str) -> bool:
    key = _key(heading)
    if not key or any(not weak for _, _, weak in _table().get(key, ())):
        return False
    words, parts = _personal()
    padded = f" {key} "
    return any(f" {word} " in padded for word in words) or any(part in key for part in parts)


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    path = Path(__file__).with_name("headings.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _table() -> dict[str, list[tuple[int, Column, bool]]]:
    """Folded heading -> the fields it may name: (order, column, weak)."""
    table: dict[str, list[tuple[int, Column, bool]]] = {}
    for order, column in enumerate(Column):
        for strength in ("sure", "weak"):
            for heading in _data()[column].get(strength, ()):
                table.setdefault(_key(heading), []).append((order, column, strength == "weak"))
    return table


@cache
def _personal() -> tuple[frozenset[str], frozenset[str]]:
    data = _data()["personal"]
    return frozenset(map(_key, data["words"])), frozenset(map(_key, data["parts"]))
