"""A part of the bench as people and as programs read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 150
"""Columns of the output, on a terminal and in a file alike."""


@dataclass(frozen=True)
class Sheet:
    """A table: a title, headings, rows. Columns are figures but the first, and those in `texts`."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class Part:
    """What a part of the bench found, in figures and in sentences.

    A failure fails the command: a counted figure is not what it must be. A missed target is told:
    ratios of times vary too much from run to run to stop anybody.
    """

    name: str
    data: dict[str, object]
    sheets: Sequence[Sheet] = ()
    notes: Sequence[str] = ()
    missed: Sequence[str] = ()
    failures: Sequence[str] = ()


def show(parts: Iterable[Part], console: Console | None = None) -> None:
    """Print parts as they come."""
    out = console or Console(width=WIDTH, highlight=False)
    for part in parts:
        for sheet in part.sheets:
            out.print(_table(sheet))
        for note in part.notes:
            out.print(f"  {note}", markup=False)
        for target in part.missed:
            out.print(f"  TARGET MISSED: {target}", style="yellow", markup=False)
        for failure in part.failures:
            out.print(f"  FAILED: {failure}", style="bold red", markup=False)


def _table(sheet: Sheet) -> Table:
    table = Table(title=sheet.title, title_justify="left", box=box.SIMPLE, title_style="bold")
    for heading in sheet.headings:
        text = heading in (sheet.headings[0], *sheet.texts)
        table.add_column(heading, justify="left" if text else "right", overflow="fold")
    for row in sheet.rows:
        table.add_row(*row)
    return table


def shortly(number: float) -> str:
    """A figure for people: three digits that count, no trailing zeroes."""
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"
