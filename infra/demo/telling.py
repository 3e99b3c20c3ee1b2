"""How the story is told: on a terminal with colours and bars, elsewhere as plain lines."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PLAIN_WIDTH = 110


def console(**options: Any) -> Console:
    """A console; where it is no terminal, as wide as a table needs."""
    made = Console(highlight=False, **options)
    if not made.is_terminal:
        made.width = PLAIN_WIDTH
    return made


class Teller:
    """Tells the story."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._chapter = 0

    def open(self, text: str) -> None:
        """The first words."""
        self._console.print(f"[bold]{escape(text)}[/bold]", soft_wrap=True)

    def chapter(self, title: str) -> None:
        """A new step begins."""
        self._chapter += 1
        self._console.print(f"\n[bold]{self._chapter}. {escape(title)}[/bold]")

    def say(self, text: str) -> None:
        """Something that happens."""
        self._console.print(f"   {escape(text)}", soft_wrap=True)

    def done(self, text: str) -> None:
        """Something that was checked."""
        self._console.print(f"   [green]✓[/green] {escape(text)}", soft_wrap=True)

    def aside(self, text: str) -> None:
        """Something beside the story."""
        self._console.print(f"     [dim]{escape(text)}[/dim]", soft_wrap=True)

    def fail(self, text: str) -> None:
        """The end of a story that went wrong."""
        self._console.print(f"\n[bold red]{escape(text)}[/bold red]", soft_wrap=True)

    def end(self, text: str) -> None:
        """The end."""
        self._console.print(f"\n[bold green]{escape(text)}[/bold green]", soft_wrap=True)

    def pairs(self, rows: Mapping[str, object]) -> None:
        """Names and what they are."""
        width = max(map(len, rows))
        for name, value in rows.items():
            line = f"     [dim]{escape(name.ljust(width))}[/dim]  {escape(str(value))}"
            self._console.print(line, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
        """Some columns of some rows."""
        widths = {c: max(len(c), *(len(row[c]) for row in rows)) for c in columns}
        for number, row in enumerate([{c: c for c in columns}, *rows]):
            line = "  ".join(row[column].ljust(widths[column]) for column in columns)
            style = "bold" if number == 0 else None
            self._console.print(f"     {escape(line.rstrip())}", soft_wrap=True, style=style)

    @contextmanager
    def progress(self, what: str) -> Iterator["Bar"]:
        """A bar for something that takes its time; its last state stays."""
        columns = (
            TextColumn("   {task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            yield Bar(progress, progress.add_task(escape(what), total=None))


class Bar:
    """One progress bar."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def reach(self, done: int, total: int | None) -> None:
        """So far."""
        self._progress.update(self._task, completed=done, total=total)
