"""Checks of identifiers: what passes, what is kept and marked, what free text gives away."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.factories.identifiers import (
    Identifier,
    IdentifierKind,
    check,
    compact,
    find_in,
)

OS_ID, USCC = IdentifierKind.OS_ID, IdentifierKind.USCC
LEI, GLN = IdentifierKind.LEI, IdentifierKind.GLN


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (OS_ID, "CN2019303BQ3FZP"),
        (OS_ID, "BD2020021QK28YZ"),
        (OS_ID, "IN2021079TDH72D"),
        (USCC, "91350100M000100Y43"),
        (USCC, "91440101MA50000230"),
        (LEI, "HWUPKR0MPOU8FGXBT394"),
        (GLN, "6901234567892"),
    ],
)
def test_an_issued_identifier_is_valid(kind: IdentifierKind, value: str) -> None:
    assert check(kind, value) == Identifier(kind=kind, value=value, valid=True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (OS_ID, "IN2019067X1K87E"),  # printed in Open Supply Hub's own documentation
        (OS_ID, "CN2019303BQ3FZ"),
        (OS_ID, "CN2019303BQ3FZPP"),
        (OS_ID, "C12019303BQ3FZP"),
        (OS_ID, "CN2019303BQ3FZI"),  # I is not a Crockford symbol
        (OS_ID, ""),
        (USCC, "91350100M000100Y44"),
        (USCC, "91350100M000100I43"),
        (USCC, "913501\u0666\u0660M000100Y43"),
        (LEI, "HWUPKR0MPOU8FGXBT395"),
        (LEI, "HWUPKR0MPOU8FGXBT3"),
        (GLN, "6901234567893"),
        (GLN, "96385074"),  # a valid EAN-8
        (GLN, "\u0666901234567892"),
    ],
)
def test_a_failing_identifier_is_kept_and_marked(kind: IdentifierKind, value: str) -> None:
    assert check(kind, value) == Identifier(kind=kind, value=value, valid=False)


@pytest.mark.parametrize(
    "raw",
    [
        "cn 2019303 bq3fz p",
        "CN-2019303-BQ3FZ-P",
        "CN\u20132019303\u00a0BQ3FZ\u200bP\n",
        "\uff23\uff2e\uff12\uff10\uff11\uff19303BQ3FZP",  # typed with a Chinese input method
    ],
)
def test_separators_case_and_width_do_not_matter(raw: str) -> None:
    assert check(OS_ID, raw) == Identifier(kind=OS_ID, value="CN2019303BQ3FZP", valid=True)


def test_swapped_symbols_of_an_os_id_pass_because_its_sum_is_unweighted() -> None:
    assert check(OS_ID, "CN2019303QB3FZP").valid


def test_every_single_changed_symbol_of_an_os_id_is_noticed() -> None:
    good = "CN2019303BQ3FZP"
    symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    passed = [
        changed
        for i in range(9, 15)
        for s in symbols
        if (changed := good[:i] + s + good[i + 1 :]) != good and check(OS_ID, changed).valid
    ]
    assert passed == []


def test_free_text_gives_its_valid_identifiers_in_reading_order_each_once() -> None:
    text = (
        "https://opensupplyhub.org/facilities/CN2019303BQ3FZP?q=1; \u7edf\u4e00\u793e\u4f1a"
        "\u4fe1\u7528\u4ee3\u7801\uff1a91350100M000100Y43\uff0cGLN: 6901234567892, "
        "lei hwupkr0mpou8fgxbt394, again cn-2019303-bq3fz-p, not IN2019067X1K87E"
    )
    assert find_in(text) == (
        Identifier(kind=OS_ID, value="CN2019303BQ3FZP", valid=True),
        Identifier(kind=USCC, value="91350100M000100Y43", valid=True),
        Identifier(kind=GLN, value="6901234567892", valid=True),
        Identifier(kind=LEI, value="HWUPKR0MPOU8FGXBT394", valid=True),
    )


def test_a_telephone_number_is_never_taken_for_a_gln() -> None:
    assert check(GLN, "8613812345676").valid  # it does pass the check
    assert find_in("call 8613812345676") == ()


def test_an_identity_card_is_never_taken_for_a_uscc() -> None:
    cards = [f"11010119900307{n:04d}" for n in range(1000)]
    assert any(check(USCC, card).valid for card in cards)  # one in 31 does pass the check
    assert [card for card in cards if find_in(f"ID {card}.")] == []


def test_an_identifier_inside_a_longer_number_is_not_one() -> None:
    assert find_in("XCN2019303BQ3FZP CN2019303BQ3FZP7 GLN 69012345678921") == ()


@given(st.sampled_from(IdentifierKind), st.text(max_size=40))
def test_any_text_can_be_checked(kind: IdentifierKind, raw: str) -> None:
    identifier = check(kind, raw)
    assert identifier.value == compact(raw)
    assert not identifier.valid or check(kind, identifier.value) == identifier


@given(st.text(max_size=200))
def test_what_is_found_in_text_also_passes_alone(text: str) -> None:
    assert all(i.valid and check(i.kind, i.value) == i for i in find_in(text))


def test_an_identifier_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        check(GLN, "6901234567892").value = "0"  # type: ignore[misc]


def test_importing_the_checks_does_not_import_python_stdnum() -> None:
    code = "import sys, chalicelib.domain.factories.identifiers; print('stdnum' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
