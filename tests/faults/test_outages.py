"""R4: every AWS call of what callers wait for, throttled, silent, broken and refused.

Two throttles are ridden out. What lasts is a 503 that says when to come back; nothing is half
written; the same request succeeds when the outage is over.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.record.ledger import Action, first_bad_entry
from chalicelib.errors import Unavailable
from chalicelib.store import clients
from chalicelib.store.codec import decode
from infra.local.gateway import Answer
from tests.calls import counted_calls
from tests.faults.outages import answers_lost, broken, denied, outage, silent, throttled
from tests.service import Caller, Service, filing
from tests.usecases import pictures
from tests.usecases.stories import alerted, case_of, covered, refusal, submitted

PERIOD = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
COUNTING = "dynamodb.UpdateItem"
"""A count of a limit, which fails open; no scenario has another UpdateItem."""
OPTIONAL = {"sqs.SendMessageBatch", COUNTING}
"""What was asked for is done without them. The message is a hint; the next tick does without."""


@dataclass(frozen=True)
class Scenario:
    """A request that must survive an outage anywhere.

    `prepare` makes the world and gives the request, `success` is its status, `verify` says what
    must hold after it succeeded once.
    """

    name: str
    prepare: Callable[[Service], Callable[[], Answer]]
    success: int
    verify: Callable[[Service], None]
    calls: int


def _post(**changes: Any) -> Callable[[Service], Callable[[], Answer]]:
    key = changes.pop("key", "k-1")

    def prepare(service: Service) -> Callable[[], Answer]:
        partner = service.partner()
        body = filing(**changes)
        return lambda: partner.post("/v1/grievances", body, Idempotency_Key=key)

    return prepare


def _one_case(service: Service) -> None:
    (row,) = service.partner().get("/v1/grievances").json()["items"]
    assert (row["state"], row["version"]) == ("received", 1)
    assert service.work_queue_of(row["grievance_id"]).startswith("due#")


def _get(path: str) -> Callable[[Service], Callable[[], Answer]]:
    def prepare(service: Service) -> Callable[[], Answer]:
        partner = service.partner()
        grievance_id = submitted(partner)
        return lambda: partner.get(path.format(grievance_id))

    return prepare


def _on_alert(tail: str, body: Any = None) -> Callable[[Service], Callable[[], Answer]]:
    def prepare(service: Service) -> Callable[[], Answer]:
        covered(service)
        alerted(service, service.partner())
        desk = service.brand_desk()
        alert_id = desk.get("/v1/alerts").json()["items"][0]["alert_id"]
        return lambda: desk.post(f"/v1/alerts/{alert_id}/{tail}", body)

    return prepare


def _once(action: Action) -> Callable[[Service], None]:
    """The action is once in a ledger that verifies; with a reply, the words are there once."""

    def verify(service: Service) -> None:
        partner: Caller = service.partner()
        (row,) = partner.get("/v1/grievances").json()["items"]
        case = service.deps.cases.head(row["grievance_id"])
        assert case is not None
        entries = service.deps.cases.entries(case, 100, None).items
        assert first_bad_entry(entries) is None
        assert [entry.action for entry in entries].count(action) == 1
        (alert,) = service.alert_rows(row["grievance_id"])
        messages = service.deps.cases.messages(row["grievance_id"], 100, None).items
        expected = 1 if action is Action.ALERT_REPLIED else 0
        assert (len(alert.replies), len(messages)) == (expected, expected)
        assert alert.acknowledged_at is not None
        assert case_of(partner, row["grievance_id"])["brand_acknowledged_at"] is not None

    return verify


def _ask_for_export(service: Service) -> Callable[[], Answer]:
    auditor = service.auditor()
    submitted(service.partner())
    return lambda: auditor.post("/v1/exports", PERIOD)


def _export_arrives(service: Service) -> None:
    service.clock.forward(seconds=61)
    service.tick()
    exports = service.auditor().get("/v1/exports").json()["items"]
    assert [export["manifest"]["row_count"] for export in exports] == [1] * len(exports)
    assert exports


def _nothing_more(service: Service) -> None:
    (row,) = service.partner().get("/v1/grievances").json()["items"]
    assert row["version"] == 1


HOME = "/v1/organisations/handshake-gz"


def _issue_key(service: Service) -> Callable[[], Answer]:
    partner = service.partner()
    user = {"role": "partner_intake", "name": "desk"}
    user_id = partner.post(f"{HOME}/users", user).json()["user_id"]
    return lambda: partner.post(f"{HOME}/keys", {"user_id": user_id, "name": "desk"})


def _key_is_listed(service: Service) -> None:
    rows = service.partner().get(f"{HOME}/keys").json()["items"]
    assert [row["role"] for row in rows].count("partner_intake") >= 1


def _propose_to_lower(service: Service) -> Callable[[], Answer]:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner, ilo_indicators=['debt_bondage'])}"
    wish = {"severity": "S2", "severity_reason": "A misunderstanding."}
    return lambda: partner.patch(path, wish, If_Match='"1"')


def _proposed_once(service: Service) -> None:
    (row,) = service.partner().get("/v1/grievances").json()["items"]
    case = service.deps.cases.head(row["grievance_id"])
    assert case is not None
    assert (case.severity, case.version) == ("S1", 2)
    assert case.proposal is not None


def _ask_to_attach(service: Service) -> Callable[[], Answer]:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}/attachments"
    return lambda: partner.post(path, pictures.wish(pictures.photo()))


def _attached(service: Service) -> tuple[Caller, str]:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = pictures.uploaded(partner, grievance_id, pictures.photo())
    service.clock.forward(minutes=1)
    return partner, f"/v1/grievances/{grievance_id}/attachments/{attachment_id}"


def _read_attachment(service: Service) -> Callable[[], Answer]:
    partner, path = _attached(service)
    return lambda: partner.get(path)


def _remove_attachment(service: Service) -> Callable[[], Answer]:
    partner, path = _attached(service)
    return lambda: partner.delete(path)


def _one_attachment(status: str) -> Callable[[Service], None]:
    def verify(service: Service) -> None:
        partner = service.partner()
        (case,) = partner.get("/v1/grievances").json()["items"]
        path = f"/v1/grievances/{case['grievance_id']}/attachments"
        (row,) = partner.get(path).json()["items"]
        assert row["status"] == status

    return verify


SCENARIOS = [
    Scenario("intake by key", _post(), 201, _one_case, calls=4),
    Scenario("intake by both keys", _post(partner_ref="GZ-1"), 201, _one_case, calls=4),
    Scenario(
        "intake of a critical case", _post(ilo_indicators=["debt_bondage"]), 201, _one_case, calls=5
    ),
    Scenario(
        "intake with an identity",
        _post(worker={"name": "Somebody", "phone": "13800138000"}),
        201,
        _one_case,
        calls=5,
    ),
    Scenario("read", _get("/v1/grievances/{}"), 200, _nothing_more, calls=3),
    Scenario("list", _get("/v1/grievances"), 200, _nothing_more, calls=3),
    Scenario("history", _get("/v1/grievances/{}/history"), 200, _nothing_more, calls=4),
    Scenario(
        "acknowledge", _on_alert("acknowledgement"), 200, _once(Action.ALERT_ACKNOWLEDGED), calls=6
    ),
    Scenario(
        "reply",
        _on_alert("replies", {"text": "We ask."}),
        201,
        _once(Action.ALERT_REPLIED),
        calls=6,
    ),
    Scenario("request an export", _ask_for_export, 202, _export_arrives, calls=6),
    Scenario("issue a key", _issue_key, 201, _key_is_listed, calls=5),
    Scenario("propose to lower a severity", _propose_to_lower, 202, _proposed_once, calls=4),
    Scenario("ask to attach", _ask_to_attach, 201, _one_attachment("awaiting"), calls=6),
    Scenario("read an attachment", _read_attachment, 200, _one_attachment("awaiting"), calls=4),
    Scenario("remove an attachment", _remove_attachment, 204, _one_attachment("removed"), calls=5),
]


@pytest.fixture(autouse=True)
def _patient_clients_of_their_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """botocore keeps count of its retries for each client; and here it need not really wait."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda seconds: None))
    clients.client.cache_clear()
    yield
    clients.client.cache_clear()


