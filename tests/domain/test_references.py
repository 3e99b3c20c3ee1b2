"""References that are derived and read over the phone: what a slip of the tongue changes."""

import re
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10, mod_37_36

from chalicelib.domain.references import (
    CROCKFORD,
    derive_id,
    keyed_hash,
    normalise_receipt_code,
    public_ref,
    receipt_code,
    secret_id,
)

KEY = b"a key that only this test knows!"
SEED = 20261122


def valid_ref(symbols: str) -> bool:
    return bool(mod_37_36.is_valid(symbols, alphabet=CROCKFORD))


def symbols_of(number: int) -> str:
    """The symbols of a public reference, without year and hyphens."""
    return public_ref(f"g_{number}", 2026).removeprefix("2026-").replace("-", "")


def digits_of(number: int) -> str:
    return receipt_code(f"g_{number}", KEY).replace("-", "")


def with_one_wrong(text: str, alphabet: str) -> list[str]:
    """Every text that differs in one place."""
    return [
        f"{text[:i]}{other}{text[i + 1 :]}"
        for i, right in enumerate(text)
        for other in alphabet
        if other != right
    ]


def with_neighbours_swapped(text: str) -> list[str]:
    return [
        f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}"
        for i in range(len(text) - 1)
        if text[i] != text[i + 1]
    ]


def test_the_alphabet_has_no_letter_that_is_taken_for_a_digit() -> None:
    assert len(set(CROCKFORD)) == 32
    assert not set("ILOU") & set(CROCKFORD)


# Public references


def test_a_public_reference_is_a_year_and_twelve_symbols_in_groups() -> None:
    for number in range(300):
        reference = public_ref(f"g_{number}", 2026)

        assert re.fullmatch(rf"2026(-[{CROCKFORD}]{{4}}){{3}}", reference)
        assert valid_ref(symbols_of(number))


def test_a_public_reference_stays_what_it_is() -> None:
    assert public_ref("g_1", 2026) == "2026-VZAK-3DGN-91RJ"


def test_one_wrong_symbol_of_a_public_reference_is_noticed_wherever_it_is() -> None:
    for number in range(20):
        wrong = with_one_wrong(symbols_of(number), CROCKFORD)

        assert len(wrong) == 12 * 31
        assert not any(map(valid_ref, wrong))


def test_most_swapped_neighbours_in_a_public_reference_are_noticed() -> None:
    """499 of 500; ISO 7064's own moduli 37 and 36 would notice 629 of 630."""
    swapped = [one for n in range(2_000) for one in with_neighbours_swapped(symbols_of(n))]

    missed = sum(map(valid_ref, swapped))

    assert len(swapped) > 20_000
    assert 0 < missed / len(swapped) < 0.003


# Receipt codes


def test_a_receipt_code_is_sixteen_digits_in_groups_of_four() -> None:
    for number in range(300):
        code = receipt_code(f"g_{number}", KEY)

        assert re.fullmatch(r"[0-9]{4}(-[0-9]{4}){3}", code)
        assert normalise_receipt_code(code) == code.replace("-", "")


def test_a_receipt_code_depends_on_the_case_and_on_the_key() -> None:
    codes = {receipt_code(case, key) for case, key in product(("g_1", "g_2"), (KEY, KEY[::-1]))}

    assert len(codes) == 4


def test_a_receipt_code_stays_what_it_is() -> None:
    assert receipt_code("g_1", KEY) == "8439-2651-6210-1632"


def test_one_wrong_digit_of_a_receipt_code_is_noticed_wherever_it_is() -> None:
    for number in range(50):
        wrong = with_one_wrong(digits_of(number), "0123456789")

        assert len(wrong) == 16 * 9
        assert not any(map(normalise_receipt_code, wrong))


def test_most_swapped_neighbours_in_a_receipt_code_are_noticed() -> None:
    """44 of 45, as ISO 7064 says of its moduli 11 and 10."""
    swapped = [one for n in range(2_000) for one in with_neighbours_swapped(digits_of(n))]

    missed = sum(normalise_receipt_code(one) is not None for one in swapped)

    assert len(swapped) > 20_000
    assert 0.02 < missed / len(swapped) < 0.025


