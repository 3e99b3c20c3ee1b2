"""The table of counted figures in docs/performance.md, written by the command itself."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.environment import ROOT
from bench.report import shortly

FILE = ROOT / "docs" / "performance.md"

_PLACE = re.compile(r"(?<=<!-- calls -->\n).*?(?=<!-- end of calls -->)", re.DOTALL)
_HEAD = "| what | cases | calls | RRU | WRU | operations |\n|---|--:|--:|--:|--:|---|\n"


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures as a Markdown table, a line for each scenario."""
    return _HEAD + "".join(_line(name, found) for name, found in figures.items())


def _line(name: str, found: Mapping[str, Any]) -> str:
    operations = ", ".join(f"{n} {op.split('.')[1]}" for op, n in found["operations"].items())
    in_indexes = f" ({found['index_write_units']:,})" if found["index_write_units"] else ""
    units = f"{shortly(found['read_units'])} | {found['write_units']:,}{in_indexes}"
    return f"| `{name}` | {found['cases']:,} | {found['calls']} | {units} | {operations} |\n"


def write(figures: Mapping[str, Mapping[str, Any]], path: Path = FILE) -> None:
    """Replace the table between the marks. LookupError where the marks are missing."""
    text = path.read_text("utf-8")
    if not _PLACE.search(text):
        raise LookupError(f"{path} has no place for the table of calls")
    path.write_text(_PLACE.sub(lambda _: table(figures), text), "utf-8")
