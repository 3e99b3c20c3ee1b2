"""Numbers, tiers, places and lists inside single cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.disclosure.values import (
    Unreadable,
    read_coordinates,
    read_kinds,
    read_tier,
    read_workers,
    says_nothing,
    split_point,
)


@pytest.mark.parametrize("text", ["", "-", "N/A", "n.a.", "None", "TBD", "NO SUPPLIER GROUP", "无"])
def test_a_dash_or_a_word_for_blank_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["0", "Nona Ltd", "NB", "No. 2"])
def test_a_real_value_says_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize(
    ("text", "workers"),
    [
        *(("7", 7), ("7.0", 7), ("1,251", 1251), ("1.251", 1251), ("1 251", 1251), ("0", 0)),
        *(("12'500", 12500), ("1,234,567", 1234567), ("", None), ("n/a", None), ("7,0", 7)),
        *(("501-1000", None), ("1001 - 5000", None), ("< 500", None), ("5000+", None)),
        *(("1 to 1000", None), ("More than 5,000", None), ("251 – 500 workers", None)),
    ],
)
def test_a_head_count_is_one_number_and_a_band_is_none(text: str, workers: int | None) -> None:
    assert read_workers(text) == workers


@pytest.mark.parametrize(
    "text", ["many", "see website", "99999999999", "999 999 999", "7.5 x 3 y 2"]
)
def test_what_is_no_head_count_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_workers(text)


@pytest.mark.parametrize(
    ("text", "tier"),
    [("1", 1), ("Tier 1", 1), ("TIER-2", 2), ("T3", 3), ("tier 1.0", 1), ("", None), ("-", None)],
)
def test_a_tier_is_a_number_from_1_to_9(text: str, tier: int | None) -> None:
    assert read_tier(text) == tier


@pytest.mark.parametrize("text", ["0", "10", "Finished goods", "Tier 1 and 2", "1-2"])
def test_anything_else_is_no_tier(text: str) -> None:
    with pytest.raises(Unreadable):
        read_tier(text)


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [
        ("22.505285", "114.120729", (22.505285, 114.120729)),
        ("-26.058998", "28.237001", (-26.058998, 28.237001)),
        ("23,78", "90,4", (23.78, 90.4)),
        ("23.8° N", "90.4 E", (23.8, 90.4)),
        ("26.06S", "58.4W", (-26.06, -58.4)),
        ("", "", None),
        ("0", "0.0", None),
        ("n/a", "-", None),
    ],
)
def test_a_place_is_a_pair_of_decimal_degrees(
    latitude: str, longitude: str, point: tuple[float, float] | None
) -> None:
    assert read_coordinates(latitude, longitude) == point


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        *(("22.5", ""), ("", "114"), ("114.12", "22.5"), ("91", "0"), ("0", "181"), ("x", "y")),
        *(("23° 48' 0\"", "90° 24'"), ("nan", "inf"), ("1e2", "3"), ("22 E", "114 N")),
    ],
)
def test_half_a_place_or_none_is_unreadable(latitude: str, longitude: str) -> None:
    with pytest.raises(Unreadable):
        read_coordinates(latitude, longitude)


@pytest.mark.parametrize(
    "text", ["23.7, 90.4", "23.7,90.4", "(23.7, 90.4)", "23.7; 90.4", "23.7 90.4", "23.7 / 90.4"]
)
def test_a_place_may_stand_in_one_cell(text: str) -> None:
    assert split_point(text) == ("23.7", "90.4")


@pytest.mark.parametrize("text", ["23.7", "1,2,3", "somewhere in Dhaka"])
def test_what_is_no_pair_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        split_point(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Cutting, Sewing,Packing", ("Cutting", "Sewing", "Packing")),
        ("Knitting|Dyeing | Knitting", ("Knitting", "Dyeing")),
        ("Cut/Make/Trim; n/a", ("Cut/Make/Trim",)),
        ("裁剪、缝制，包装", ("裁剪", "缝制", "包装")),
        ("• Bags\n• Belts", ("Bags", "Belts")),
        ("FINISHED GOODS - COMPONENTS", ("FINISHED GOODS - COMPONENTS",)),
        ("", ()),
    ],
)
def test_several_kinds_in_one_cell_are_parted(text: str, kinds: tuple[str, ...]) -> None:
    assert read_kinds(text) == kinds


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_cell_is_a_value_or_unreadable(text: str, other: str) -> None:
    readers = (
        lambda: read_workers(text),
        lambda: read_tier(text),
        lambda: read_coordinates(text, other),
        lambda: split_point(text),
        lambda: read_kinds(text),
    )
    for reader in readers:
        try:
            reader()
        except Unreadable:
            continue
