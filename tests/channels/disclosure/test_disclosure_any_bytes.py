"""Whatever the bytes: rows, problems or UnreadableList, and nothing else."""

from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.channels.disclosure import (
    FacilityRow,
    RowProblem,
    UnreadableList,
    read_list,
)
from tests.channels.disclosure.files import Rows, csv_of, ods, xlsx

SHIPPED = Path(__file__).parents[3] / "data" / "lists"
WORKBOOKS = [
    (SHIPPED / "osh_sample_12.xls").read_bytes(),
    xlsx({"a": [["name", "country"], ["Foo", "CN"]]}, merged=["A1:A2"]),
    ods([["name", "country"], ["Foo", "CN"]]),
]
HEADINGS = st.sampled_from(
    [
        *("name", "country", "Factory Name", "Supplier Name and Address", "address", "Address 2"),
        *("district", "OS ID", "USCC", "lat", "long", "coordinates", "workers", "tier", "Products"),
        *("Process", "Parent", "Phone", "", "x", "国家", "工厂名称"),
    ]
)
CELLS = st.text(max_size=30) | st.sampled_from(
    ["CN", "Korea", "Bangaldesh", "N/A", "1,2", "Tier 1", '"', "\n", "=1+1", "90;180", "x" * 2001]
)


def reads_or_refuses(content: bytes, content_type: str | None = None) -> None:
    """Any exception but UnreadableList fails the test."""
    with suppress(UnreadableList):
        for item in read_list(content, filename="x.csv", content_type=content_type):
            assert isinstance(item, FacilityRow | RowProblem)
            assert item.line is None or item.line > 0


@settings(max_examples=300)
@given(st.binary(max_size=400))
@example(b"name,country\n\x00,CN\n")
@example(b"\xff\xfen")
@example(b"name,country\r\x85Foo,CN")
def test_any_bytes(content: bytes) -> None:
    reads_or_refuses(content)


@settings(max_examples=300)
@given(
    st.lists(HEADINGS, min_size=2, max_size=8),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_table_with_known_headings(
    headings: list[str], rows: list[list[str]], delimiter: str, codec: str
) -> None:
    table: Rows = [["name", "country", *headings], *rows]
    reads_or_refuses(csv_of(table, delimiter).encode(codec, errors="ignore"))


@settings(max_examples=200)
@given(st.text(max_size=200), st.sampled_from(["cp1252", "gb18030", "utf-16-le", "big5"]))
def test_any_text_below_headings(text: str, charset: str) -> None:
    content = ("name,country\n" + text).encode(charset, errors="ignore")
    reads_or_refuses(content, f"text/csv; charset={charset}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_damage_to_a_workbook(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(WORKBOOKS)))
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(8, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(8, len(content)))
    reads_or_refuses(bytes(content[:cut]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS.filter(str.isprintable), max_size=5), max_size=5))
def test_any_cells_of_a_workbook(rows: list[list[str]]) -> None:
    reads_or_refuses(xlsx({"a": [["name", "country", "address"], *rows]}))
