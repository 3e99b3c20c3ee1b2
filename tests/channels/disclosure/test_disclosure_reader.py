"""A list from its bytes to typed rows and typed problems."""

from itertools import islice

import pytest

from chalicelib.channels.disclosure import (
    MAX_FILE_BYTES,
    FacilityRow,
    ListFormat,
    ProblemCode,
    RowProblem,
    Severity,
    UnreadableList,
    read_list,
)
from chalicelib.channels.disclosure import reader as reader_module
from chalicelib.domain.factories.identifiers import Identifier, IdentifierKind
from tests.channels.disclosure.files import Rows, csv_of, ods, xlsx
from tests.channels.disclosure.reading import read

FULL: Rows = [
    ["Supplier list as of March 2024"],
    [],
    [
        *("Supplier Name", "Factory Name", "OS ID", "Factory Address", "Address 2", "District"),
        *("City", "Province", "Zip", "Country", "Lat", "Long", "Total workers", "Process"),
        *("Facility type", "Product Type", "Sector", "Tier", "Contact person", "E-mail", "USCC"),
    ],
    [
        *("Hua Group", "华丽 Garment\nCo., Ltd", "cn-2019303-BQ3FZ-P", "No. 8  Road\t5", "2/F,"),
        *("Longgang", "Shenzhen", "Guangdong", "518115", "P.R. China", "22,72", "114.25 E"),
        *("1,251", "Cutting, Sewing", "Finished goods", "Jackets|Trousers", "Apparel", "Tier 1"),
        *("Li Na", "li.na@example.com", "91350100M000100Y43"),
    ],
]
FULL_ROW = FacilityRow(
    line=4,
    name="华丽 Garment Co., Ltd",
    address="No. 8 Road 5, 2/F, Longgang",
    city="Shenzhen",
    admin_area="Guangdong",
    postal_code="518115",
    country="CN",
    os_id="CN2019303BQ3FZP",
    identifiers=(
        Identifier(kind=IdentifierKind.OS_ID, value="CN2019303BQ3FZP", valid=True),
        Identifier(kind=IdentifierKind.USCC, value="91350100M000100Y43", valid=True),
    ),
    latitude=22.72,
    longitude=114.25,
    workers=1251,
    workers_reported="1,251",
    processing_types=("Cutting", "Sewing", "Finished goods"),
    product_types=("Jackets", "Trousers"),
    sector="Apparel",
    parent="Hua Group",
    tier=1,
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (csv_of(FULL).encode(), ListFormat.CSV),
        (csv_of(FULL, ";").encode("utf-8-sig"), ListFormat.CSV),
        (csv_of(FULL, "\t").encode("utf-16"), ListFormat.CSV),
        (csv_of(FULL).encode("gb18030"), ListFormat.CSV),
        (xlsx({"Factories": FULL}), ListFormat.XLSX),
        (ods(FULL), ListFormat.ODS),
    ],
    ids=["csv", "semicolons with a mark", "tabs in utf-16", "gb18030", "xlsx", "ods"],
)
def test_every_format_gives_the_same_row(content: bytes, kind: ListFormat) -> None:
    reader = read_list(content)
    assert reader.format is kind
    assert [item for item in reader if isinstance(item, FacilityRow)] == [FULL_ROW]


def test_nothing_about_persons_is_kept_or_said() -> None:
    shown = "".join(str(item) for item in read_list(csv_of(FULL).encode()))
    assert "Li Na" not in shown
    assert "li.na@" not in shown


def test_the_reader_says_what_it_took_the_headings_for() -> None:
    (columns,) = read_list(csv_of(FULL).encode()).columns
    assert columns.heading_line == 3
    assert [(t.column.value, t.heading) for t in columns.taken] == [
        ("parent", "Supplier Name"),
        ("name", "Factory Name"),
        ("os_id", "OS ID"),
        ("address", "Factory Address"),
        ("address_line", "Address 2"),
        ("district", "District"),
        ("city", "City"),
        ("admin_area", "Province"),
        ("postal_code", "Zip"),
        ("country", "Country"),
        ("latitude", "Lat"),
        ("longitude", "Long"),
        ("workers", "Total workers"),
        ("processing_types", "Process"),
        ("processing_types", "Facility type"),
        ("product_types", "Product Type"),
        ("sector", "Sector"),
        ("tier", "Tier"),
        ("uscc", "USCC"),
    ]
    assert (columns.ignored, columns.personal) == ((), ("Contact person", "E-mail"))


