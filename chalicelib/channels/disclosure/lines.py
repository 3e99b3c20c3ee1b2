"""Which lines of a table are facilities, and which headings again, remarks or torn lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from chalicelib.channels.disclosure.headings import Column, RecognisedColumns
from chalicelib.channels.disclosure.rows import FacilityRow, ProblemCode, RowProblem, Severity
from chalicelib.channels.disclosure.sheets import MAX_COLUMNS, Line
from chalicelib.channels.disclosure.tables import Table


def facility_lines(
    table: Table, *, exact_width: bool, default: str | None
) -> Iterator[Line | RowProblem]:
    """The lines below the headings that can be facilities, and a problem for each that cannot.

    Blank lines are passed over. `exact_width`: cells beyond the headings are a slip (in CSV), not
    columns without a heading (in a workbook).
    """
    headings: Sequence[str] = ()
    for number, cells in table.sheet.lines():
        stripped = [cell.strip() for cell in cells]
        if number == table.columns.heading_line:
            headings = stripped
        elif number > table.columns.heading_line and any(stripped):
            line = Line(number, stripped)
            yield _problem(line, table.columns, headings, exact_width, default) or line


def _problem(
    line: Line,
    columns: RecognisedColumns,
    headings: Sequence[str],
    exact_width: bool,
    default: str | None,
) -> RowProblem | None:
    if list(filter(None, line.cells)) == list(filter(None, headings)):
        return _of_line(line, columns, ProblemCode.REPEATED_HEADINGS, _HEADINGS_AGAIN)
    if exact_width and _overflows(line.cells, len(headings)):
        return _of_line(line, columns, ProblemCode.TOO_MANY_CELLS, _OVERFLOWS)
    if default is None and _is_remark(line, columns):
        return _of_line(line, columns, ProblemCode.REMARK, _REMARK)
    return None


_HEADINGS_AGAIN = "The headings again; nothing to do."
_REMARK = "Only one cell is filled and it is no country; taken for a remark and left out."
_OVERFLOWS = (
    "The line has more cells than there are headings, so its columns may be shifted. Put cells "
    "that contain the delimiter into quotation marks."
)
_SEVERITY = {
    ProblemCode.REPEATED_HEADINGS: Severity.NOTE,
    ProblemCode.REMARK: Severity.NOTE,
    ProblemCode.TOO_MANY_CELLS: Severity.ERROR,
}


def _of_line(line: Line, columns: RecognisedColumns, code: ProblemCode, detail: str) -> RowProblem:
    return RowProblem(
        line=line.number,
        sheet=columns.sheet,
        code=code,
        severity=_SEVERITY[code],
        detail=detail,
    )


def _overflows(cells: Sequence[str], width: int) -> bool:
    return width < MAX_COLUMNS and any(cells[width:])


def _is_remark(line: Line, columns: RecognisedColumns) -> bool:
    """A single filled cell that is not the country: a footnote, a section's title, a total."""
    filled = [position for position, cell in enumerate(line.cells) if cell]
    return len(filled) == 1 and filled[0] not in columns.positions(Column.COUNTRY)


class Seen:
    """The rows read so far, by digest: 16 bytes and a line number each."""

    def __init__(self) -> None:
        self._lines: dict[bytes, int] = {}

    def again(self, row: FacilityRow) -> Iterator[RowProblem]:
        """A note if an earlier row says exactly the same."""
        content = row.model_dump_json(exclude={"line", "sheet"}).encode()
        digest = blake2b(content, digest_size=16).digest()
        first = self._lines.setdefault(digest, row.line)
        if first != row.line:
            yield RowProblem(
                line=row.line,
                sheet=row.sheet,
                code=ProblemCode.DUPLICATE_ROW,
                severity=Severity.NOTE,
                detail=f"Says the same as line {first}; one of them can go.",
            )
