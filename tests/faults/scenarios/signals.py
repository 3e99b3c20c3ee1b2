"""What is said of a factory as a whole is told, once, whenever the work that finds it dies."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.work.reconciliation import findings
from chalicelib.store import keys
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import later_ticks, ticks
from tests.service import Service
from tests.usecases.stories import case_of, consented, covered, submitted, walked

COUNTED = {"level": "C1", "script_version": "helpline-zh-3"}


def _filed(service: Service, key: str, number: int, partner: str) -> str:
    facts: dict[str, Any] = {"consent": COUNTED, "worker": {"phone": f"1380013800{number}"}}
    return submitted(service.partner(partner), key, **facts)


def _enough(service: Service) -> list[str]:
    """Five cases of two partners; their note is due, and nothing else."""
    covered(service)
    ticks(service, None)
    ids = [_filed(service, f"o-{n}", n, f"ngo-{n % 2}") for n in range(5)]
    service.tick()
    service.clock.forward(days=1)
    return ids


def _coalitions(service: Service) -> list[dict[str, Any]]:
    return [item for item in service.all_items() if item["sk"] == "COALITION"]


def _told_once(service: Service, _: object) -> None:
    (head,) = _coalitions(service)
    whole = service.deps.whole_cases.read(head["case_id"])
    assert first_bad_entry(whole.entries) is None
    assert [entry.action for entry in whole.entries] == ["coalition_raised"]
    (alert,) = service.alert_rows(head["case_id"])
    assert alert.status == "sent"
    assert {e["MessageAttributes"]["kind"]["Value"] for e in service.received_alerts()} == {
        "coalition"
    }
    for partner in ("ngo-0", "ngo-1"):
        (signal,) = walked(service.partner(partner), "/v1/signals")
        assert signal["kind"] == "coalition"
    assert not [i for i in service.all_items() if i["case_id"].endswith("#2026-11-23")]


def _too_few(service: Service) -> list[str]:
    """One of them was raised, and a worker of it has withdrawn since; that note is due."""
    ids = _enough(service)
    ticks(service, None)
    partner = service.partner("ngo-0")
    version = case_of(partner, ids[0])["version"]
    assert consented(partner, ids[0], version, level="C0", script_version="w-1").status == 200
    service.clock.forward(days=1)
    return ids


def _lapsed_once(service: Service, _: object) -> None:
    (head,) = _coalitions(service)
    whole = service.deps.whole_cases.read(head["case_id"])
    assert first_bad_entry(whole.entries) is None
    assert [e.action for e in whole.entries] == ["coalition_raised", "coalition_lapsed"]


def _nobody_acknowledges(service: Service) -> list[str]:
    """One was raised, and all its levels are due; nothing else is."""
    ids = _enough(service)
    ticks(service, None)
    for number, case_id in enumerate(ids):
        path = f"/v1/grievances/{case_id}/transitions"
        wish = {"to": "on_hold", "reason": "Waiting.", "until": "2028-01-01T00:00:00Z"}
        assert service.partner(f"ngo-{number % 2}").post(path, wish).status == 200
    service.received_alerts()
    service.clock.forward(days=9)
    return ids


def _enforce(service: Service, _: object) -> None:
    service.enforce()


def _next_runs(service: Service, world: object) -> None:
    service.clock.forward(minutes=10)
    service.enforce()
    ticks(service, world)


def _escalated_once(service: Service, _: object) -> None:
    (head,) = _coalitions(service)
    whole = service.deps.whole_cases.read(head["case_id"])
    assert first_bad_entry(whole.entries) is None
    assert findings(whole) == []
    assert [entry.data["level"] for entry in whole.entries[1:]] == [
        "escalation_contact",
        "supervisor",
        "counted",
    ]
    (asked,) = [alert for alert in service.alert_rows(head["case_id"]) if alert.asks_for]
    assert (asked.payload.kind, asked.status) == ("escalation", "sent")
    for partner in ("ngo-0", "ngo-1"):
        (signal,) = walked(service.partner(partner), "/v1/signals?kind=brand_overdue")
        assert signal["level"] == "supervisor"


def _lapsed_long_ago(service: Service) -> str:
    """One that too few are left of, and whose clock nobody has looked at since; its alert's key."""
    _too_few(service)
    ticks(service, None)
    service.clock.forward(days=9)
    (head,) = _coalitions(service)
    (alert,) = service.alert_rows(head["case_id"])
    assert _stored(service, alert.alert_id)["deadline_queue"]
    return alert.alert_id


def _stored(service: Service, alert_id: str) -> dict[str, Any]:
    (item,) = [item for item in service.all_items() if item["sk"] == keys.alert(alert_id)]
    return item


def _left_alone(service: Service, alert_id: str) -> None:
    assert "deadline_queue" not in _stored(service, alert_id)
    _lapsed_once(service, None)


def _without_its_clock(service: Service) -> list[str]:
    """One whose clock fell out of its index; an operator has asked for a repair."""
    ids = _nobody_acknowledges(service)
    (head,) = _coalitions(service)
    (alert,) = service.alert_rows(head["case_id"])
    nowhere = {"deadline_queue": "nowhere"}
    service.set_attributes(head["case_id"], keys.alert(alert.alert_id), **nowhere)
    wish = {"received_from": "2026-11-23", "received_to": "2026-11-23", "repair": True}
    assert service.operator().post("/v1/reconciliations", wish).status == 202
    return ids


def _reconcile(service: Service, _: object) -> None:
    service._work_queue("run_job", service.deps.settings.jobs_queue_url, 300)


def _later_runs(service: Service, world: object) -> None:
    later_ticks(service, world)
    _next_runs(service, world)


def _fell_silent(service: Service) -> None:
    """Six months in each of which six were heard, and one in which nobody was; it is over."""
    covered(service)
    for month in range(2, 8):
        service.clock.now = datetime(2026, month, 10, tzinfo=UTC)
        for number in range(6):
            _filed(service, f"{month}-{number}", 1, "ngo-0")
        service.tick()
        service.clock.forward(days=1)
        service.tick()
    service.clock.now = datetime(2026, 9, 1, tzinfo=UTC)


def _heard_once(service: Service, _: object) -> None:
    (signal,) = walked(service.partner("ngo-0"), "/v1/signals?kind=silence")
    assert signal["due_at"] == "2026-09-01T00:00:00.000Z"


def _more_ticks(service: Service, world: object) -> None:
    ticks(service, world)
    ticks(service, world)


SCENARIOS = [
    Scenario("coalition", _enough, ticks, _more_ticks, _told_once, at_least_calls=20),
    Scenario("coalition of too few", _too_few, ticks, _more_ticks, _lapsed_once, at_least_calls=10),
    Scenario(
        "coalition that nobody acknowledges",
        _nobody_acknowledges,
        _enforce,
        _next_runs,
        _escalated_once,
        at_least_calls=9,
    ),
    Scenario(
        "clock of a coalition of too few",
        _lapsed_long_ago,
        _enforce,
        _next_runs,
        _left_alone,
        at_least_calls=3,
    ),
    Scenario(
        "reconciliation of a coalition",
        _without_its_clock,
        _reconcile,
        _later_runs,
        _escalated_once,
        at_least_calls=6,
    ),
    Scenario("silence", _fell_silent, ticks, _more_ticks, _heard_once, at_least_calls=10),
]