def test_a_reader_can_be_read_again() -> None:
    reader = read_list(b"name,country\nFoo,CN\nFoo,CN\n")
    assert list(reader) == list(reader)


def test_lines_are_numbered_as_in_a_spreadsheet() -> None:
    read_ = read('name,country\n"Foo\nLtd",CN\n\n,\nBar,VN\n')
    assert [(row.line, row.name) for row in read_.rows] == [(2, "Foo Ltd"), (5, "Bar")]


def test_a_row_without_a_name_or_a_country_is_left_out_with_its_line_number() -> None:
    read_ = read("name,country,city\nFoo,,Dhaka\n,CN,Wuhan\nN/A,-,x\nBar,VN,\n")
    assert [row.name for row in read_.rows] == ["Bar"]
    assert read_.codes() == [
        (2, "country", "country_missing", "error"),
        (3, "name", "name_missing", "error"),
        (4, "country", "country_missing", "error"),
        (4, "name", "name_missing", "error"),
    ]


def test_countries_that_cannot_be_settled_are_asked_about() -> None:
    read_ = read("name,country\nA,Nigera\nB,Virgin Islands\nC,Narnia\nD,Bangaldesh\nE,Korea\n")
    assert [(row.name, row.country) for row in read_.rows] == [("D", "BD"), ("E", "KR")]
    hint = "Write the country's English name or its ISO 3166-1 code."
    virgin = "British Virgin Islands (VG) or U.S. Virgin Islands (VI)"
    assert [(p.line, p.code.value, p.severity.value) for p in read_.problems] == [
        (2, "country_unknown", "error"),
        (3, "country_ambiguous", "error"),
        (4, "country_unknown", "error"),
        (5, "country_corrected", "note"),
        (6, "country_assumed", "note"),
    ]
    assert [problem.detail for problem in read_.problems] == [
        f"This is no country. Is it Niger (NE) or Nigeria (NG)? {hint}",
        f"This could be {virgin}. {hint} One country a line.",
        f"This is no country. {hint}",
        "Read as Bangladesh (BD). Correct it if that is wrong.",
        "Read as South Korea (KR). Correct it if that is wrong.",
    ]


def test_a_given_country_holds_where_the_list_gives_none() -> None:
    with_column = read("name,country\nFoo,\nBar,VN\nBaz,Narnia\n", default_country="Bangladesh")
    assert [(row.name, row.country) for row in with_column.rows] == [("Foo", "BD"), ("Bar", "VN")]
    without = read("Supplier;Address\nFoo;Road 1\nBar;\n", default_country="BD")
    assert [(r.name, r.country, r.address) for r in without.rows] == [
        ("Foo", "BD", "Road 1"),
        ("Bar", "BD", None),
    ]


def test_an_unknown_given_country_is_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        read("name\nFoo\n", default_country="Narnia")
    assert refused.value.code == "unknown_default_country"


def test_a_list_without_a_country_column_is_one_error_that_lists_the_headings() -> None:
    with pytest.raises(UnreadableList) as refused:
        read_list(b"Factory Name,Strasse,Foo,ops@example.com,+49 170 1234567\nA,B,C,D,E\n")
    assert refused.value.code == "headings_not_found"
    assert refused.value.detail == (
        "Within the first 30 lines no line has the headings that are needed: one for the "
        "facility's name (such as Factory Name) and one for its country (such as Country). Found: "
        "“Factory Name”, “Strasse”, “Foo”, …, …. Rename the columns or add a line with headings."
    )


def test_a_file_without_headings_shows_none_of_its_data() -> None:
    with pytest.raises(UnreadableList) as refused:
        read_list(b"Foo Ltd,Li Na,CN\nBar Ltd,Wang Wei,VN\n")
    assert "Found: nothing." in refused.value.detail


