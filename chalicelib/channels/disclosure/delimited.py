"""Text with delimiters: CSV and its relatives with semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from chalicelib.channels.disclosure.encoding import Encoding
from chalicelib.channels.disclosure.headings import recognise
from chalicelib.channels.disclosure.sheets import HEAD_LINES, MAX_COLUMNS, MAX_LINES, Line, Sheet
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList

DELIMITERS = (",", ";", "\t", "|")
_MAX_RECORD = 1_000_000
_TOO_MANY_LINES = (
    f"The file has more than {MAX_LINES} lines, blank ones included. Delete the blank lines, or "
    "split the list and import the parts."
)


class Delimited(NamedTuple):
    """A text file as a sheet, with the delimiter that was found."""

    sheet: Sheet
    delimiter: str


def read_delimited(content: bytes, encoding: Encoding) -> Delimited:
    """The only sheet of a text file. Raises UnreadableList if a record never ends."""
    heads = {d: _head(content, encoding, d) for d in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: _plausibility(heads[d]))
    lines = partial(_lines, content, encoding, delimiter)
    sheet = Sheet(None, list(islice(lines(), HEAD_LINES)), lines, content.count(b"\n") + 1)
    return Delimited(sheet, delimiter)


def _head(content: bytes, encoding: Encoding, delimiter: str) -> Sequence[Line]:
    """The first lines, or none where this delimiter makes no records at all."""
    try:
        return list(islice(_lines(content, encoding, delimiter), HEAD_LINES))
    except UnreadableList:
        return ()


def _plausibility(head: Sequence[Line]) -> tuple[int, int]:
    """The most headings recognised in one line; then the number of lines that are parted."""
    recognised = (len(recognise(line.cells, line=0, sheet=None).taken) for line in head)
    return max(recognised, default=0), sum(len(line.cells) > 1 for line in head)


def _lines(content: bytes, encoding: Encoding, delimiter: str) -> Iterator[Line]:
    """All records; a record with line breaks inside quotes is one line, as in a spreadsheet."""
    text = io.TextIOWrapper(
        io.BytesIO(content), encoding=encoding.codec, errors="replace", newline=""
    )
    source = _Physical(text)
    reader = csv.reader(source, delimiter=delimiter)
    number = 0
    while True:
        source.record.clear()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _unclosed(number + 1) from error
        if cells is None:
            return
        number += 1
        if number > MAX_LINES:
            raise UnreadableList(UnreadableCode.TOO_MANY_ROWS, _TOO_MANY_LINES)
        if source.ended:
            _refuse_unclosed(source.record, delimiter, number)
        yield Line(number, cells[:MAX_COLUMNS])


class _Physical(Iterator[str]):
    """The physical lines of a text; remembers those of the current record."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.record: list[str] = []
        self._size = 0
        self.ended = False

    def __next__(self) -> str:
        line = self._text.readline(_MAX_RECORD)
        self._size = len(line) + (self._size if self.record else 0)
        if self._size >= _MAX_RECORD:
            raise UnreadableList(
                UnreadableCode.LINE_TOO_LONG,
                "One line has a million characters or more. Save the list as CSV with line breaks "
                "between its rows, or as XLSX.",
            )
        if not line:
            self.ended = True
            raise StopIteration
        self.record.append(line)
        return line


def _refuse_unclosed(record: Sequence[str], delimiter: str, number: int) -> None:
    """The csv module ends an open quote at the end of the file without a word."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise _unclosed(number) from error


def _unclosed(number: int) -> UnreadableList:
    return UnreadableList(
        UnreadableCode.UNCLOSED_QUOTE,
        f"A quotation mark that is opened in line {number} is never closed, so the rest of the "
        'file reads as one cell. Close it, or double it ("") if it belongs to the text.',
    )
