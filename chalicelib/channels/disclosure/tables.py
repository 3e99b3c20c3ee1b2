"""Where the headings of a list stand, and what to say when there are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.channels.disclosure.headings import RecognisedColumns, recognise
from chalicelib.channels.disclosure.sheets import HEAD_LINES, Sheet
from chalicelib.channels.disclosure.text import clean
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList

_LISTED_HEADINGS = 30
_LISTED_CHARACTERS = 60


class Table(NamedTuple):
    """A sheet whose headings are understood."""

    sheet: Sheet
    columns: RecognisedColumns


class Tables(NamedTuple):
    """The sheets that list facilities, and the names of those that do not."""

    understood: tuple[Table, ...]
    skipped: tuple[str, ...]


def find_tables(sheets: Sequence[Sheet], *, country_given: bool) -> Tables:
    """Every sheet with a column for names and one for countries (or a country given for all).

    Raises UnreadableList, naming the headings found, if no sheet has them.
    """
    best = [(sheet, _best_line(sheet, country_given)) for sheet in sheets]
    understood = tuple(
        Table(sheet, columns)
        for sheet, columns in best
        if columns and _serves(columns, country_given)
    )
    if not understood:
        raise _not_found([columns for _, columns in best if columns], country_given)
    taken = {table.sheet.name for table in understood}
    if len(understood) == 1:
        # then a line number alone says where, and every format gives equal rows
        only = understood[0]
        understood = (Table(only.sheet, only.columns.changed(sheet=None)),)
    skipped = tuple(s.name for s in sheets if s.name and s.name not in taken and s.head)
    return Tables(understood, skipped)


def _best_line(sheet: Sheet, country_given: bool) -> RecognisedColumns | None:
    """The line of the head with the most known headings; one that serves comes first."""
    readings = [recognise(line.cells, line=line.number, sheet=sheet.name) for line in sheet.head]
    return max(readings, key=lambda r: (_serves(r, country_given), len(r.taken)), default=None)


def _serves(columns: RecognisedColumns, country_given: bool) -> bool:
    return columns.names_facilities and (columns.names_countries or country_given)


def _not_found(best: Sequence[RecognisedColumns], country_given: bool) -> UnreadableList:
    wanted = "one for the facility's name (such as Factory Name)"
    if not country_given:
        wanted += " and one for its country (such as Country)"
    found = max(best, key=lambda columns: len(columns.taken), default=None)
    listed = ", ".join(_shown(heading) for heading in _headings(found)[:_LISTED_HEADINGS])
    return UnreadableList(
        UnreadableCode.HEADINGS_NOT_FOUND,
        f"Within the first {HEAD_LINES} lines no line has the headings that are needed: {wanted}. "
        f"Found: {listed or 'nothing'}. Rename the columns or add a line with headings.",
    )


def _headings(found: RecognisedColumns | None) -> list[str]:
    """Headings of the likeliest line; without one known heading it may be data, and stays out."""
    if found is None or not (found.taken or found.personal):
        return []
    return [*(taken.heading for taken in found.taken), *found.ignored, *found.personal]


# An e-mail address, or digits enough for a telephone number
_PRIVATE = re.compile(r"@|(?:\d\D?){6}")


def _shown(heading: str) -> str:
    heading = clean(heading)[:_LISTED_CHARACTERS]
    return "…" if _PRIVATE.search(heading) else f"“{heading}”"
