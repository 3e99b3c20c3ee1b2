"""A coalition that nobody acknowledges escalates as a case's alert does, and still names nobody."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Entry, first_bad_entry
from chalicelib.domain.work.reconciliation import findings
from chalicelib.store import keys
from tests.calls import one_at_a_time
from tests.conftest import Lines
from tests.service import START, Service
from tests.usecases.alerting.test_raise_coalitions import (
    NAMED,
    PARTNERS,
    files,
    five,
    next_day,
    raised,
)
from tests.usecases.stories import case_of, consented, covered, ended, refusal, walked
from tests.usecases.work.test_reconcile import deleted, found, reconciled, without

LEVELS = ["reminder", "escalation_contact", "supervisor", "counted"]


def at(**span: float) -> str:
    return timestamp(START + timedelta(**span))


DUE = at(days=6)
"""It was raised a day after the start, and its category is S3: five days to acknowledge."""


def coalition_of(payload: dict[str, Any]) -> str:
    return "c_" + str(payload["alert_id"]).split("_")[1]


def entries(service: Service, payload: dict[str, Any]) -> Sequence[Entry]:
    whole = service.deps.whole_cases.read(coalition_of(payload))
    assert first_bad_entry(whole.entries) is None
    assert findings(whole) == []
    return whole.entries


def levels(service: Service, payload: dict[str, Any]) -> list[str]:
    """What the ledger says of its clocks, in its order."""
    told = [e for e in entries(service, payload) if e.action == "coalition_escalated"]
    assert {e.data["due_at"] for e in told} <= {DUE}
    return [e.data["level"] for e in told]


def alerts(service: Service, brand: str = "acme") -> list[dict[str, Any]]:
    return [json.loads(envelope["Message"]) for envelope in service.received_alerts(brand)]


def overdue(service: Service, partner: str) -> list[dict[str, Any]]:
    return walked(service.partner(partner), "/v1/signals?kind=brand_overdue")


def later(service: Service, **span: float) -> None:
    """One run of the schedule after so long, and what then goes out."""
    service.clock.forward(**span)
    service.enforce()
    service.tick()


def acknowledged(service: Service, alert_id: str) -> None:
    path = f"/v1/alerts/{alert_id}/acknowledgement"
    assert service.brand_desk().post(path).status == 200


def without_cases(service: Service) -> None:
    """The clocks of the cases themselves are stopped: what is left is the coalition's."""
    for partner in PARTNERS:
        for row in walked(service.partner(partner), "/v1/grievances"):
            path = f"/v1/grievances/{row['grievance_id']}/transitions"
            wish = {"to": "on_hold", "reason": "Waiting.", "until": "2028-01-01T00:00:00Z"}
            assert service.partner(partner).post(path, wish).status == 200


def alone(service: Service, **changes: Any) -> dict[str, Any]:
    """A coalition, and nothing else that any clock asks for."""
    payload = raised(service, **changes)
    without_cases(service)
    alerts(service)
    return payload


def test_nobody_acknowledges_it_so_it_goes_through_all_levels_in_their_order(
    service: Service,
) -> None:
    payload = alone(service)
    seen: list[tuple[str, str, list[str]]] = []

    for _ in range(20):
        before = len(levels(service, payload))
        later(service, hours=12)
        now = service.clock().replace(minute=0)
        for level in levels(service, payload)[before:]:
            seen.append((level, timestamp(now), [told["kind"] for told in alerts(service)]))

    assert seen == [
        ("reminder", at(days=5), ["update"]),
        ("escalation_contact", at(days=6), ["escalation"]),
        ("supervisor", at(days=7), []),
        ("counted", at(days=8), []),
    ]


def test_what_asks_for_it_names_neither_factory_nor_anybody_whatever_they_agreed_to(
    service: Service,
) -> None:
    payload = alone(service, consent=NAMED)
    assert payload["factory"]["name"] == "Yi Chang Tai Garment Factory"

    later(service, days=5)

    (asked,) = alerts(service)
    assert asked == {
        "alert_id": asked["alert_id"],
        "schema_version": "1.0",
        "kind": "escalation",
        "public_ref": payload["public_ref"],
        "brand_id": "acme",
        "consent_level": "C1",
        "country": "CN",
        "category": "compensation",
        "categories": ["compensation"],
        "ilo_indicators": [],
        "severity": "S3",
        "received_month": "2026-11",
        "acknowledge_by": DUE,
        "respond_by": DUE,
        "actions_required": ["acknowledge"],
        "link_dates_known": True,
        "link": payload["link"],
        "deadline": {
            "clock": "brand_acknowledges",
            "level": "escalation_contact",
            "due_at": DUE,
            "alert_id": payload["alert_id"],
        },
        "sequence": 1,
        "content_hash": asked["content_hash"],
    }
    assert asked["alert_id"].split("_")[:2] == payload["alert_id"].split("_")[:2]
    (envelope,) = [e for e in entries(service, payload) if e.action == "coalition_escalated"]
    assert asked["alert_id"] not in str(envelope.data)
    assert payload["alert_id"] not in str(envelope.data)
    assert envelope.private == {"alert_id": payload["alert_id"], "alerts": [asked["alert_id"]]}


