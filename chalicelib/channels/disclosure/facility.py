"""One line of a list as a facility: what each cell says, and what could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from chalicelib.channels.disclosure.countries import Reading, english_name, read_country
from chalicelib.channels.disclosure.headings import Column, RecognisedColumns
from chalicelib.channels.disclosure.rows import (
    MAX_CELL,
    FacilityRow,
    ProblemCode,
    RowProblem,
    Severity,
)
from chalicelib.channels.disclosure.sheets import Line
from chalicelib.channels.disclosure.text import clean, fold
from chalicelib.channels.disclosure.values import (
    Unreadable,
    read_coordinates,
    read_kinds,
    read_tier,
    read_workers,
    says_nothing,
    split_point,
)
from chalicelib.domain.factories.identifiers import Identifier, IdentifierKind, check, find_in

_IDENTIFIERS = (
    (Column.OS_ID, IdentifierKind.OS_ID),
    (Column.USCC, IdentifierKind.USCC),
    (Column.LEI, IdentifierKind.LEI),
    (Column.GLN, IdentifierKind.GLN),
)


def read_facility(
    line: Line, columns: RecognisedColumns, *, default_country: str | None
) -> tuple[FacilityRow | None, list[RowProblem]]:
    """The facility of a line, None if it has no name or no country; and the line's problems."""
    cells = _Cells(line, columns)
    name, address = _name_and_address(cells)
    country = _country(cells, default_country)
    values = _details(cells)
    if not name:
        cells.report(
            Column.NAME, ProblemCode.NAME_MISSING, Severity.ERROR, "Give the facility's name."
        )
    if any(problem.severity is Severity.ERROR for problem in cells.problems):
        return None, cells.problems
    row = FacilityRow(
        line=line.number,
        sheet=columns.sheet,
        name=name,
        address=address,
        country=country,
        **values,
    )
    return row, cells.problems


@dataclass
class _Cells:
    """The cells of one line by column, and the problems found in them."""

    line: Line
    columns: RecognisedColumns
    problems: list[RowProblem] = field(default_factory=list)

    def all(self, column: Column) -> list[str]:
        """The cleaned cells of a column that say something."""
        raw = [self._raw(position, column) for position in self.columns.positions(column)]
        return [text for cell in raw if not says_nothing(text := clean(cell))]

    def first(self, column: Column) -> str | None:
        """The cleaned cell of a column, None if it says nothing."""
        return next(iter(self.all(column)), None)

    def raw(self, column: Column) -> str:
        """The cell as it is, with its line breaks; empty if the list lacks the column."""
        return next((self._raw(p, column) for p in self.columns.positions(column)), "")

    def _raw(self, position: int, column: Column) -> str:
        cell = self.line.cells[position] if position < len(self.line.cells) else ""
        if len(cell) <= MAX_CELL:
            return cell
        self.report(
            column,
            ProblemCode.CELL_TOO_LONG,
            Severity.ERROR,
            f"The cell has more than {MAX_CELL} characters. Look for a missing quotation mark or "
            "line break, or shorten it.",
        )
        return ""

    def report(self, column: Column, code: ProblemCode, severity: Severity, detail: str) -> None:
        """Note a problem, once for each column and code."""
        problem = RowProblem(
            line=self.line.number,
            sheet=self.columns.sheet,
            column=self.columns.heading(column),
            code=code,
            severity=severity,
            detail=detail,
        )
        if problem not in self.problems:
            self.problems.append(problem)


_LINE_BREAK = re.compile(r"\r\n?|\n")


def _name_and_address(cells: _Cells) -> tuple[str, str | None]:
    """The name, and the address from all columns that hold parts of it."""
    name, address = cells.first(Column.NAME), cells.first(Column.ADDRESS)
    if both := cells.raw(Column.NAME_AND_ADDRESS).strip():
        above, below = (*_LINE_BREAK.split(both, maxsplit=1), "")[:2]
        name, address = name or clean(above), address or clean(below) or None
    return name or "", _joined_address(cells, address)


def _joined_address(cells: _Cells, address: str | None) -> str | None:
    """The parts with commas between; a lone address stays exactly as it was written."""
    parts = [part for part in (address, *cells.all(Column.ADDRESS_LINE)) if part]
    for district in cells.all(Column.DISTRICT):
        if f" {fold(district)} " not in f" {fold(' '.join(parts))} ":
            parts.append(district)
    if len(parts) < 2:
        return parts[0] if parts else None
    return ", ".join(trimmed for part in parts if (trimmed := part.strip(" ,"))) or None


_COUNTRY_HINT = "Write the country's English name or its ISO 3166-1 code."


