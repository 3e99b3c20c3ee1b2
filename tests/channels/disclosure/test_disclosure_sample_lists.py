"""Lists that brands really published: those shipped, and any folder of further ones.

HANDSHAKE_EXTRA_LISTS=folder adds lists that may not be shipped.
"""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from chalicelib.channels.disclosure import FacilityRow, read_list

SHIPPED = Path(__file__).parents[3] / "data" / "lists"
KINDS = {".csv", ".xlsx", ".xls", ".ods"}


def lists_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in KINDS)


def further_lists() -> list[Path]:
    folder = os.environ.get("HANDSHAKE_EXTRA_LISTS")
    return lists_in(Path(folder)) if folder else []


def rows_of(path: Path) -> list[FacilityRow]:
    items = read_list(path.read_bytes(), filename=path.name)
    return [item for item in items if isinstance(item, FacilityRow)]


@pytest.mark.parametrize(
    ("name", "countries"),
    [
        ("osh_sample_2.csv", {"CN": 70, "IN": 9, "BD": 1, "ID": 1, "TH": 1, "VN": 1}),
        ("osh_sample_12.csv", {"CN": 4, "US": 3, "PE": 2, "PT": 2, "LK": 2, "MX": 1, "VN": 1}),
    ],
)
def test_countries_are_counted_as_by_hand(name: str, countries: dict[str, int]) -> None:
    assert Counter(row.country for row in rows_of(SHIPPED / name)) == countries


@pytest.mark.parametrize(
    ("number", "rows"), [(2, 83), (8, 61), (9, 34), (10, 54), (12, 15), (15, 351)]
)
def test_every_row_of_a_shipped_list_is_read(number: int, rows: int) -> None:
    assert len(rows_of(SHIPPED / f"osh_sample_{number}.csv")) == rows


def test_the_same_list_in_three_formats_gives_equal_rows() -> None:
    from_csv, from_xls, from_xlsx = (
        rows_of(SHIPPED / f"osh_sample_12.{kind}") for kind in ("csv", "xls", "xlsx")
    )
    # the publisher's own workbooks hold UTF-8 read as Mac Roman in this one address
    (torn,) = (row for row in from_csv if "N\u00ba" in (row.address or ""))
    as_published = torn.changed(address=(torn.address or "").replace("\u00ba", "\u00ac\u222b"))
    expected = [as_published if row == torn else row for row in from_csv]
    assert from_xls == expected
    assert from_xlsx == expected


@pytest.mark.parametrize("path", lists_in(SHIPPED), ids=lambda path: path.name)
def test_a_shipped_list_has_nothing_to_correct_but_duplicates(path: Path) -> None:
    problems = [i for i in read_list(path.read_bytes()) if not isinstance(i, FacilityRow)]
    assert {problem.code.value for problem in problems} <= {"duplicate_row"}


def test_lost_characters_are_gone_and_nothing_else() -> None:
    row = next(r for r in rows_of(SHIPPED / "osh_sample_2.csv") if r.line == 3)
    assert row.name == "QUANZHOU XINXING FOOTWEAR CO., LTD"
    assert row.address == (
        "WUYI INDUSTIAL ZONE, BAIQI VILLAGE, HUI'AN COUNTY,QUANZHOU CITY, FUJIAN PROVINCE"
    )


def test_alpha_2_codes_are_kept_as_they_are() -> None:
    path = SHIPPED / "osh_sample_15.csv"
    with path.open(encoding="utf-8", newline="") as file:
        codes = [row["country"] for row in csv.DictReader(file)]
    assert [row.country for row in rows_of(path)] == codes


def test_no_further_list_loses_a_row() -> None:
    for path in further_lists():
        items = list(read_list(path.read_bytes(), filename=path.name))
        problems = [item for item in items if not isinstance(item, FacilityRow)]
        assert len(items) > len(problems), path.name
        assert [p for p in problems if p.severity.value == "error"] == [], path.name


def test_further_lists_of_one_name_give_equal_rows_in_every_format() -> None:
    by_name: dict[str, list[list[FacilityRow]]] = {}
    for path in further_lists():
        by_name.setdefault(path.stem, []).append(rows_of(path))
    assert [name for name, found in by_name.items() if any(f != found[0] for f in found)] == []