def test_its_partners_hear_that_a_brand_is_late_not_which_and_not_of_each_other(
    service: Service,
) -> None:
    payload = alone(service)

    later(service, days=7)

    for partner in PARTNERS:
        (signal,) = overdue(service, partner)
        assert {k: v for k, v in signal.items() if k not in ("signal_id", "factory_id", "at")} == {
            "grievance_id": None,
            "public_ref": None,
            "category": "compensation",
            "kind": "brand_overdue",
            "clock": "brand_acknowledges",
            "level": "supervisor",
            "due_at": DUE,
        }
        told = json.dumps(signal)
        for hidden in ("acme", *PARTNERS, payload["alert_id"], payload["public_ref"]):
            assert hidden not in told
    assert overdue(service, "ngo-3") == []


def test_a_critical_category_has_a_day(service: Service) -> None:
    covered(service)
    five(service, categories=["child_labour"], sub_codes=[])
    next_day(service)
    (payload,) = [told for told in alerts(service) if told["kind"] == "coalition"]
    assert (payload["severity"], payload["acknowledge_by"]) == ("S1", at(days=2))
    without_cases(service)
    service.clock.now = START + timedelta(days=2)

    service.enforce()

    told = [e for e in entries(service, payload) if e.action == "coalition_escalated"]
    assert [(e.data["level"], e.data["due_at"]) for e in told] == [
        ("escalation_contact", at(days=2))
    ]


# It stops


def test_once_it_is_acknowledged_nothing_is_asked(service: Service) -> None:
    payload = alone(service)
    acknowledged(service, payload["alert_id"])

    later(service, days=40)

    assert (levels(service, payload), alerts(service)) == ([], [])
    assert [overdue(service, partner) for partner in PARTNERS] == [[], []]


def test_who_acknowledges_the_reminder_has_acknowledged_it_and_nothing_is_open(
    service: Service,
) -> None:
    payload = alone(service)
    later(service, days=4)
    (reminder,) = alerts(service)
    desk = service.brand_desk()
    own = {payload["alert_id"], reminder["alert_id"]}
    assert own <= {row["alert_id"] for row in walked(desk, "/v1/alerts?open_only=true")}

    acknowledged(service, reminder["alert_id"])
    later(service, days=40)

    assert levels(service, payload) == ["reminder"]
    assert alerts(service) == []
    assert not own & {row["alert_id"] for row in walked(desk, "/v1/alerts?open_only=true")}
    reply = desk.post(f"/v1/alerts/{reminder['alert_id']}/replies", {"text": "We look."})
    assert refusal(reply) == (409, "state_conflict")


def test_one_brand_that_acknowledges_stops_nothing_for_another(service: Service) -> None:
    covered(service, "acme", "bolt")
    five(service)
    next_day(service)
    (first,) = [told for told in alerts(service) if told["kind"] == "coalition"]
    alerts(service, "bolt")
    without_cases(service)
    acknowledged(service, first["alert_id"])

    later(service, days=30)

    assert alerts(service) == []
    assert [told["kind"] for told in alerts(service, "bolt")] == ["escalation"]
    assert levels(service, first) == LEVELS[1:]


def test_one_that_lapsed_asks_nobody_any_more_and_is_looked_at_no_longer(service: Service) -> None:
    payload = raised(service)
    partner = service.partner("ngo-1")
    first = walked(partner, "/v1/grievances")[0]["grievance_id"]
    version = case_of(partner, first)["version"]
    assert consented(partner, first, version, level="C0", script_version="w-1").status == 200
    next_day(service)
    without_cases(service)
    alerts(service)

    later(service, days=30)

    assert (levels(service, payload), alerts(service)) == ([], [])
    assert [overdue(service, each) for each in PARTNERS] == [[], []]
    alert = _stored(service, payload)
    assert "deadline_queue" not in alert
    assert "acknowledged_at" not in alert
    before = service.all_items()
    later(service, days=1)
    assert service.all_items() == before


def _stored(service: Service, payload: dict[str, Any]) -> dict[str, Any]:
    sort_key = keys.alert(payload["alert_id"])
    (item,) = [item for item in service.all_items() if item["sk"] == sort_key]
    return item


def test_the_round_before_asks_nothing_once_another_is_raised(service: Service) -> None:
    first = raised(service)
    service.clock.forward(days=95)  # and no run of the schedule in all that time
    for number in range(5, 10):
        files(service, number, PARTNERS[number % 2])
    next_day(service)
    without_cases(service)
    (second,) = [told for told in alerts(service) if told["kind"] == "coalition"]

    service.enforce()
    asked = [e for e in _entries_of(service, first) if e.action == "coalition_escalated"]
    service.clock.forward(days=30)
    service.enforce()

    assert asked == []
    told = [e for e in _entries_of(service, first) if e.action == "coalition_escalated"]
    assert {e.private["alert_id"] for e in told} == {second["alert_id"]}
    assert [e.data["level"] for e in told] == LEVELS[1:]


