"""The chain of entries: what was changed afterwards is found, and where."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.record.ledger import (
    GENESIS,
    Action,
    Entry,
    append,
    canonical,
    first_bad_entry,
)
from tests.domain.values import AT

SEED = 7064
LENGTH = 8
DATA: Sequence[dict[str, Any]] = (
    {},
    {"from": "received", "to": "acknowledged"},
    {"workers_affected": [None, 34]},
    {"name": "宜昌泰制衣", "list": ["ß", "👩‍🏭", "e\u0301"], "flag": True},
    {"score": 0.97, "whole": 1.0, "none": None, "deep": {"a": [{"b": None}]}},
)


def chain(length: int = LENGTH) -> list[Entry]:
    """A chain of entries that verifies."""
    entries: list[Entry] = []
    for seq in range(1, length + 1):
        entries.append(
            append(
                entries[-1].hash if entries else GENESIS,
                seq,
                at=AT + timedelta(minutes=seq),
                actor=f"partner_intake:handshake-gz:k{seq}",
                action=Action.CORRECTED,
                data=DATA[seq % len(DATA)],
            )
        )
    return entries


def changed(entry: Entry, **fields: Any) -> Entry:
    return entry.model_copy(update=fields)


def test_a_chain_as_it_was_written_verifies() -> None:
    assert first_bad_entry(chain()) is None
    assert first_bad_entry([]) is None


def test_the_first_entry_hangs_on_zeros_and_each_other_on_the_one_before() -> None:
    entries = chain()

    assert [e.prev_hash for e in entries] == ["0" * 64, *(e.hash for e in entries[:-1])]
    assert [e.seq for e in entries] == list(range(1, LENGTH + 1))


def test_a_hash_is_the_leaf_hash_of_the_canonical_json() -> None:
    """SHA-256 over 0x00 and RFC 8785: fixed here so that old chains verify for ever."""
    entry = append(GENESIS, 1, at=AT, actor="system", action=Action.ROUTED, data={"b": 1, "a": "é"})

    content = (
        '{"action":"routed","actor":"system","at":"2026-11-22T08:00:00.000Z",'
        f'"data":{{"a":"é","b":1}},"prev_hash":"{GENESIS}","seq":1}}'
    )
    assert entry.hash == sha256(b"\x00" + content.encode()).hexdigest()


@pytest.mark.parametrize("position", range(LENGTH))
@pytest.mark.parametrize(
    "fields",
    [
        {"seq": 99},
        {"at": AT - timedelta(milliseconds=1)},
        {"actor": "operator"},
        {"action": Action.ROUTED},
        {"data": {"from": "received", "to": "closed"}},
        {"prev_hash": "1" * 64},
        {"hash": "1" * 64},
        {"hash": ""},
        {"data": {"number": 2**60}},
        {"data": {"text": "\ud800"}},
        {"data": {"number": float("inf")}},
    ],
)
def test_a_changed_entry_is_named(position: int, fields: dict[str, Any]) -> None:
    entries = chain()
    entries[position] = changed(entries[position], **fields)

    assert first_bad_entry(entries) == position + 1


@pytest.mark.parametrize("position", range(LENGTH - 1))
def test_an_entry_that_was_forged_whole_is_found_at_the_next_one(position: int) -> None:
    entries = chain()
    old = entries[position]
    entries[position] = append(
        old.prev_hash, old.seq, at=old.at, actor="somebody", action=old.action, data={}
    )

    assert first_bad_entry(entries) == position + 2


@pytest.mark.parametrize("position", range(LENGTH - 1))
def test_a_missing_entry_is_named(position: int) -> None:
    entries = chain()
    del entries[position]

    assert first_bad_entry(entries) == position + 1


@pytest.mark.parametrize("length", range(1, LENGTH))
def test_a_missing_head_is_entry_number_one(length: int) -> None:
    assert first_bad_entry(chain()[length:]) == 1


@pytest.mark.parametrize("position", range(LENGTH))
def test_an_entry_that_stands_there_twice_is_found_where_it_is_repeated(position: int) -> None:
    entries = chain()
    entries.insert(position, entries[position])

    assert first_bad_entry(entries) == position + 2


@pytest.mark.parametrize("position", range(LENGTH + 1))
def test_an_inserted_entry_is_named(position: int) -> None:
    entries = chain()
    foreign = append(GENESIS, position + 1, at=AT, actor="x", action=Action.ROUTED, data={})
    entries.insert(position, foreign)

    assert first_bad_entry(entries) == (2 if position == 0 else position + 1)


@pytest.mark.parametrize("one", range(LENGTH))
@pytest.mark.parametrize("other", range(LENGTH))
def test_two_entries_that_changed_places_are_found_at_the_first(one: int, other: int) -> None:
    entries = chain()
    entries[one], entries[other] = entries[other], entries[one]

    assert first_bad_entry(entries) == (None if one == other else min(one, other) + 1)


@pytest.mark.parametrize("length", range(LENGTH))
def test_a_cut_tail_is_not_found_by_the_chain_alone_but_by_the_hash_the_case_keeps(
    length: int,
) -> None:
    whole = chain()
    cut = whole[:length]

    assert first_bad_entry(cut) is None
    assert [entry.hash for entry in cut[-1:]] != [whole[-1].hash]


def test_any_disorder_is_found() -> None:
    drawn = Random(SEED)
    for _ in range(200):
        entries = chain(5)
        drawn.shuffle(entries)
        sorted_up_to = next((n for n, entry in enumerate(entries, 1) if entry.seq != n), None)

        assert first_bad_entry(entries) == sorted_up_to, f"seed {SEED}"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_whatever_an_entry_holds_it_verifies_after_a_trip_through_json(
    data: dict[str, Any],
) -> None:
    entry = append(GENESIS, 1, at=AT, actor="system", action=Action.ROUTED, data=data)

    again = Entry.model_validate_json(entry.model_dump_json())

    assert first_bad_entry([again]) is None


def test_canonical_json_orders_keys_and_writes_numbers_one_way() -> None:
    assert canonical({"b": [1.0, None], "a": "é", "A": {}}) == '{"A":{},"a":"é","b":[1,null]}'