def _country(cells: _Cells, default: str | None) -> str:
    """The alpha-2 code; empty, with an error reported, if the line does not settle it."""
    text = clean(cells.raw(Column.COUNTRY))
    if says_nothing(text) and fold(text) != "na":
        if not default:
            _report_country(cells, ProblemCode.COUNTRY_MISSING, "Give the country.")
        return default or ""
    reading = read_country(text)
    named = " or ".join(f"{english_name(code)} ({code})" for code in reading.candidates[:4])
    match reading.how:
        case Reading.AMBIGUOUS:
            _report_country(
                cells,
                ProblemCode.COUNTRY_AMBIGUOUS,
                f"This could be {named}. {_COUNTRY_HINT} One country a line.",
            )
        case Reading.UNKNOWN:
            asked = f" Is it {named}?" if named else ""
            _report_country(
                cells, ProblemCode.COUNTRY_UNKNOWN, f"This is no country.{asked} {_COUNTRY_HINT}"
            )
        case Reading.ASSUMED:
            _note_country(cells, ProblemCode.COUNTRY_ASSUMED, reading.code)
        case Reading.CORRECTED:
            _note_country(cells, ProblemCode.COUNTRY_CORRECTED, reading.code)
    return reading.code or ""


def _report_country(cells: _Cells, code: ProblemCode, detail: str) -> None:
    cells.report(Column.COUNTRY, code, Severity.ERROR, detail)


def _note_country(cells: _Cells, code: ProblemCode, country: str | None) -> None:
    read_as = f"{english_name(country or '')} ({country})"
    cells.report(
        Column.COUNTRY, code, Severity.NOTE, f"Read as {read_as}. Correct it if that is wrong."
    )


def _details(cells: _Cells) -> dict[str, Any]:
    identifiers = _identifiers(cells)
    return {
        "city": cells.first(Column.CITY),
        "admin_area": cells.first(Column.ADMIN_AREA),
        "postal_code": cells.first(Column.POSTAL_CODE),
        "sector": cells.first(Column.SECTOR),
        "parent": cells.first(Column.PARENT),
        "processing_types": _kinds(cells, Column.PROCESSING_TYPES),
        "product_types": _kinds(cells, Column.PRODUCT_TYPES),
        "identifiers": identifiers,
        "os_id": next(
            (i.value for i in identifiers if i.valid and i.kind is IdentifierKind.OS_ID), None
        ),
        "tier": _tier(cells),
        **_workers(cells),
        **_coordinates(cells),
    }


def _kinds(cells: _Cells, column: Column) -> tuple[str, ...]:
    found = (kind for text in cells.all(column) for kind in read_kinds(text))
    return tuple(dict.fromkeys(found))


def _identifiers(cells: _Cells) -> tuple[Identifier, ...]:
    """From the columns for identifiers only, so that no number of a person is taken for one."""
    found: list[Identifier] = []
    for column, kind in _IDENTIFIERS:
        for text in cells.all(column):
            read = _read_identifiers(kind, text)
            found.extend(read)
            if not all(identifier.valid for identifier in read):
                cells.report(
                    column,
                    ProblemCode.IDENTIFIER_CHECK_FAILED,
                    Severity.WARNING,
                    "The check symbol does not fit. Compare it with the register; until then it "
                    "is kept but matches nothing.",
                )
    return tuple(dict.fromkeys(found))


def _read_identifiers(kind: IdentifierKind, text: str) -> list[Identifier]:
    """The cell itself, or the valid ones inside it: a link, a label, several ids."""
    whole = check(kind, text)
    inside = [i for i in find_in(text) if i.kind is kind]
    return inside if inside and not whole.valid else [whole]


def _tier(cells: _Cells) -> int | None:
    try:
        return read_tier(cells.first(Column.TIER) or "")
    except Unreadable:
        cells.report(
            Column.TIER,
            ProblemCode.TIER_UNREADABLE,
            Severity.WARNING,
            "Give the tier as a number from 1 to 9.",
        )
        return None


def _workers(cells: _Cells) -> dict[str, Any]:
    text = cells.first(Column.WORKERS)
    try:
        return {"workers": read_workers(text or ""), "workers_reported": text}
    except Unreadable:
        cells.report(
            Column.WORKERS,
            ProblemCode.WORKERS_UNREADABLE,
            Severity.WARNING,
            "Give the number of workers, or a band such as 501-1000.",
        )
        return {}


def _coordinates(cells: _Cells) -> dict[str, float]:
    latitude, longitude = clean(cells.raw(Column.LATITUDE)), clean(cells.raw(Column.LONGITUDE))
    column = Column.LATITUDE if cells.columns.positions(Column.LATITUDE) else Column.COORDINATES
    try:
        if column is Column.COORDINATES:
            latitude, longitude = split_point(clean(cells.raw(column)))
        point = read_coordinates(latitude, longitude)
    except Unreadable:
        cells.report(
            column,
            ProblemCode.COORDINATES_UNREADABLE,
            Severity.WARNING,
            "Give latitude (-90 to 90) and longitude (-180 to 180) in decimal degrees, both or "
            "neither.",
        )
        return {}
    return {"latitude": point[0], "longitude": point[1]} if point else {}
