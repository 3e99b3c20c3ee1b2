"""What a list says: one typed row for a facility, one typed problem for what could not be read."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.domain.factories.identifiers import Identifier
from chalicelib.domain.values import Value

MAX_ROWS = 200_000
MAX_CELL = 2_000
MAX_FILE_BYTES = 64 * 1024 * 1024


class FacilityRow(Value):
    """One facility as a list discloses it.

    Name and address keep their spelling; control characters, lost-character boxes and repeated
    blanks are gone. `country` is ISO 3166-1 alpha-2 (XK for Kosovo). `os_id` is set only when its
    check holds; `identifiers` has every identifier of the row, the failing ones marked.
    """

    line: int
    """The row's number as a spreadsheet shows it; the first line of the file is 1."""
    sheet: str | None = None
    """The worksheet's name; None if only one sheet lists facilities."""
    name: str
    address: str | None = None
    city: str | None = None
    admin_area: str | None = None
    postal_code: str | None = None
    country: str
    os_id: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    workers: int | None = None
    """Set only where the list gives one number; `workers_reported` keeps bands as written."""
    workers_reported: str | None = None
    processing_types: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    sector: str | None = None
    parent: str | None = None
    tier: int | None = None


class Severity(StrEnum):
    """`error`: the row is left out · `warning`: a value is left out · `note`: nothing is lost."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ProblemCode(StrEnum):
    """Stable codes of what a list can have wrong in a line."""

    NAME_MISSING = "name_missing"
    COUNTRY_MISSING = "country_missing"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_AMBIGUOUS = "country_ambiguous"
    COUNTRY_ASSUMED = "country_assumed"
    COUNTRY_CORRECTED = "country_corrected"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_CELLS = "too_many_cells"
    IDENTIFIER_CHECK_FAILED = "identifier_check_failed"
    COORDINATES_UNREADABLE = "coordinates_unreadable"
    WORKERS_UNREADABLE = "workers_unreadable"
    TIER_UNREADABLE = "tier_unreadable"
    DUPLICATE_ROW = "duplicate_row"
    REPEATED_HEADINGS = "repeated_headings"
    REMARK = "remark"
    ENCODING_GUESSED = "encoding_guessed"
    CHARACTERS_LOST = "characters_lost"
    NAME_OF_FILE_MISLEADS = "name_of_file_misleads"
    SHEET_SKIPPED = "sheet_skipped"


class RowProblem(Value):
    """Something a person may want to correct in the file; never repeats what a cell holds."""

    line: int | None
    """As in `FacilityRow`; None for a problem of the whole file or sheet."""
    sheet: str | None = None
    column: str | None = None
    """The heading of the column, as the file has it."""
    code: ProblemCode
    severity: Severity
    detail: str
    """What is wrong and what to do."""
