"""R5: SNS takes part of a batch. What failed is sent again, what can never be sent is put aside.

moto takes everything, so entries that are to fail are taken out before it sees them, and reported
as SNS would report them.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.store.clients import client
from tests.service import Service
from tests.usecases.stories import covered, submitted

CASES = 11
"""A full batch and another one."""
SEED = 20261122

Choose = Callable[[Sequence[str]], Sequence[str]]


class PartialSns:
    """Fails the entries that `choose` picks from the ids of each batch."""

    def __init__(self, choose: Choose, *, code: str, sender: bool) -> None:
        self._choose = choose
        self._failure = {"Code": code, "SenderFault": sender, "Message": "as told"}
        self._failing: list[str] = []
        self.tried: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def take_out(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        entries = params["PublishBatchRequestEntries"]
        self._failing = list(self._choose([entry["Id"] for entry in entries]))
        for entry in entries:
            self.tried[_alert_id(entry["Message"])] += 1
            self.failed[_alert_id(entry["Message"])] += entry["Id"] in self._failing
        kept = [entry for entry in entries if entry["Id"] not in self._failing]
        return {**params, "PublishBatchRequestEntries": kept}

    def answer_for_none(
        self, params: dict[str, Any], **_: Any
    ) -> tuple[Any, dict[str, Any]] | None:
        """SNS refuses an empty batch; there is nothing to ask moto then."""
        if b"PublishBatchRequestEntries.member.1" in _body(params):
            return None
        return SimpleNamespace(status_code=200), {"Successful": [], "Failed": []}

    def report(self, parsed: dict[str, Any], **_: Any) -> None:
        parsed["Failed"] = [{"Id": number, **self._failure} for number in self._failing]

    @contextmanager
    def at_work(self) -> Iterator["PartialSns"]:
        hooks: dict[str, Any] = {
            "provide-client-params.sns.PublishBatch": self.take_out,
            "before-call.sns.PublishBatch": self.answer_for_none,
            "after-call.sns.PublishBatch": self.report,
        }
        events = client("sns").meta.events
        for event, hook in hooks.items():
            events.register_first(event, hook)
        try:
            yield self
        finally:
            for event, hook in hooks.items():
                events.unregister(event, hook)


def _alert_id(message: str) -> str:
    return str(json.loads(json.loads(message)["default"])["alert_id"])


def _body(params: dict[str, Any]) -> bytes:
    body = params["body"]
    return "&".join(body).encode() if isinstance(body, dict) else bytes(body)


def received(service: Service) -> Counter[str]:
    """How often each alert arrived at the brand's queue."""
    return Counter(
        json.loads(envelope["Message"])["alert_id"] for envelope in service.received_alerts()
    )


def due_alerts(service: Service) -> None:
    covered(service)
    partner = service.partner()
    first = submitted(partner)
    service.multiply(first, CASES - 1)


def statuses(service: Service) -> Counter[str]:
    return Counter(i["status"] for i in service.all_items() if i["sk"].startswith("ALERT#"))


def at_random() -> Choose:
    print(f"seed {SEED}")  # noqa: T201  so that a failure can be repeated
    chance = random.Random(SEED)
    return lambda ids: [number for number in ids if chance.random() < 0.5]


@pytest.mark.parametrize(
    "choose",
    [
        lambda ids: [],
        lambda ids: ids[:1],
        lambda ids: ids[-1:],
        lambda ids: ids,
        lambda ids: at_random()(ids),
    ],
    ids=["none", "first", "last", "all", "random"],
)
def test_only_what_failed_is_sent_again(service: Service, choose: Choose) -> None:
    due_alerts(service)
    with PartialSns(choose, code="InternalError", sender=False).at_work() as sns:
        service.tick()
    first = received(service)
    assert len(sns.tried) == CASES
    assert set(first) == {alert for alert in sns.tried if not sns.failed[alert]}
    assert statuses(service)["sent"] == len(first)

    with PartialSns(lambda ids: [], code="", sender=False).at_work() as later:
        service.clock.forward(minutes=2)
        service.tick()
        service.clock.forward(minutes=2)
        service.tick()

    assert set(later.tried) == {alert for alert in sns.tried if sns.failed[alert]}
    everything = first + received(service)
    assert everything == Counter(dict.fromkeys(sns.tried, 1))
    assert statuses(service) == {"sent": CASES}


def test_what_fails_now_and_then_arrives_once_and_each_failure_is_tried_again_later(
    service: Service,
) -> None:
    due_alerts(service)
    rounds: list[tuple[Choose, int]] = [(at_random(), 6), (lambda ids: [], 1)]
    tried, failed = Counter[str](), Counter[str]()
    for choose, ticks in rounds:
        with PartialSns(choose, code="InternalError", sender=False).at_work() as sns:
            for _ in range(ticks):
                service.tick()
                service.clock.forward(hours=3)
        tried, failed = tried + sns.tried, failed + sns.failed

    assert failed.total() > 0
    assert tried == failed + Counter(dict.fromkeys(tried, 1))
    assert received(service) == Counter(dict.fromkeys(tried, 1))
    assert statuses(service) == {"sent": CASES}


def test_a_fault_of_ours_is_put_aside_with_its_reason_and_never_sent_again(
    service: Service,
) -> None:
    due_alerts(service)
    partial = PartialSns(lambda ids: ids[:1], code="InvalidParameter", sender=True)
    with partial.at_work() as sns:
        service.tick()
    with PartialSns(lambda ids: [], code="", sender=False).at_work() as later:
        for _ in range(3):
            service.clock.forward(hours=7)
            service.tick()

    refused = {alert for alert in sns.tried if sns.failed[alert]}
    assert refused
    assert not later.tried
    assert received(service) == Counter(dict.fromkeys(set(sns.tried) - refused, 1))
    aside = [item for item in service.all_items() if item.get("status") == "quarantined"]
    assert {item["alert_id"] for item in aside} == refused
    assert {item["last_error"] for item in aside} == {"InvalidParameter"}
    assert all(item["work_queue"].startswith("quarantine#") for item in aside)


def test_a_fault_of_theirs_is_put_aside_after_eight_times_with_its_reason(
    service: Service,
) -> None:
    covered(service)
    submitted(service.partner())

    with PartialSns(lambda ids: ids, code="Throttled", sender=False).at_work() as sns:
        for _ in range(12):
            service.tick()
            service.clock.forward(hours=7)

    assert list(sns.tried.values()) == [8]
    assert received(service) == Counter()
    (alert,) = [item for item in service.all_items() if item["sk"].startswith("ALERT#")]
    assert (alert["status"], alert["attempts"], alert["last_error"]) == (
        "quarantined",
        8,
        "Throttled",
    )
