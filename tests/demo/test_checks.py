"""Each check sees through what only looks like the step it checks."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.record.ledger import GENESIS, Action, Entry, append
from infra.demo.checks import (
    StepFailed,
    alert_in,
    expect,
    filterable,
    is_night,
    on_its_way,
    receipt_code_in,
    said,
    same_receipt,
    told_nothing_more,
    verified_chain,
    verified_rows,
)

RECEIPT = b'{"grievance_id":"g_1"}'
ALERT = {
    "alert_id": "a_1_2",
    "brand_id": "acme-outdoor",
    "kind": "new",
    "severity": "S2",
    "category": "compensation",
    "country": "CN",
}
CSV = b"public_ref,state\r\n2026-A,received\r\n2026-B,closed\r\n"
MANIFEST = {
    "sha256": hashlib.sha256(CSV).hexdigest(),
    "bytes": len(CSV),
    "columns": ["public_ref", "state"],
    "row_count": 2,
}
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _envelope(**attributes: str) -> dict[str, Any]:
    named = {name: ALERT[name] for name in ALERT if name != "alert_id"} | attributes
    return {
        "Message": json.dumps(ALERT),
        "MessageAttributes": {
            name: {"Type": "String", "Value": value} for name, value in named.items()
        },
    }


def _chain() -> list[Entry]:
    entries: list[Entry] = []
    for number, action in enumerate([Action.RECEIVED, Action.ROUTED, Action.ALERT_REPLIED], 1):
        before = entries[-1].hash if entries else GENESIS
        entries.append(append(before, number, at=AT, actor="system", action=action, data={}))
    return entries


def _wire(entries: list[Entry]) -> list[dict[str, Any]]:
    return [entry.model_dump(mode="json") for entry in entries]


def test_what_does_not_hold_is_said_in_words() -> None:
    expect([1], "never said")
    with pytest.raises(StepFailed, match="nothing came"):
        expect([], "nothing came")


def test_a_repeat_is_the_same_receipt_and_is_marked() -> None:
    same_receipt(RECEIPT, RECEIPT, 200, "true")


@pytest.mark.parametrize(
    ("again", "status", "replayed", "reason"),
    [
        (RECEIPT, 201, "true", "answered with 201"),
        (RECEIPT, 200, None, "not marked"),
        (RECEIPT + b" ", 200, "true", "another receipt"),
    ],
)
def test_a_repeat_that_is_none_is_found(
    again: bytes, status: int, replayed: str | None, reason: str
) -> None:
    with pytest.raises(StepFailed, match=reason):
        same_receipt(RECEIPT, again, status, replayed)


def test_the_alert_of_a_notification_is_read() -> None:
    assert alert_in(_envelope()) == ALERT


@pytest.mark.parametrize("message", ["", "text", "[]", '{"hello": 1}'])
def test_a_notification_without_an_alert_is_found(message: str) -> None:
    with pytest.raises(StepFailed, match="a notification carries no"):
        alert_in({"Message": message})


def test_the_attributes_say_what_the_alert_says() -> None:
    assert filterable(_envelope(), ALERT) == {
        "brand_id": "acme-outdoor",
        "kind": "new",
        "severity": "S2",
        "category": "compensation",
        "country": "CN",
    }


def test_an_attribute_of_an_alert_that_comes_always_says_what_the_alert_says() -> None:
    envelope = _envelope()
    both = {"Type": "String.Array", "Value": '["S2", "always"]'}
    envelope["MessageAttributes"]["severity"] = both

    assert filterable(envelope, ALERT)["severity"] == "S2"


def test_an_attribute_that_says_something_else_is_found() -> None:
    with pytest.raises(StepFailed, match="message attributes"):
        filterable(_envelope(severity="S4"), ALERT)
    with pytest.raises(StepFailed, match="message attributes"):
        filterable(_envelope(sixth="x"), ALERT)


def test_a_workers_words_in_an_alert_are_found() -> None:
    told_nothing_more(ALERT, "未发工资")
    with pytest.raises(StepFailed, match="the worker's own words"):
        told_nothing_more({**ALERT, "summary": "她说：未发工资"}, "未发工资")
    with pytest.raises(StepFailed, match="names the partner"):
        told_nothing_more({**ALERT, "partner_id": "x"}, "未发工资")


def test_a_reply_says_what_the_catalogue_says_and_no_more() -> None:
    reply = (
        "我们已收到您的消息。您的查询码：1351-4189-8724-1752。请保密：凭它可以用任何电话查询进度"
    )
    reply += "或补充情况。您不必说出自己是谁。"
    assert receipt_code_in(reply) == "1351-4189-8724-1752"
    said(reply, "zh", "chat.received")
    said(
        "我们正在审核您的个案。\n我们正在确认是哪一家工厂。",
        "zh",
        "progress.screening",
        "next.screening",
    )


@pytest.mark.parametrize(
    ("reply", "language", "names"),
    [
        ("我们正在审核您的个案。", "zh", ["progress.screening", "next.screening"]),
        ("我们正在审核您的个案。", "bn", ["progress.screening"]),
        ("", "zh", ["progress.screening"]),
    ],
)
def test_a_reply_that_says_something_else_is_found(
    reply: str, language: str, names: list[str]
) -> None:
    with pytest.raises(StepFailed, match="the reply is not progress"):
        said(reply, language, *names)


def test_a_reply_without_a_receipt_code_is_found() -> None:
    with pytest.raises(StepFailed, match="no receipt code"):
        receipt_code_in("1351-4189-8724")


@pytest.mark.parametrize(
    ("status", "at_night", "settled"),
    [
        ("sent", False, True),
        ("sent", True, True),
        ("delivered", False, True),
        ("queued", True, True),
        ("queued", False, False),
    ],
)
def test_a_message_waits_at_night_alone(status: str, at_night: bool, settled: bool) -> None:
    delivery = {"status": status, "because": None}
    assert on_its_way(delivery, at_night) == (delivery if settled else None)


@pytest.mark.parametrize("status", ["withheld", "failed"])
def test_a_message_that_is_not_sent_is_found(status: str) -> None:
    with pytest.raises(StepFailed, match=f"{status}: no_line"):
        on_its_way({"status": status, "because": "no_line"}, at_night=True)


@pytest.mark.parametrize(
    ("hour", "night"), [(12, False), (13, True), (23, True), (0, False)]
)  # 20:59, 21:59, 7:59, 8:59 in China
def test_it_is_night_where_the_worker_is(hour: int, night: bool) -> None:
    assert is_night("CN", AT.replace(hour=hour, minute=59)) is night


def test_an_export_is_the_one_its_manifest_describes() -> None:
    assert verified_rows(CSV, MANIFEST) == [
        {"public_ref": "2026-A", "state": "received"},
        {"public_ref": "2026-B", "state": "closed"},
    ]


@pytest.mark.parametrize(
    ("content", "changes", "reason"),
    [
        (CSV.replace(b"closed", b"opened"), {}, "SHA-256"),
        (CSV, {"bytes": 1}, "size"),
        (CSV, {"columns": ["state", "public_ref"]}, "columns"),
        (CSV, {"row_count": 3}, "2 rows, its manifest says 3"),
    ],
)
def test_an_export_that_is_another_is_found(
    content: bytes, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(StepFailed, match=reason):
        verified_rows(content, {**MANIFEST, **changes})


def test_a_chain_that_holds_is_given_back() -> None:
    chain = _chain()
    assert verified_chain(_wire(chain), chain[-1].hash) == chain


@pytest.mark.parametrize("missing", [0, 1])
def test_a_chain_with_an_entry_missing_is_found(missing: int) -> None:
    chain = _chain()
    entries = _wire(chain)
    del entries[missing]
    with pytest.raises(StepFailed, match=f"breaks at entry {missing + 1}"):
        verified_chain(entries, chain[-1].hash)


def test_a_changed_entry_and_a_cut_tail_are_found() -> None:
    chain = _chain()
    changed = _wire(chain)
    changed[1]["actor"] = "somebody"
    with pytest.raises(StepFailed, match="breaks at entry 2"):
        verified_chain(changed, chain[-1].hash)
    with pytest.raises(StepFailed, match="not the case's hash"):
        verified_chain(_wire(chain)[:2], chain[-1].hash)
    with pytest.raises(StepFailed, match="not the case's hash"):
        verified_chain([], GENESIS)
