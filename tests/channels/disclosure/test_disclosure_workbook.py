"""Workbooks: sheets and cells as on screen, and files that lie about their size."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from chalicelib.channels.disclosure.formats import sniff_format
from chalicelib.channels.disclosure.sheets import Sheet
from chalicelib.channels.disclosure.unreadable import UnreadableList
from chalicelib.channels.disclosure.workbook import (
    MAX_UNPACKED_BYTES,
    environment,
    members,
    read_workbook,
)
from tests.channels.disclosure.files import Rows, ods, ods_of_xml, xlsx, xlsx_of_xml, zipped


def lines(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(line.number, list(line.cells)) for line in sheet.lines()]


def test_lines_are_numbered_as_on_screen_and_empty_ones_are_passed_over() -> None:
    rows: Rows = [["a", "b"], ["c", None], [None, None], ["d", "e"]]
    content = xlsx({"List": rows}, first_row=4)
    (sheet,) = read_workbook(content)
    assert (sheet.name, sheet.head) == ("List", list(sheet.lines()))
    assert lines(sheet) == [(4, ["a", "b"]), (5, ["c", ""]), (7, ["d", "e"])]


def test_numbers_are_written_as_in_csv() -> None:
    numbers: Rows = [[7.0, 0.5, 114.120729, 518115, "0012"]]
    (sheet,) = read_workbook(xlsx({"List": numbers}))
    assert lines(sheet) == [(1, ["7", "0.5", "114.120729", "518115", "0012"])]


def test_a_cell_merged_over_several_rows_holds_in_each_of_them() -> None:
    rows: Rows = [["Country", "Name"], ["China", "A"], [None, "B"], [None, "C"], [None, "D"]]
    (sheet,) = read_workbook(xlsx({"List": rows}, first_column=3, merged=["C3:C5", "C1:D1"]))
    assert lines(sheet)[1:] == [
        (2, ["China", "A"]),
        (3, ["", "B"]),
        (4, ["", "C"]),
        (5, ["", "D"]),
    ]
    (sheet,) = read_workbook(xlsx({"List": rows}, first_column=3, merged=["C2:C4"]))
    assert lines(sheet)[1:] == [
        (2, ["China", "A"]),
        (3, ["China", "B"]),
        (4, ["China", "C"]),
        (5, ["", "D"]),
    ]


def test_hidden_sheets_are_left_alone() -> None:
    content = xlsx({"A": [["a"]], "B": [["b"]], "C": [["c"]]}, hidden=["B"])
    assert [sheet.name for sheet in read_workbook(content)] == ["A", "C"]


def test_open_document_sheets_are_read() -> None:
    (sheet,) = read_workbook(ods([["Name", "Country"], ["Foo & Söhne", "DE"], ["Bar", 7]]))
    assert lines(sheet) == [(1, ["Name", "Country"]), (2, ["Foo & Söhne", "DE"]), (3, ["Bar", "7"])]


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99) + "EncryptedPackage".encode("utf-16-le")
CORNERS = (
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
TEN_BILLION_BLANKS = (
    '<table:table-row><table:table-cell office:value-type="string"><text:p>'
    '<text:s text:c="9999999999"/></text:p></table:table-cell></table:table-row>'
)
REPEATED = (
    '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
    'table:number-columns-repeated="16000" office:value-type="string"><text:p>x</text:p>'
    "</table:table-cell></table:table-row>"
)


@pytest.mark.parametrize(
    "content",
    [xlsx_of_xml({"x": CORNERS}), ods_of_xml(TEN_BILLION_BLANKS), ods_of_xml(REPEATED)],
    ids=["cells in two corners", "ten billion blanks", "repeated cells"],
)
def test_a_small_file_that_claims_a_huge_sheet_is_refused(content: bytes) -> None:
    """Read in this process, the first two end it: the library aborts when memory runs out."""
    assert len(content) < 4000
    with pytest.raises(UnreadableList) as refused:
        read_workbook(content)
    assert refused.value.code in {"file_too_large", "damaged_file"}


def test_a_zip_bomb_is_refused_before_anything_is_unpacked() -> None:
    file = BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        for _ in range(MAX_UNPACKED_BYTES // 2**20 + 1):
            member.write(b" " * 2**20)
    assert len(file.getvalue()) < 2**20
    with pytest.raises(UnreadableList) as refused:
        members(file.getvalue())
    assert refused.value.code == "file_too_large"


def test_an_archive_with_thousands_of_members_is_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        members(zipped({f"xl/{i}.xml": "" for i in range(2001)}))
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n", "empty_file"),
        (b"%PDF-1.7 ...", "unsupported_format"),
        (b"\n<!DOCTYPE html><table><tr><td>Name", "unsupported_format"),
        (b"<html><body>", "unsupported_format"),
        (b'<?xml version="1.0"?><Workbook>', "unsupported_format"),
        (zipped({"readme.txt": "hello"}), "unsupported_format"),
        (zipped({"xl/workbook.bin": "x"}), "unsupported_format"),
        (b"PK\x03\x04 torn", "damaged_file"),
        (ENCRYPTED, "password_protected"),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        sniff_format(content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        zipped({"xl/workbook.xml": "<workbook"}),
        zipped({"content.xml": "<office"}),
        zipped({"xl/workbook.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><workbook>&b;</workbook>"}),
    ],
)
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableList) as refused:
        list(read_workbook(content))
    assert refused.value.code == "damaged_file"


def test_an_archive_of_an_unknown_version_is_refused() -> None:
    content = bytearray(zipped({"xl/workbook.xml": "x"}))
    content[content.index(b"PK\x01\x02") + 6] = 99
    with pytest.raises(UnreadableList) as refused:
        members(bytes(content))
    assert refused.value.code == "unsupported_format"


def test_the_reading_process_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib")
    assert environment() == {"LD_LIBRARY_PATH": "/usr/lib"}


def test_abandoning_a_sheet_half_way_leaves_no_process_behind() -> None:
    content = xlsx({"List": [[f"factory {i}", "x" * 50] for i in range(5000)]})
    (sheet,) = read_workbook(content)
    iterator = sheet.lines()
    next(iterator)
    iterator.close()  # type: ignore[attr-defined]
    children = Path("/proc/self/task").glob("*/children")
    assert [c for c in children if c.read_text().strip()] == []
