"""Reads a workbook in a process of its own, started by `workbook.py`; needs a POSIX system.

A few hundred bytes of XLSX, XLS or ODS can claim a cell in the last corner of a sheet, or a cell
of ten billion blanks; calamine would fill them in until the machine has no memory left. Here that
costs one process that the system stops.

Arguments: folder of python_calamine, bytes of address space, seconds of CPU, widest row, longest
cell, then `heads` and a number of lines, or `lines` and the index of a sheet. The workbook comes
on standard input. Standard output gets JSON lines: for `heads` one object a visible sheet, for
`lines` one `[number, cells]` a row. The exit statuses are named below.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

NO_WORKBOOK = 3
OUT_OF_MEMORY = 4


def main(folder: str, memory: str, seconds: str, width: str, longest: str, *task: str) -> int:
    """Limit this process, then do the task; gives the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path.append(folder)
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        answer(book, Texts(int(width), int(longest)), task[0], int(task[1]))
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 (a panic in Rust arrives as a BaseException)
        return NO_WORKBOOK
    return 0


def answer(book: Any, texts: Texts, task: str, number: int) -> None:
    """Write what was asked for, a JSON value a line."""
    if task == "heads":
        values: Iterator[Any] = heads(book, texts, number)
    else:
        values = rows(book.get_sheet_by_index(number), texts)
    for value in values:
        sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


class Texts:
    """Makes text of cells: at most so many in a row, at most so many characters in each."""

    def __init__(self, width: int, longest: int) -> None:
        self._width = width
        self._longest = longest

    def of(self, row: list[Any]) -> list[str]:
        return [text(cell)[: self._longest] for cell in row[: self._width]]


def text(cell: Any) -> str:
    """A cell as a list would have it in CSV: 7.0 is `7`, a date is ISO 8601."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def heads(book: Any, texts: Texts, count: int) -> Iterator[dict[str, Any]]:
    """The first rows of every visible sheet."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    for index, meta in enumerate(book.sheets_metadata):
        if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_index(index)
            head = list(islice(rows(sheet, texts), count))
            yield {"index": index, "name": meta.name, "height": sheet.total_height, "head": head}


def rows(sheet: Any, texts: Texts) -> Iterator[list[Any]]:
    """`[number, cells]` of the rows that hold something, numbered as on screen.

    Cells start at the first column in use. A cell merged over several rows holds in all of them.
    """
    merged = merged_downwards(sheet)
    held: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells = texts.of(row)
        for column, (last, value) in held.items():
            if number <= last and column < len(cells) and not cells[column]:
                cells[column] = value
        for column, last in merged.get(number, ()):
            if column < len(cells):
                held[column] = last, cells[column]
        if any(cells):
            yield [number + 1, cells]


def merged_downwards(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """First row -> (column, last row) of the cells that were merged over several rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    start = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and left >= start:
            found.setdefault(top, []).append((left - start, bottom))
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
