"""A supplier list of any common format as typed rows and typed problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.channels.disclosure.countries import read_country
from chalicelib.channels.disclosure.delimited import read_delimited
from chalicelib.channels.disclosure.encoding import detect
from chalicelib.channels.disclosure.facility import read_facility
from chalicelib.channels.disclosure.formats import sniff_format
from chalicelib.channels.disclosure.headings import RecognisedColumns
from chalicelib.channels.disclosure.lines import Seen, facility_lines
from chalicelib.channels.disclosure.notes import encoding_notes, name_notes, skipped_notes
from chalicelib.channels.disclosure.rows import MAX_FILE_BYTES, MAX_ROWS, FacilityRow, RowProblem
from chalicelib.channels.disclosure.sheets import Line, ListFormat
from chalicelib.channels.disclosure.tables import Table, Tables, find_tables
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList
from chalicelib.channels.disclosure.workbook import read_workbook


@dataclass(frozen=True)
class DisclosureReader:
    """A list whose headings are understood. Iterate it, as often as needed, for what it says.

    Iteration yields, in the order of the file, a FacilityRow for each facility and a RowProblem
    for each thing that a person may want to correct; problems of the whole file come first.
    It raises UnreadableList when the rest of the file cannot be read (too many rows, a quotation
    mark that is never closed). The rows before are good, but nothing may then be concluded from
    what the list lacks.
    """

    format: ListFormat
    encoding: str | None
    """The codec of a text file; None for workbooks."""
    delimiter: str | None
    lines: int
    """About how many lines there are; for progress bars only."""
    problems: tuple[RowProblem, ...]
    """What concerns the whole file."""
    tables: tuple[Table, ...]
    default_country: str | None

    @property
    def columns(self) -> tuple[RecognisedColumns, ...]:
        """How each sheet with facilities was understood; CSV has one."""
        return tuple(table.columns for table in self.tables)

    def __iter__(self) -> Iterator[FacilityRow | RowProblem]:
        yield from self.problems
        seen = Seen()
        left = MAX_ROWS
        for table in self.tables:
            for found in facility_lines(
                table, exact_width=self.delimiter is not None, default=self.default_country
            ):
                left -= 1
                if left < 0:
                    raise _too_many_rows()
                if isinstance(found, RowProblem):
                    yield found
                else:
                    yield from self._facility(found, table, seen)

    def _facility(self, line: Line, table: Table, seen: Seen) -> Iterator[FacilityRow | RowProblem]:
        row, problems = read_facility(line, table.columns, default_country=self.default_country)
        yield from problems
        if row is not None:
            yield row
            yield from seen.again(row)


def read_list(
    content: bytes,
    *,
    filename: str | None = None,
    content_type: str | None = None,
    default_country: str | None = None,
) -> DisclosureReader:
    """Understand the format and the headings of a supplier list.

    The content decides what it is; `content_type` may add a charset, `filename` at most a note.
    `default_country` (a name or a code) is the country of lines that give none.
    Raises UnreadableList, here or during iteration, and nothing else.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableList(
            UnreadableCode.TOO_LARGE,
            f"The file has more than {MAX_FILE_BYTES >> 20} MiB. Split the list, for instance by "
            "country, and import the parts.",
        )
    default = _default_country(default_country)
    kind = sniff_format(content)
    if kind is ListFormat.CSV:
        return _read_text(content, filename, content_type, default)
    tables = find_tables(read_workbook(content), country_given=default is not None)
    notes = (*name_notes(filename, kind), *skipped_notes(tables.skipped))
    return _reader(kind, tables, default, notes)


def _read_text(
    content: bytes, filename: str | None, content_type: str | None, default: str | None
) -> DisclosureReader:
    encoding = detect(content, declared=charset_in(content_type))
    text = read_delimited(content, encoding)
    tables = find_tables([text.sheet], country_given=default is not None)
    notes = (*name_notes(filename, ListFormat.CSV), *encoding_notes(encoding))
    return _reader(
        ListFormat.CSV, tables, default, notes, encoding=encoding.codec, delimiter=text.delimiter
    )


def _reader(
    kind: ListFormat,
    tables: Tables,
    default: str | None,
    notes: tuple[RowProblem, ...],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> DisclosureReader:
    return DisclosureReader(
        format=kind,
        encoding=encoding,
        delimiter=delimiter,
        lines=sum(table.sheet.height for table in tables.understood),
        problems=notes,
        tables=tables.understood,
        default_country=default,
    )


def _default_country(name: str | None) -> str | None:
    if name is None:
        return None
    if code := read_country(name).code:
        return code
    raise UnreadableList(
        UnreadableCode.UNKNOWN_DEFAULT_COUNTRY,
        "The default country is unknown. Give its ISO 3166-1 code or its English name.",
    )


_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


def charset_in(content_type: str | None) -> str | None:
    """The charset that a content type names."""
    match = _CHARSET.search(content_type or "")
    return match[1] if match else None


def _too_many_rows() -> UnreadableList:
    return UnreadableList(
        UnreadableCode.TOO_MANY_ROWS,
        f"The list has more than {MAX_ROWS} rows. Split it, for instance by country, and import "
        "the parts.",
    )
