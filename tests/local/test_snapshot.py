"""Kept state is whole or not there, and what cannot be used is never thrown away."""

import gzip
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local.snapshot import FORMAT, SnapshotFile, Unreadable

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STATE = {"tables": {"HANDSHAKE_CASES_TABLE": [{"sk": {"S": "CASE"}}]}, "objects": [b"\x00\xff"]}


@pytest.fixture
def snapshot(tmp_path: Path) -> SnapshotFile:
    return SnapshotFile(tmp_path / "state" / "snapshot.json.gz")


def test_what_is_written_is_read_again_bytes_included(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    assert snapshot.read() == STATE


def test_where_nothing_was_ever_kept_there_is_no_state(snapshot: SnapshotFile) -> None:
    assert snapshot.read() is None


def test_only_the_user_may_read_it(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (snapshot.path, snapshot.path.parent)]
    assert modes == [0o600, 0o700]


def test_a_write_that_fails_leaves_the_last_good_one(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    with pytest.raises(TypeError):
        snapshot.write({"tables": object()}, AT)
    assert snapshot.read() == STATE


def test_a_write_that_was_killed_leaves_the_last_good_one(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    snapshot.path.with_name("snapshot.json.gz.unfinished").write_bytes(b"half of it")
    assert snapshot.read() == STATE
    snapshot.write({"tables": {}}, AT)
    assert snapshot.read() == {"tables": {}}


@pytest.mark.parametrize("position", [0, 5, 40, -9, -1])
def test_a_changed_byte_is_noticed(snapshot: SnapshotFile, position: int) -> None:
    snapshot.write(STATE, AT)
    content = bytearray(snapshot.path.read_bytes())
    content[position] ^= 0xFF
    snapshot.path.write_bytes(content)
    if position == 5:  # gzip's own time stamp, which means nothing
        assert snapshot.read() == STATE
    else:
        with pytest.raises(Unreadable, match="it is damaged"):
            snapshot.read()


@pytest.mark.parametrize("length", [0, 1, 30])
def test_a_file_that_was_cut_off_is_noticed(snapshot: SnapshotFile, length: int) -> None:
    snapshot.write(STATE, AT)
    snapshot.path.write_bytes(snapshot.path.read_bytes()[:length])
    with pytest.raises(Unreadable, match="it is damaged"):
        snapshot.read()


@pytest.mark.parametrize("document", [[], {"format": FORMAT}, {"format": FORMAT, "state": []}])
def test_a_file_of_something_else_is_noticed(snapshot: SnapshotFile, document: object) -> None:
    snapshot.write(STATE, AT)
    snapshot.path.write_bytes(gzip.compress(json.dumps(document).encode()))
    with pytest.raises(Unreadable, match="it is damaged"):
        snapshot.read()


def test_another_versions_format_is_named(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    other = {"format": FORMAT + 1, "state": STATE["tables"]}
    snapshot.path.write_bytes(gzip.compress(json.dumps(other).encode()))
    with pytest.raises(Unreadable, match=f"format {FORMAT + 1}, this version reads format"):
        snapshot.read()


def test_what_cannot_be_used_is_moved_aside(snapshot: SnapshotFile) -> None:
    snapshot.write(STATE, AT)
    content = snapshot.path.read_bytes()
    kept = snapshot.move_aside(AT)
    assert kept.name == "snapshot.json.gz.unreadable-20261122T080000"
    assert kept.read_bytes() == content
    assert snapshot.read() is None
