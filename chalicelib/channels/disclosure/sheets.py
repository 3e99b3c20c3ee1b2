"""What every format comes down to: sheets of numbered lines of text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

HEAD_LINES = 30
"""How many lines of a sheet are searched for its headings."""

MAX_COLUMNS = 300
MAX_LINES = 1_048_576
"""What a spreadsheet can show, blank lines included."""


class ListFormat(StrEnum):
    """The format that the content has, whatever the file is called."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"


class Line(NamedTuple):
    """One line of a sheet: its number as a spreadsheet shows it (from 1) and its cells."""

    number: int
    cells: Sequence[str]


class Sheet(NamedTuple):
    """One sheet: its first lines, and all of them from the start as often as `lines` is called.

    `lines` may raise UnreadableList before or between lines.
    """

    name: str | None
    head: Sequence[Line]
    lines: Callable[[], Iterator[Line]]
    height: int
    """About how many lines it has; for progress bars only."""