def stored(service: Service) -> list[dict[str, Any]]:
    """All cases, identities and jobs as they are stored."""
    jobs = clients.client("dynamodb").scan(TableName=service.deps.settings.jobs_table)["Items"]
    return service.everything() + [decode(item) for item in jobs]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_outage_at_any_call_is_a_503_that_changes_nothing_and_passes(
    scenario: Scenario, fresh: Callable[[], Service], counts: Counter[str]
) -> None:
    calls = _calls_of(scenario, fresh())
    assert len(calls) == scenario.calls, "the work makes other calls than it did: look why"
    assert calls.count(COUNTING) == (2 if scenario.name.startswith("intake") else 1)
    for position, call in enumerate(calls, start=1):
        service = fresh()
        act = scenario.prepare(service)
        if call not in OPTIONAL:
            _fails_and_changes_nothing(service, act, position, counts)
        with outage(position, [throttled(), throttled(), None]) as attempts:
            answer = act()
        assert (answer.status, attempts[position - 1]) == (scenario.success, 3), call
        scenario.verify(service)
        counts["outages"] += 1


def _calls_of(scenario: Scenario, service: Service) -> list[str]:
    act = scenario.prepare(service)
    with counted_calls() as calls:
        assert act().status == scenario.success
    return calls


def _fails_and_changes_nothing(
    service: Service, act: Callable[[], Answer], position: int, counts: Counter[str]
) -> None:
    before = stored(service)
    for fault, tries in ((throttled(), 3), (silent(), 3), (broken(), 3), (denied(), 1)):
        with outage(position, [fault]) as attempts:
            answer = act()
        assert refusal(answer) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "5"
        assert (attempts[position - 1], len(attempts)) == (tries, position)
        assert stored(service) == before
        counts["outages"] += 1


