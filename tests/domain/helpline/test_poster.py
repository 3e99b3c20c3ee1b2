"""Codes on posters, as people write them at the beginning of a message."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.helpline.poster import PosterCode, poster_code_in
from chalicelib.domain.references import CROCKFORD, is_poster_code, poster_code
from tests.domain.test_references import with_neighbours_swapped, with_one_wrong

CODE = poster_code("a poster in the canteen")
HALVES = (CODE[:4], CODE[4:])
MANY = [poster_code(f"poster {number}") for number in range(300)]


def with_both_zero_and_one() -> str:
    """A code in which letters can be taken for digits."""
    codes = (poster_code(f"{number}") for number in range(10_000))
    return next(code for code in codes if "0" in code and "1" in code)


def test_a_code_is_eight_symbols_that_can_be_read_over_the_phone() -> None:
    assert all(len(code) == 8 and set(code) <= set(CROCKFORD) for code in MANY)
    assert len(set(MANY)) == len(MANY)


def test_a_code_has_a_letter_and_a_digit_that_no_letter_is_taken_for() -> None:
    assert all(set(code) & set("23456789") for code in MANY)
    assert all(any(symbol.isalpha() for symbol in code) for code in MANY)


def test_every_single_slip_is_noticed() -> None:
    wrong = [text for code in MANY[:20] for text in with_one_wrong(code, CROCKFORD)]

    assert not any(is_poster_code(text) for text in wrong)


def test_nearly_every_swap_of_neighbours_is_noticed() -> None:
    swapped = [text for code in MANY for text in with_neighbours_swapped(code)]

    assert sum(map(is_poster_code, swapped)) < len(swapped) / 100


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        "-".join(HALVES),
        " ".join(HALVES),
        f"\u3000 {HALVES[0]} \u2013 {HALVES[1]}",
        " ".join(CODE),
        "\n".join(HALVES),
        "".join(chr(ord(symbol) + 0xFEE0) for symbol in CODE),
        "".join(chr(ord(symbol) + 0xFEE0) for symbol in CODE.lower()),
        "".join(chr(0x09E6 + int(c)) if c.isdigit() else c for c in CODE),
        f"\u200b{CODE}",
    ],
    ids=[
        "as printed", "lower case", "hyphen", "space", "dash and blanks", "spelt", "two lines",
        "full width", "full width, lower case", "Bengali digits", "zero-width space",
    ],
)  # fmt: skip
def test_a_code_is_found_however_it_is_written(written: str) -> None:
    assert poster_code_in(written) == (CODE, "")
    assert poster_code_in(f"{written} They owe us two months.") == (CODE, "They owe us two months.")
    assert poster_code_in(f"{written}：工资没有发") == (CODE, "工资没有发")
    assert poster_code_in(f"{written}工资没有发") == (CODE, "工资没有发")


def test_letters_that_are_taken_for_digits_are_read_as_those() -> None:
    code = with_both_zero_and_one()

    assert poster_code_in(code.replace("0", "O").replace("1", "l")) == (code, "")
    assert poster_code_in(code.replace("0", "o").replace("1", "I")) == (code, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        CODE[:7],
        f"{CODE}7",
        f"{CODE}th floor",
        f"my code is {CODE}",
        f"。{CODE}",
        f"{CODE[:4]}.{CODE[4:]}",
        f"{CODE[:7]}U",
        f"{' ' * 40}{CODE}",
        "HELLO TO",
        "1234-5678-9012-3456",
        "工资没有发",
    ],
)
def test_nothing_else_is_taken_for_a_code(text: str) -> None:
    assert poster_code_in(text) is None


@given(st.text(alphabet="0123456789 -", max_size=40))
def test_digits_alone_are_never_a_code_so_a_receipt_code_is_none(text: str) -> None:
    assert poster_code_in(text) is None


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ abc", max_size=40))
def test_words_alone_are_never_a_code(text: str) -> None:
    assert poster_code_in(text) is None


@given(st.text(max_size=60))
@example("İ²½ﬁ7")
def test_any_text_is_read_without_a_failure(text: str) -> None:
    found = poster_code_in(text)

    assert found is None or (is_poster_code(found[0]) and text.endswith(found[1]))


def test_a_poster_takes_a_code_of_that_form_alone() -> None:
    fields = {
        "factory_id": f"f_{'0' * 26}",
        "partner_id": "zhidao",
        "created_at": "2026-11-26T08:00:00Z",
        "created_by": f"u_{'0' * 26}",
    }

    assert PosterCode.model_validate({"code": CODE, **fields}).ended_at is None
    with pytest.raises(ValueError, match="code"):
        PosterCode.model_validate({"code": CODE.lower(), **fields})
