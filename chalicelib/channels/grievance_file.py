"""A file of grievances: CSV, XLSX, XLS, ODS with our names as headings, or JSON Lines.

Read as supplier lists are (encodings, delimiters, workbooks in a process with limits). Each row
becomes a filing, or says what is wrong with it; none hides its neighbours.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from chalicelib.channels.disclosure.delimited import read_delimited
from chalicelib.channels.disclosure.encoding import Encoding, detect
from chalicelib.channels.disclosure.formats import sniff_format
from chalicelib.channels.disclosure.reader import charset_in
from chalicelib.channels.disclosure.sheets import Line, ListFormat, Sheet
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList
from chalicelib.channels.disclosure.workbook import read_workbook
from chalicelib.channels.form_fields import FormDefaults, filing_of
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.helpline.grievance_import import COLUMNS, PARTNER_REF
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.record.ledger import canonical
from chalicelib.errors import FieldError, ValidationFailed

MOST_ROWS = 5_000
GIVEN_BACK: Sequence[str] = ("line", "errors")
"""What a file of refused rows has beside the columns: passed over where it comes in again,
corrected."""

_BOM = "\ufeff"


class GrievanceRow(NamedTuple):
    """One row that is a filing. `content` is the same for rows that say the same."""

    line: int
    filing: Filing
    worker: WorkerIdentity | None
    content: str
    values: Mapping[str, str]


class RefusedRow(NamedTuple):
    """One row that is none, with what is wrong and what stood there, to be given back."""

    line: int
    errors: Sequence[FieldError]
    values: Mapping[str, str]


class PostedGrievance(Filing):
    """A line of JSON Lines: what `POST /v1/grievances` takes."""

    worker: WorkerIdentity | None = None


def read_grievances(
    content: bytes, defaults: FormDefaults, *, content_type: str | None = None
) -> Iterator[GrievanceRow | RefusedRow]:
    """The rows of a file, in its order; `content_type` may name a charset. Raises UnreadableList,
    at once or on the way: the rows before are good."""
    if _is_json(content):
        yield from _json_rows(content)
        return
    sheet, heading = _sheet(content, charset_in(content_type) or _usual_charset(defaults))
    names = [_name(cell) for cell in heading.cells]
    _refuse_unknown(names)
    for count, line in enumerate(_below(sheet, heading), 1):
        _refuse_too_many(count)
        yield _row(line, names, defaults)


def _is_json(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _sheet(content: bytes, charset: str | None) -> tuple[Sheet, Line]:
    """The first sheet with a line of our headings, and that line."""
    if sniff_format(content) is ListFormat.CSV:
        sheets: Sequence[Sheet] = [read_delimited(content, _encoding(content, charset)).sheet]
    else:
        sheets = read_workbook(content)
    for sheet in sheets:
        for line in sheet.head:
            if sum(_name(cell) in COLUMNS for cell in line.cells) >= 2:
                return sheet, line
    raise UnreadableList(UnreadableCode.HEADINGS_NOT_FOUND, _NO_HEADINGS)


def _usual_charset(defaults: FormDefaults) -> str | None:
    """What a spreadsheet program writes in China, where it does not write UTF-8."""
    from_china = defaults.jurisdiction == "CN" or defaults.language.lower().startswith("zh")
    return _CHINESE if from_china else None


def _encoding(content: bytes, charset: str | None) -> Encoding:
    """A guess would do for a list of factories; what a worker said must not be garbled."""
    found = detect(content, declared=charset)
    if found.guessed and found.codec != _CHINESE:
        raise UnreadableList(UnreadableCode.ENCODING_UNKNOWN, _SAY_WHICH)
    return found


_CHINESE = "gb18030"
_SAY_WHICH = (
    "The file is not in UTF-8, and it cannot be told for sure what else it is. Save it as UTF-8"
    " (or XLSX), or name the charset: `Content-Type: text/csv; charset=gb18030`."
)

_NO_HEADINGS = (
    "No line has two of the headings that are known. Take the template (GET"
    " /v1/grievance-import-template), fill it in and upload it."
)


def _name(cell: str) -> str:
    """A heading as it is written: `Factory name` is `factory_name`."""
    return "_".join(cell.strip().removeprefix(_BOM).lower().replace("-", " ").split())


def _refuse_unknown(names: Sequence[str]) -> None:
    """A column that would be left out may be the one that mattered."""
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        detail = f"These headings stand there twice: {', '.join(sorted(twice & {*COLUMNS}))}."
        raise UnreadableList(UnreadableCode.HEADINGS_NOT_FOUND, detail)
    unknown = sum(bool(name) and name not in (*COLUMNS, *GIVEN_BACK) for name in names)
    if unknown:
        detail = (
            f"{unknown} of the headings are not known. Known are: {', '.join(COLUMNS)}. Rename or"
            " delete the others: nothing is left out silently."
        )
        raise UnreadableList(UnreadableCode.HEADINGS_NOT_FOUND, detail)


def _below(sheet: Sheet, heading: Line) -> Iterator[Line]:
    lines = (line for line in sheet.lines() if line.number > heading.number)
    return (line for line in lines if any(cell.strip() for cell in line.cells))


def _refuse_too_many(count: int) -> None:
    if count > MOST_ROWS:
        detail = f"The file has more than {MOST_ROWS} rows. Split it, and import the parts."
        raise UnreadableList(UnreadableCode.TOO_MANY_ROWS, detail)


def _row(line: Line, names: Sequence[str], defaults: FormDefaults) -> GrievanceRow | RefusedRow:
    cells = [*line.cells, *[""] * len(names)]
    values = {name: cell for name, cell in zip(names, cells, strict=False) if name in COLUMNS}
    overflow = [cell for cell in line.cells[len(names) :] if cell.strip()]
    if overflow:
        return RefusedRow(line.number, [_OVERFLOWS], values)
    try:
        formed = filing_of(values, defaults)
        filing = _with_reference(formed.filing, values.get(PARTNER_REF, "").strip())
    except ValidationFailed as failed:
        return RefusedRow(line.number, failed.errors, values)
    content = _content(filing, formed.worker)
    return GrievanceRow(line.number, filing, formed.worker, content, values)


_OVERFLOWS = FieldError(
    "row",
    "too_many_cells",
    "The row has more cells than there are headings. Put cells that contain the delimiter into"
    " quotation marks.",
)


def _with_reference(filing: Filing, reference: str) -> Filing:
    if not reference:
        return filing
    try:
        changed: Filing = filing.changed(partner_ref=reference)
    except ValidationError as error:
        raise ValidationFailed(errors=field_errors(error)) from error
    return changed


def _content(filing: Filing, worker: WorkerIdentity | None) -> str:
    who = worker.model_dump(mode="json") if worker else None
    return canonical([filing.model_dump(mode="json"), who])


def _json_rows(content: bytes) -> Iterator[GrievanceRow | RefusedRow]:
    lines = content.removeprefix(_BOM.encode()).split(b"\n")
    count = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        count += 1
        _refuse_too_many(count)
        yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> GrievanceRow | RefusedRow:
    values = {RAW: line.decode("utf-8", "replace").strip()}
    try:
        posted = PostedGrievance.model_validate_json(line, strict=True)
    except ValidationError as error:
        return RefusedRow(number, field_errors(error), values)
    except (ValueError, OverflowError):  # numbers of thousands of digits, times before all time
        return RefusedRow(number, [_MALFORMED], values)
    if _names_twice(line):
        return RefusedRow(number, [_TWICE], values)
    filing = Filing.model_validate({name: getattr(posted, name) for name in Filing.model_fields})
    content = _content(filing, posted.worker)
    return GrievanceRow(number, filing, posted.worker, content, values)


RAW = "row"
"""Where a refused line of JSON Lines stands as it was."""

_MALFORMED = FieldError("row", "malformed", "The line is not a JSON object that can be read.")
_TWICE = FieldError("row", "duplicate_key", "A name stands twice in one object.")


def _names_twice(line: bytes) -> bool:
    found = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        found = found or len({name for name, _ in items}) < len(items)
        return dict(items)

    json.loads(line, object_pairs_hook=pairs)
    return found