def _entries_of(service: Service, payload: dict[str, Any]) -> Sequence[Entry]:
    return service.deps.whole_cases.read(coalition_of(payload)).entries


def test_a_brand_whose_engagement_is_over_is_not_asked_but_its_partners_hear_of_it(
    service: Service,
) -> None:
    payload = alone(service)
    service.brand_desk()
    ended(service)

    later(service, days=6)

    assert alerts(service) == []
    assert levels(service, payload) == LEVELS[1:3]
    assert len(overdue(service, "ngo-1")) == 1


def test_one_that_its_brand_never_got_asks_for_nothing(service: Service) -> None:
    covered(service)
    five(service)
    service.tick()
    service.clock.forward(days=1)
    service.tick()
    service.brand_desk()
    ended(service)
    service.clock.forward(minutes=1)
    service.tick()
    (head,) = [item for item in service.all_items() if item["sk"] == "COALITION"]
    (alert,) = service.alert_rows(head["case_id"])
    assert alert.status == "suppressed"
    without_cases(service)

    later(service, days=30)

    payload = {"alert_id": alert.alert_id}
    assert levels(service, payload) == []
    assert "deadline_queue" not in _stored(service, payload)


# Missed, doubled, overlapping, failing


def test_after_any_pause_what_is_due_is_caught_up_in_order_with_its_due_date(
    service: Service,
) -> None:
    payload = alone(service)

    later(service, days=45)

    assert levels(service, payload) == LEVELS[1:]  # a reminder would say less than what follows
    assert [told["kind"] for told in alerts(service)] == ["escalation"]
    before = service.all_items()
    later(service, minutes=10)
    assert service.all_items() == before


def test_runs_at_the_same_time_do_nothing_twice(service: Service) -> None:
    payload = alone(service)
    service.clock.forward(days=30)

    with one_at_a_time(), ThreadPoolExecutor(8) as pool:
        for running in [pool.submit(service.enforce) for _ in range(8)]:
            running.result()
    for _ in range(3):  # what a run left to the one that was faster
        later(service, minutes=10)

    assert levels(service, payload) == LEVELS[1:]
    assert [told["kind"] for told in alerts(service)] == ["escalation"]
    assert [len(overdue(service, partner)) for partner in PARTNERS] == [1, 1]


def test_one_that_cannot_be_read_is_looked_at_again_in_an_hour(
    service: Service, lines: Lines
) -> None:
    payload = raised(service)
    service.set_attributes(coalition_of(payload), keys.COALITION, version="broken")
    service.clock.forward(days=5)

    service.enforce()

    failed = [line for line in lines() if line["message"] == "deadline_failed"]
    assert [(line["case_id"], line["row"]) for line in failed] == [(coalition_of(payload), "ALERT")]
    assert _stored(service, payload)["deadline_at"] == timestamp(
        service.clock() + timedelta(hours=1)
    )


# What fell out of the index


def _reconciled(service: Service, *, repair: bool) -> dict[str, Any]:
    day = "2026-11-23"
    return reconciled(service, repair=repair, received_from=day, received_to=day)


@pytest.mark.parametrize("lost", [("deadline_queue", "deadline_at"), ("deadline_at",)], ids=str)
def test_a_clock_that_nobody_looks_at_is_found_and_put_back_however_old(
    service: Service, lost: tuple[str, ...]
) -> None:
    payload = alone(service)
    alert_id = payload["alert_id"]
    without(service, coalition_of(payload), keys.alert(alert_id), *lost)
    later(service, days=30)
    assert alerts(service) == []

    report = _reconciled(service, repair=True)

    assert found(report) == {("clock_misplaced", alert_id, None): 1}
    assert [f["repaired"] for f in report["findings"]] == [True]
    later(service, minutes=10)
    assert levels(service, payload) == LEVELS[1:]
    assert found(_reconciled(service, repair=False)) == {}


def test_a_clock_in_another_shard_is_found(service: Service) -> None:
    payload = alone(service)
    stray = keys.alert(payload["alert_id"])
    service.set_attributes(coalition_of(payload), stray, deadline_queue="deadline#99")

    report = _reconciled(service, repair=True)

    assert found(report) == {("clock_misplaced", payload["alert_id"], None): 1}
    assert findings(service.deps.whole_cases.read(coalition_of(payload))) == []


def test_an_escalation_that_is_gone_is_missed(service: Service) -> None:
    payload = alone(service)
    later(service, days=5)
    (asked,) = alerts(service)
    deleted(service, coalition_of(payload), keys.alert(asked["alert_id"]))

    assert found(_reconciled(service, repair=True)) == {("alert_missing", asked["alert_id"], 2): 1}
