"""What a worker can be recognised by, whoever wrote it down and however."""

from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.domain.identities.identity import (
    EVERYBODY,
    WorkerIdentity,
    circle_of,
    identifiers,
    person_hashes,
)

KEY = b"k" * 32


def found(country: str | None = None, **fields: Any) -> list[tuple[str, str]]:
    return [(i.kind, i.value) for i in identifiers(WorkerIdentity(**fields), country)]


@pytest.mark.parametrize(
    ("written", "country", "value"),
    [
        ("+86 138 0013 8000", None, "+8613800138000"),
        ("138-0013-8000", "CN", "+8613800138000"),
        ("0086 13800138000", "CN", "+8613800138000"),
        ("０１７１２３４５６７８", "BD", "+8801712345678"),
        ("০১৭১২-৩৪৫৬৭৮", "BD", "+8801712345678"),
        ("138 0013 8000", None, "13800138000"),
        ("the shop: ২৩ next door", None, "23"),
        ("none", "CN", ""),
    ],
)
def test_a_number_is_the_same_number_in_every_spelling(
    written: str, country: str | None, value: str
) -> None:
    assert found(country, phone=written) == ([("phone", value)] if value else [])


def test_a_whatsapp_number_is_a_telephone_number() -> None:
    assert found("CN", phone="13800138000", whatsapp="+8613800138000") == [
        ("phone", "+8613800138000")
    ]


def test_accounts_are_compared_without_case_width_and_blanks() -> None:
    assert found(email=" Wrk@Example.ORG ", qq="１２ ３４", wechat="Wrk_ID") == [
        ("email", "wrk@example.org"),
        ("qq", "1234"),
        ("wechat", "wrk_id"),
    ]


def test_names_and_addresses_are_no_proof_of_a_person() -> None:
    assert found(name="Somebody", address="Some Street 1") == []


def test_a_hash_is_of_one_circle_one_kind_and_one_key() -> None:
    (one,) = identifiers(WorkerIdentity(qq="1234"), None)
    (other,) = identifiers(WorkerIdentity(wechat="1234"), None)
    hashes = {
        *person_hashes([one], circle_of("a"), KEY),
        *person_hashes([one], circle_of("b"), KEY),
        *person_hashes([one], EVERYBODY, KEY),
        *person_hashes([other], circle_of("a"), KEY),
        *person_hashes([one], circle_of("a"), b"l" * 32),
    }
    assert len(hashes) == 5
    assert person_hashes([one], circle_of("a"), KEY) == person_hashes([one], circle_of("a"), KEY)


def test_an_identity_says_at_least_one_thing() -> None:
    assert WorkerIdentity(qq="1", name="Somebody").fields_given == ["name", "qq"]
    for empty in ({}, {"name": None, "phone": None}):
        with pytest.raises(ValidationError, match="at least one field"):
            WorkerIdentity(**empty)
