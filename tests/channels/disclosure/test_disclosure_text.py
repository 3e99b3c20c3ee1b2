"""Cells are cleaned of what nobody typed, and keep everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.disclosure.text import clean, fold


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Foo \t Ltd.\r\n", "Foo Ltd."),
        ("NO. 2\nFIRST ROAD\r\n\r\nDHAKA", "NO. 2 FIRST ROAD DHAKA"),
        ("WELLPOWER \xa0SPORTING\xa0 GOODS", "WELLPOWER SPORTING GOODS"),
        ("FUJIAN PROVINCE\u25a1", "FUJIAN PROVINCE"),
        ("Caf\ufffd \u25a1\u25a1 Ltd", "Caf Ltd"),
        ("\ufeffFoo\u200b\u00ad\x00\x07 Ltd\u202e", "Foo Ltd"),
        ("HUIZHOU\uff0cCHINA", "HUIZHOU\uff0cCHINA"),
        ("c/ Berlin, 33 - Pol. Ind. \u201cX\u201d", "c/ Berlin, 33 - Pol. Ind. \u201cX\u201d"),
        ("\u09b0\u200d\u09cd\u09af\u09be", "\u09b0\u200d\u09cd\u09af\u09be"),  # a Bengali joiner
    ],
)
def test_cleaning_takes_out_what_nobody_typed(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_gives_one_trimmed_line_and_is_done_after_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned == " ".join(cleaned.split())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Factory_Name*", "factory name"),
        ("FactoryName", "factory name"),
        ("# of Workers", "no of workers"),
        ("% Female", "percent female"),
        ("N\u00ba de trabajadores", "no de trabajadores"),
        ("C\u00f4te d\u2019Ivoire", "cote d ivoire"),
        ("T\u00dcRK\u0130YE", "turkiye"),
        ("Vi\u1ec7t Nam", "viet nam"),
        ("Stra\u00dfe", "strasse"),
        ("\u30c9\u30a4\u30c4", "\u30c9\u30a4\u30c4"),  # the voicing mark is part of the letter
        (
            "\u09ac\u09be\u0982\u09b2\u09be\u09a6\u09c7\u09b6",
            "\u09ac\u09be\u0982\u09b2\u09be\u09a6\u09c7\u09b6",
        ),
    ],
)
def test_folding_ignores_case_accents_and_punctuation_but_no_asian_letter(
    text: str, key: str
) -> None:
    assert fold(text) == key


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_folds_as_the_long_way(text: str) -> None:
    assert fold(text) == fold(text + " \u00e4").removesuffix("a").strip()