@pytest.mark.parametrize(
    "scenario",
    [s for s in SCENARIOS if s.name in ("intake of a critical case", "request an export")],
    ids=lambda scenario: scenario.name,
)
def test_a_queue_that_does_not_answer_delays_and_refuses_nothing(
    scenario: Scenario, fresh: Callable[[], Service]
) -> None:
    position = _calls_of(scenario, fresh()).index("sqs.SendMessageBatch") + 1
    for fault in (throttled(), silent(), broken(), denied()):
        service = fresh()
        act = scenario.prepare(service)
        with outage(position, [fault]):
            answer = act()
        assert answer.status == scenario.success
        scenario.verify(service)


@pytest.mark.parametrize(
    "scenario",
    [s for s in SCENARIOS if s.name in ("intake by key", "list", "request an export")],
    ids=lambda scenario: scenario.name,
)
def test_a_counter_that_does_not_answer_refuses_nothing(
    scenario: Scenario, fresh: Callable[[], Service]
) -> None:
    calls = _calls_of(scenario, fresh())
    for position in (n for n, call in enumerate(calls, 1) if call == COUNTING):
        for fault in (throttled(), silent(), broken(), denied()):
            service = fresh()
            act = scenario.prepare(service)
            with outage(position, [fault]):
                answer = act()
            assert answer.status == scenario.success
            scenario.verify(service)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_case_whose_writing_was_not_confirmed_is_there_once_for_who_asks_again(
    service: Service, times: int
) -> None:
    """The write went through and its answer was lost: botocore's own retry meets the item."""
    partner = service.partner()

    with answers_lost("PutItem", times):
        first = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")
    second = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")

    assert first.status == (503 if times == 3 else 200)
    assert (second.status, second.headers["Idempotent-Replayed"]) == (200, "true")
    if times < 3:
        assert second.body == first.body
    _one_case(service)


def test_a_root_secret_that_cannot_be_read_is_an_outage_like_any_other(
    fresh: Callable[[], Service],
) -> None:
    """A cold start: the first request has to fetch the secret before it knows any key."""
    service = fresh()
    partner = service.partner()
    for fault in (throttled(), silent(), broken(), denied()):
        service.forget_secrets()
        with outage(1, [fault]):
            answer = partner.get("/v1/grievances")
        assert refusal(answer) == (503, "unavailable")

    assert partner.get("/v1/grievances").status == 200


def test_a_tick_that_meets_an_outage_loses_nothing(
    fresh: Callable[[], Service], counts: Counter[str]
) -> None:
    service = fresh()
    _due(service)
    with counted_calls() as calls:
        service.tick()
    first_own = next(n for n, call in enumerate(calls, 1) if call == "dynamodb.BatchGetItem")
    for position in range(first_own, len(calls) + 1, 2):
        service = fresh()
        _due(service)
        with outage(position, [broken()]):
            _tick_anyhow(service)
        service.clock.forward(hours=1)
        service.tick()
        service.clock.forward(hours=1)
        service.tick()
        (row,) = service.partner().get("/v1/grievances").json()["items"]
        assert row["state"] == "brand_notified", calls[position - 1]
        assert len(service.received_alerts()) >= 1
        assert [a.status for a in service.alert_rows(row["grievance_id"])] == ["sent"]
        counts["outages"] += 1


def test_a_cleaning_that_meets_an_outage_loses_no_upload(
    fresh: Callable[[], Service], counts: Counter[str]
) -> None:
    service = fresh()
    _attached(service)
    with counted_calls() as calls:
        service.tick()
    assert calls.count("s3.GetObject") == 1
    first_own = calls.index("s3.GetObject") - 1  # the attachment is read, then taken up
    for position in range(first_own, len(calls) + 1):
        service = fresh()
        partner, path = _attached(service)
        with outage(position, [broken()]):
            _tick_anyhow(service)
        for _ in range(3):
            service.clock.forward(minutes=15)
            service.tick()
        assert partner.get(path).json()["status"] == "clean", calls[position - 1]
        bucket = service.deps.settings.attachments_bucket
        listed = clients.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
        assert [row["Key"].partition("/")[0] for row in listed] == ["clean"]
        counts["outages"] += 1


def _due(service: Service) -> None:
    covered(service)
    submitted(service.partner())


def _tick_anyhow(service: Service) -> None:
    """A tick that may fail: the queue keeps its message, the schedule comes again."""
    with contextlib.suppress(BotoCoreError, ClientError, Unavailable):
        service.tick()
