"""How keys are built: stable in every process, and spread evenly."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

from chalicelib.domain.references import derive_id
from chalicelib.store import keys
from tests.domain.values import AT

IDS = [derive_id("g", str(number)) for number in range(4000)]


def test_shards_are_filled_evenly() -> None:
    for shards in (keys.WORK_SHARDS, keys.DAY_SHARDS, keys.LISTING_SHARDS):
        counts = Counter(keys.shard_of(one, shards) for one in IDS)

        assert set(counts) == set(range(shards))
        assert max(counts.values()) < 1.25 * len(IDS) / shards


def test_a_shard_is_the_same_in_every_process() -> None:
    code = "from chalicelib.store.keys import shard_of; print(shard_of('g_1', 8))"
    command = [sys.executable, "-c", code]

    printed = {
        subprocess.run(
            command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert printed == {str(keys.shard_of("g_1", 8))}


def test_every_case_lies_in_one_of_the_shards_that_the_tick_looks_at() -> None:
    assert {keys.due_queue(one) for one in IDS} == {
        keys.due_shard(shard) for shard in range(keys.WORK_SHARDS)
    }


def test_entries_and_messages_sort_in_the_order_they_were_made() -> None:
    entries = [keys.ledger(seq) for seq in (2, 9, 10, 99, 100, 999_999)]
    messages = [
        keys.message(AT + timedelta(milliseconds=ms), "m") for ms in (0, 1, 1000, 10**9, 10**11)
    ]

    assert entries == sorted(entries)
    assert messages == sorted(messages)


def test_the_rows_of_a_case_have_prefixes_of_their_own() -> None:
    rows = [keys.HEAD, keys.ledger(2), keys.alert("a_1"), keys.message(AT, "m_1"), keys.WATCH]

    assert rows == [
        "CASE",
        "LEDGER#000002",
        "ALERT#a_1",
        "MESSAGE#2026-11-22T08:00:00.000Z#m_1",
        "WATCH",
    ]


def test_a_watched_thing_is_read_from_its_key() -> None:
    assert keys.watched(keys.watched_brand("h-m")) == ("brand", "h-m")
    assert keys.watched(keys.watched_factory("f_1")) == ("factory", "f_1")


def test_a_day_and_a_list_have_several_partitions() -> None:
    days = {keys.received_day(AT, one) for one in IDS}
    lists = {keys.listing("factory", one) for one in IDS}

    assert days == {keys.day_shard("2026-11-22", shard) for shard in range(keys.DAY_SHARDS)}
    assert lists == {keys.listing_shard("factory", shard) for shard in range(keys.LISTING_SHARDS)}


def test_queues_of_different_kinds_never_meet() -> None:
    names = {
        keys.due_queue("g_1"),
        keys.quarantine("g_1"),
        keys.review_queue("handshake-gz"),
        keys.review_queue("quarantine#1"),
    }

    assert len(names) == 4