def test_name_and_address_in_one_cell_are_parted_at_the_line_break() -> None:
    read_ = read('Supplier name and address,Country\n"Foo Ltd\nRoad 1\nDhaka",BD\nBar,VN\n')
    assert [(row.name, row.address) for row in read_.rows] == [
        ("Foo Ltd", "Road 1 Dhaka"),
        ("Bar", None),
    ]


def test_address_lines_are_joined_and_a_district_is_not_said_twice() -> None:
    read_ = read(
        "name,country,Address Line 1,Address Line 2,District\n"
        'A,BD,"House 4,",Road 5,Savar\nB,BD,"Road 5, Savar",,SAVAR\nC,BD,,,Savar\nD,BD,,,\n'
    )
    assert [row.address for row in read_.rows] == [
        "House 4, Road 5, Savar",
        "Road 5, Savar",
        "Savar",
        None,
    ]


def test_a_lone_address_keeps_its_spelling() -> None:
    address = "NO.8 ,SHUANGBAO  WEST ROAD,, OUHAI ,"
    read_ = read(csv_of([["name", "country", "address"], ["A", "CN", address]]))
    assert read_.rows[0].address == "NO.8 ,SHUANGBAO WEST ROAD,, OUHAI ,"


def test_an_identifier_that_fails_its_check_is_kept_and_warned_about() -> None:
    read_ = read(
        "name,country,OS ID,LEI\n"
        "A,IN,IN2019067X1K87E,\n"
        "B,CN,https://opensupplyhub.org/facilities/CN2019303BQ3FZP,HWUPKR0MPOU8FGXBT394\n"
    )
    assert [(row.os_id, [(i.value, i.valid) for i in row.identifiers]) for row in read_.rows] == [
        (None, [("IN2019067X1K87E", False)]),
        ("CN2019303BQ3FZP", [("CN2019303BQ3FZP", True), ("HWUPKR0MPOU8FGXBT394", True)]),
    ]
    assert read_.codes() == [(2, "OS ID", "identifier_check_failed", "warning")]


def test_values_that_cannot_be_read_are_left_out_and_the_row_stays() -> None:
    read_ = read(
        "name,country,workers,tier,latitude,longitude\nA,CN,see site,main,114.1,22.5\n"
        "B,CN,501-1000,,,\n"
    )
    assert [(r.name, r.workers, r.workers_reported, r.tier, r.latitude) for r in read_.rows] == [
        ("A", None, None, None, None),
        ("B", None, "501-1000", None, None),
    ]
    assert read_.codes() == [
        (2, "tier", "tier_unreadable", "warning"),
        (2, "workers", "workers_unreadable", "warning"),
        (2, "latitude", "coordinates_unreadable", "warning"),
    ]


def test_a_place_in_one_column_is_read() -> None:
    read_ = read('name,country,GPS coordinates\nA,BD,"23.78, 90.4"\nB,BD,near the mill\n')
    assert [(row.latitude, row.longitude) for row in read_.rows] == [(23.78, 90.4), (None, None)]
    assert read_.codes() == [(3, "GPS coordinates", "coordinates_unreadable", "warning")]


def test_an_exact_duplicate_is_kept_and_noted_with_the_line_it_repeats() -> None:
    read_ = read("name,country\nFoo,CN\nBar,CN\nFoo ,China\nFOO,CN\n")
    assert [row.line for row in read_.rows] == [2, 3, 4, 5]
    assert read_.problems == [
        RowProblem(
            line=4,
            code=ProblemCode.DUPLICATE_ROW,
            severity=Severity.NOTE,
            detail="Says the same as line 2; one of them can go.",
        )
    ]


def test_headings_in_between_and_remarks_are_passed_over_with_a_note() -> None:
    read_ = read("name,country\nFoo,CN\nname,country\nBar,VN\n* As of March 2024,\nTotal,\n")
    assert [row.name for row in read_.rows] == ["Foo", "Bar"]
    assert read_.codes() == [
        (3, None, "repeated_headings", "note"),
        (5, None, "remark", "note"),
        (6, None, "remark", "note"),
    ]


