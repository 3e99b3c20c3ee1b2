"""Text files: the delimiter is found, lines are numbered as a spreadsheet numbers them."""

import pytest

from chalicelib.channels.disclosure.delimited import read_delimited
from chalicelib.channels.disclosure.encoding import Encoding
from chalicelib.channels.disclosure.sheets import MAX_COLUMNS
from chalicelib.channels.disclosure.unreadable import UnreadableList
from tests.channels.disclosure.files import csv_of

UTF_8 = Encoding("utf-8")


def lines(content: str) -> list[tuple[int, list[str]]]:
    sheet = read_delimited(content.encode(), UTF_8).sheet
    return [(line.number, list(line.cells)) for line in sheet.lines()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_whatever_the_line_break(delimiter: str, line_break: str) -> None:
    rows = [["Factory Name", "Country"], ["Foo, Bar; Baz Ltd", "CN"], ["A|B\tC", "VN"]]
    read = read_delimited(csv_of(rows, delimiter, line_break).encode(), UTF_8)
    assert read.delimiter == delimiter
    assert [list(line.cells) for line in read.sheet.lines()] == rows


def test_commas_in_a_title_do_not_hide_the_semicolons_of_the_list() -> None:
    content = "Suppliers, tier 1, tier 2, as of March, 2024\nName;Address;Country\nFoo;a, b, c;CN\n"
    assert read_delimited(content.encode(), UTF_8).delimiter == ";"


def test_a_line_break_inside_quotation_marks_does_not_make_a_line() -> None:
    assert lines('name,country\n"Foo\nLtd",CN\n\nBar,VN\n') == [
        (1, ["name", "country"]),
        (2, ["Foo\nLtd", "CN"]),
        (3, []),
        (4, ["Bar", "VN"]),
    ]


def test_quotation_marks_inside_a_cell_are_kept() -> None:
    assert lines('name,country\nFoo "X" Ltd,CN\n"Bar ""Y""",VN') == [
        (1, ["name", "country"]),
        (2, ['Foo "X" Ltd', "CN"]),
        (3, ['Bar "Y"', "VN"]),
    ]


@pytest.mark.parametrize("rest", ["Bar,VN\nBaz,TR\n", "", "x" * 140_000 + "\n"])
def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(rest: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        lines('name,country\nFoo,CN\n"Open,VN\n' + rest)
    assert refused.value.code == "unclosed_quote"
    assert "line 3" in refused.value.detail


def test_a_line_of_a_million_characters_is_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        lines("name,country\n" + "x," * 600_000)
    assert refused.value.code == "line_too_long"


def test_a_record_of_a_million_characters_over_many_lines_is_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        lines('name,country\n"' + ('a\n","' * 300_000))
    assert refused.value.code == "line_too_long"


def test_cells_beyond_the_widest_list_are_cut_off() -> None:
    assert len(lines("x," * 5000)[0][1]) == MAX_COLUMNS


def test_millions_of_blank_lines_are_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        lines("name,country\n" + "\n" * 1_048_576)
    assert refused.value.code == "too_many_rows"
