"""Addresses become words that can be compared."""

import pytest

from chalicelib.matching.places import ParsedPlace, parse_place


def test_a_latin_address_loses_the_words_of_every_address() -> None:
    assert parse_place("Plot # 227/1, Begunbari, Tejgaon I/A, Dhaka") == ParsedPlace(
        words=("227", "1", "begunbari", "tejgaon", "dhaka"),
        numbers=frozenset({"227", "1"}),
        han="",
    )


def test_chinese_numbers_and_digits_are_the_same_number() -> None:
    one = parse_place("臺中市豐原區社皮里社皮路一二三巷五弄一００號")
    assert one == parse_place("台中市丰原区社皮路123巷5弄100号")
    assert one.numbers == {"123", "5", "100"}


def test_a_neighbourhood_may_be_left_out() -> None:
    with_it = parse_place("臺中市龍井區忠和里工業路173巷11號")
    assert with_it == parse_place("臺中市龍井區工業路173巷11號")


def test_tens_are_read_as_numbers() -> None:
    assert parse_place("三豐路二十三號").numbers == {"23"}
    assert parse_place("三豐路十號").numbers == {"10"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thuan An, Bình Dương", ("thuan", "an", "binhduong")),
        ("HAI DUONG PROVINCE", ("haiduong",)),
        ("12 đường Lê Lợi", ("12", "le", "loi")),
    ],
)
def test_a_province_that_ends_like_a_street_is_kept_whole(
    text: str, words: tuple[str, ...]
) -> None:
    assert parse_place(text).words == words


def test_a_bengali_city_is_the_latin_one() -> None:
    assert parse_place("ঢাকা সাভার").words == ("dhaka", "savar")


def test_no_address_says_nothing() -> None:
    assert parse_place("") == ParsedPlace((), frozenset(), "")


def test_a_district_that_is_named_after_a_neighbourhood_is_none() -> None:
    assert "dali" in parse_place("臺中市大里區大元里大衛路31號").words
    assert "buli" in parse_place("南投縣埔里鎮中山路1號").words


def test_what_kind_of_district_it_is_may_be_left_out() -> None:
    with_it, without = parse_place("广东省东莞市厚街镇"), parse_place("广东东莞厚街")
    assert with_it.words == without.words == ("guangdong", "dongguan", "houjie")


def test_a_district_of_one_sign_keeps_its_kind() -> None:
    assert "dongqu" in parse_place("臺中市東區大興街85號").words
    assert parse_place("臺南市新市區中山路1號").words[:2] == ("tainan", "xinshi")