def test_more_cells_than_headings_is_an_error_in_csv_and_usual_in_a_workbook() -> None:
    rows: Rows = [["name", "country"], ["Foo", "CN", "x"], ["Bar", "VN", ""]]
    text = read(csv_of(rows))
    assert [row.name for row in text.rows] == ["Bar"]
    assert text.codes() == [(2, None, "too_many_cells", "error")]
    assert [row.name for row in read(xlsx({"x": rows})).rows] == ["Foo", "Bar"]


def test_a_cell_over_2000_characters_costs_its_row_unless_its_column_is_ignored() -> None:
    rows: Rows = [
        ["name", "country", "address", "notes"],
        ["A", "CN", "x" * 2001, ""],
        ["B", "CN", "x" * 2000, "x" * 9000],
    ]
    for content in (csv_of(rows).encode(), xlsx({"x": rows})):
        read_ = read(content)
        assert [row.name for row in read_.rows] == ["B"]
        assert read_.codes() == [(2, "address", "cell_too_long", "error")]


def test_every_sheet_with_facilities_is_read_and_the_others_are_named() -> None:
    content = xlsx(
        {
            "Introduction": [["We publish our suppliers."]],
            "Tier 1": [["Factory", "Country"], ["Foo", "CN"]],
            "Tier 2": [["as of 2024"], ["Mill name", "Country"], ["Bar", "Narnia"], ["Baz", "VN"]],
        }
    )
    read_ = read(content)
    assert [(row.sheet, row.line, row.name) for row in read_.rows] == [
        ("Tier 1", 2, "Foo"),
        ("Tier 2", 4, "Baz"),
    ]
    assert [(p.sheet, p.line, p.code.value) for p in read_.problems] == [
        ("Introduction", None, "sheet_skipped"),
        ("Tier 2", 3, "country_unknown"),
    ]


def test_a_country_merged_over_its_rows_holds_for_all_of_them() -> None:
    rows: Rows = [["Country", "Factory"], ["China", "A"], [None, "B"], ["Vietnam", "C"]]
    read_ = read(xlsx({"x": rows}, merged=["A2:A3"]))
    assert [(row.name, row.country) for row in read_.rows] == [
        ("A", "CN"),
        ("B", "CN"),
        ("C", "VN"),
    ]


def test_a_guessed_encoding_and_a_misleading_name_are_noted() -> None:
    content = "name,country\nConfecções Lda,PT\n".encode("cp1252")
    reader = read_list(content, filename="list.xlsx")
    assert (reader.encoding, reader.delimiter) == ("cp1252", ",")
    assert [p.code.value for p in reader.problems] == ["name_of_file_misleads", "encoding_guessed"]
    assert [i.name for i in reader if isinstance(i, FacilityRow)] == ["Confecções Lda"]


def test_a_declared_charset_settles_the_encoding() -> None:
    content = "name,country\n聚陽實業,TW\n".encode("big5")
    reader = read_list(content, filename="list.csv", content_type='text/csv; charset="Big5"')
    assert (reader.encoding, reader.problems) == ("Big5", ())


def test_lost_bytes_are_warned_about() -> None:
    content = ("name,country\n" + "上海申达服装有限公司,CN\n" * 9).encode()
    read_ = read(content[:20] + content[21:])
    assert len(read_.rows) == 9
    assert ("characters_lost", "warning") in [(c, s) for _, _, c, s in read_.codes()]


def test_more_rows_than_allowed_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_ROWS", 3)
    reader = read_list(b"name,country\n" + b"".join(b"F%d,CN\n" % i for i in range(4)))
    items = iter(reader)
    assert len(list(islice(items, 3))) == 3
    with pytest.raises(UnreadableList) as refused:
        next(items)
    assert refused.value.code == "too_many_rows"


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableList) as refused:
        read_list(bytes(MAX_FILE_BYTES + 1))
    assert refused.value.code == "file_too_large"


def test_a_long_list_is_read_in_little_memory() -> None:
    """Rows come one by one: taking the first few does not read the rest."""
    content = b"name,country\n" + b"Factory,CN\n" * 200_000
    first = list(islice(read_list(content), 2))
    assert [type(item) for item in first] == [FacilityRow, FacilityRow]
