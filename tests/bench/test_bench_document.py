"""The page about performance says what is stored."""

from pathlib import Path
from typing import Any

import pytest

from bench.calls import document, expected

FIGURES: dict[str, dict[str, Any]] = {
    "intake": {
        "cases": 1,
        "calls": 2,
        "read_units": 0.5,
        "write_units": 1200,
        "index_write_units": 4,
        "operations": {"dynamodb.PutItem": 1, "sqs.SendMessage": 1},
    },
    "read": {
        "cases": 1000,
        "calls": 1,
        "read_units": 2.0,
        "write_units": 0,
        "index_write_units": 0,
        "operations": {"dynamodb.Query": 1},
    },
}
TABLE = """\
| what | cases | calls | RRU | WRU | operations |
|---|--:|--:|--:|--:|---|
| `intake` | 1 | 2 | 0.5 | 1,200 (4) | 1 PutItem, 1 SendMessage |
| `read` | 1,000 | 1 | 2 | 0 | 1 Query |
"""


def test_the_page_has_the_figures_that_are_stored() -> None:
    assert document.table(expected.read()) in document.FILE.read_text("utf-8")


def test_a_table_has_a_line_for_each_scenario() -> None:
    assert document.table(FIGURES) == TABLE


def test_the_table_is_replaced_between_its_marks_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Before\n<!-- calls -->\nold\n<!-- end of calls -->\nAfter\n")
    document.write(FIGURES, page)
    assert page.read_text() == (f"# Before\n<!-- calls -->\n{TABLE}<!-- end of calls -->\nAfter\n")


def test_a_page_without_the_marks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Nothing here\n")
    with pytest.raises(LookupError):
        document.write(FIGURES, tmp_path / "page.md")