@pytest.mark.parametrize(
    "written",
    [
        "8439265162101632",
        "8439 2651 6210 1632",
        "8439–2651–6210–1632",
        " 8439-2651-6210-1632.\n",
        "８４３９２６５１６２１０１６３２",
        "８４３９ － ２６５１ － ６２１０ － １６３２",
        "৮৪৩৯-২৬৫১-৬২১০-১৬৩২",
        "कोड ८४३९ २६५१ ६२१० १६३२",
        "No. 8439/2651/6210/1632",
    ],
)
def test_a_code_is_understood_however_it_is_written(written: str) -> None:
    assert normalise_receipt_code(written) == "8439265162101632"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "8439-2651-6210-163",
        "8439-2651-6210-16320",
        "8439-2651-6210-1633",
        "①②③④⑤⑥⑦⑧⑨⑩①②③④⑤⑥",
        "²²²²²²²²²²²²²²²²",
        " " * 60 + "8439265162101632",
    ],
)
def test_what_cannot_be_a_code_is_none(written: str) -> None:
    assert normalise_receipt_code(written) is None


@given(st.text())
def test_any_text_is_either_none_or_sixteen_digits_that_check(text: str) -> None:
    digits = normalise_receipt_code(text)

    assert digits is None or (re.fullmatch("[0-9]{16}", digits) and mod_11_10.is_valid(digits))


# Derived ids

PARTS = st.lists(st.text(max_size=6), max_size=4)


@given(PARTS, PARTS)
def test_two_lists_of_parts_have_one_id_only_when_they_are_equal(
    one: list[str], other: list[str]
) -> None:
    assert (derive_id("g", *one) == derive_id("g", *other)) is (one == other)


@given(st.text(min_size=2, max_size=8))
def test_a_text_however_it_is_cut_is_another_list_of_parts(text: str) -> None:
    cuts = [derive_id("g", text[:at], text[at:]) for at in range(len(text) + 1)]

    assert len({derive_id("g", text), *cuts}) == len(text) + 2


def test_an_id_is_its_prefix_and_130_bits() -> None:
    drawn = Random(SEED)
    ids = [derive_id("g", str(drawn.random())) for _ in range(500)]

    assert len(set(ids)) == 500
    assert all(re.fullmatch("g_[0-9a-hjkmnp-tv-z]{26}", one) for one in ids)
    assert {one[position] for one in ids for position in (2, 27)} == set(CROCKFORD.lower())


def test_the_prefix_is_part_of_what_is_hashed() -> None:
    assert derive_id("g", "x").removeprefix("g_") != derive_id("f", "x").removeprefix("f_")


def test_a_keyed_hash_is_hmac_sha_256() -> None:
    """RFC 4231, test case 2."""
    assert keyed_hash(b"Jefe", "what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


# Secret ids


def test_a_secret_id_is_the_same_for_the_same_parts_and_looks_like_any_other() -> None:
    made = secret_id("g", KEY, "ngo", "key", "1")

    assert made == secret_id("g", KEY, "ngo", "key", "1")
    assert re.fullmatch(rf"g_[{CROCKFORD.lower()}]{{26}}", made)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        (KEY[::-1], ("ngo", "key", "1")),
        (KEY, ("ngo", "ref", "1")),
        (KEY, ("ngo", "key1", "")),
        (KEY, ("other-ngo", "key", "1")),
    ],
)
def test_a_secret_id_depends_on_its_key_and_on_each_part(
    key: bytes, parts: tuple[str, ...]
) -> None:
    assert secret_id("g", key, *parts) != secret_id("g", KEY, "ngo", "key", "1")


def test_a_secret_id_cannot_be_told_without_the_key() -> None:
    assert secret_id("g", KEY, "ngo", "key", "1") != derive_id("g", "ngo", "key", "1")
