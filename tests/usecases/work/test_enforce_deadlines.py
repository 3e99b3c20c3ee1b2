"""R7: what nobody does in time makes people act: once a level, whatever ticks were missed."""

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import rules
from chalicelib.domain.alerting.alert import AlertPayload
from chalicelib.domain.cases.deadlines import looked_at_next
from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Entry, first_bad_entry
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import EscalationLevel
from chalicelib.domain.work.reconciliation import findings
from tests.calls import one_at_a_time
from tests.conftest import Lines
from tests.service import START, Caller, Service, filing
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    ended,
    refusal,
    submitted,
    walked,
)

ESCALATED = ("escalated", "recall_escalated")
Told = tuple[str, str | None, str]
"""A clock, a level, and when the clock was due."""


NOT_CONTACTED = {**filing()["consent"], "contact_back": False}
"""Nobody asks this worker how she is: what is left are the clocks of the case."""


def at(**span: float) -> str:
    return timestamp(START + timedelta(**span))


def history(caller: Caller, grievance_id: str) -> list[dict[str, Any]]:
    return walked(caller, f"/v1/grievances/{grievance_id}/history?limit=200")


def entries_of(service: Service, grievance_id: str) -> Sequence[Entry]:
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    return service.deps.cases.entries(case, 100, None).items


def escalations(caller: Caller, grievance_id: str) -> list[Told]:
    """What the ledger says of a case's clocks, in its order."""
    return [
        (e["data"].get("clock", "recall"), e["data"]["level"], e["data"]["due_at"])
        for e in history(caller, grievance_id)
        if e["action"] in ESCALATED
    ]


def signals(caller: Caller, query: str = "") -> list[Told]:
    """(kind, clock, due) of what a partner was told, oldest first."""
    rows = walked(caller, f"/v1/signals{query}")
    return [(row["kind"], row["clock"], row["due_at"]) for row in reversed(rows)]


def alerts(service: Service, brand: str = "acme") -> list[dict[str, Any]]:
    """What a brand's queue received since the last look."""
    return [json.loads(envelope["Message"]) for envelope in service.received_alerts(brand)]


def moved(caller: Caller, grievance_id: str, **wish: Any) -> None:
    answer = caller.post(f"/v1/grievances/{grievance_id}/transitions", wish)
    assert answer.status == 200, answer.body


def ticking(
    service: Service, until: timedelta, every: timedelta, *gone: tuple[float, float]
) -> int:
    """Runs of the schedule until so long after the start, but for those between two numbers of
    hours; how many were missed."""
    missed = 0
    while service.clock() < START + until:
        service.clock.now += every
        hours = (service.clock() - START) / timedelta(hours=1)
        if any(begin < hours < end for begin, end in gone):
            missed += 1
        else:
            service.enforce()
    return missed


ACK_DUE, REPLY_DUE, PLAN_DUE = at(days=5), at(days=15), at(days=45)
OVERDUE: list[Told] = [
    ("brand_acknowledges", "escalation_contact", ACK_DUE),
    ("brand_acknowledges", "supervisor", ACK_DUE),
    ("brand_acknowledges", "counted", ACK_DUE),
    ("brand_first_reply", "escalation_contact", REPLY_DUE),
    ("brand_first_reply", "supervisor", REPLY_DUE),
    ("brand_first_reply", "counted", REPLY_DUE),
    ("remediation_plan", "escalation_contact", PLAN_DUE),
    ("remediation_plan", "supervisor", PLAN_DUE),
    ("remediation_plan", "counted", PLAN_DUE),
]
"""What becomes of a case whose brand never answers, until the day that a plan counts as missed."""
PERIOD = timedelta(days=64)


def not_reminders(told: list[Told]) -> list[Told]:
    return [each for each in told if each[1] != "reminder"]


def test_a_brand_that_does_nothing_is_reminded_escalated_and_counted_in_this_order(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    (new,) = alerts(service)
    seen: list[tuple[str, str, list[str]]] = []

    for _ in range(int(PERIOD / timedelta(hours=12))):
        service.clock.forward(hours=12)
        before = len(escalations(partner, grievance_id))
        service.enforce()
        for _clock, level, due in escalations(partner, grievance_id)[before:]:
            service.tick()
            told = [payload["kind"] for payload in alerts(service)]
            seen.append((f"{_clock} {level}", timestamp(service.clock()), told))
            assert due in (ACK_DUE, REPLY_DUE, PLAN_DUE)

    assert seen == [
        ("brand_acknowledges reminder", at(days=4), ["update"]),
        ("brand_acknowledges escalation_contact", at(days=5), ["escalation"]),
        ("brand_acknowledges supervisor", at(days=6), []),
        ("brand_acknowledges counted", at(days=7), []),
        ("brand_first_reply reminder", at(days=12), ["update"]),
        ("brand_first_reply escalation_contact", at(days=15), ["escalation"]),
        ("brand_first_reply supervisor", at(days=18), []),
        ("brand_first_reply counted", at(days=21), []),
        ("remediation_plan reminder", at(days=36), ["update"]),
        ("remediation_plan escalation_contact", at(days=45), ["escalation"]),
        ("remediation_plan supervisor", at(days=54), []),
        ("remediation_plan counted", at(days=63), []),
    ]
    assert signals(partner) == [
        ("brand_overdue", "brand_acknowledges", ACK_DUE),
        ("brand_overdue", "brand_first_reply", REPLY_DUE),
        ("brand_overdue", "remediation_plan", PLAN_DUE),
    ]
    clocks = case_of(partner, grievance_id)["clocks"]
    assert clocks["brand_first_reply"] == {
        "due_at": REPLY_DUE,
        "met_at": None,
        "breached_at": REPLY_DUE,
        "level": "counted",
    }
    assert new["kind"] == "new"
    assert first_bad_entry(entries_of(service, grievance_id)) is None
    assert findings(service.deps.whole_cases.read(grievance_id)) == []


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param([(119, 121)], id="one tick, when a clock runs out"),
        pytest.param([(92, 98)], id="6 hours, when a reminder is due"),
        pytest.param([(118, 124)], id="6 hours"),
        pytest.param([(100, 172)], id="3 days, over a clock from its reminder to its last level"),
        pytest.param([(0, 45 * 24)], id="45 days from the start"),
        pytest.param([(17 * 24, 62 * 24)], id="45 days in the middle"),
        pytest.param([(0, 1520)], id="all but the last"),
    ],
)
def test_whatever_ticks_are_missed_each_deadline_escalates_once_in_order_as_it_was_due(
    service: Service, counts: Counter[str], gone: list[tuple[float, float]]
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)

    missed = ticking(service, PERIOD, timedelta(hours=8), *gone)

    told = escalations(partner, grievance_id)
    assert sorted(not_reminders(told)) == sorted(OVERDUE)
    assert len(set(told)) == len(told)
    for clock in {each[0] for each in told}:
        levels = [str(level) for name, level, _ in told if name == clock]
        assert levels == sorted(levels, key=[*map(str, EscalationLevel)].index)
    assert sorted(signals(partner, "?kind=brand_overdue")) == [
        ("brand_overdue", "brand_acknowledges", ACK_DUE),
        ("brand_overdue", "brand_first_reply", REPLY_DUE),
        ("brand_overdue", "remediation_plan", PLAN_DUE),
    ]
    rows = service.alert_rows(grievance_id)
    asked = [alert.payload.deadline for alert in rows if alert.payload.deadline]
    assert len({(d.clock, d.level) for d in asked}) == len(asked)
    counts["ticks of deadlines missed"] += missed * 48  # of ten minutes each


def test_ticks_that_come_twice_change_nothing(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)

    for _ in range(24):
        service.clock.forward(days=1)
        for _again in range(2):
            service.enforce()

    assert not_reminders(escalations(partner, grievance_id)) == OVERDUE[:6]
    assert len(signals(partner)) == 2
    store = service.all_items()
    service.enforce()
    assert service.all_items() == store


def test_runs_at_the_same_time_do_nothing_twice(service: Service, counts: Counter[str]) -> None:
    covered(service)
    partner = service.partner()
    ids = [alerted(service, partner, f"k-{number}", consent=NOT_CONTACTED) for number in range(4)]
    service.clock.forward(days=30)

    with one_at_a_time(), ThreadPoolExecutor(8) as pool:
        for running in [pool.submit(service.enforce) for _ in range(8)]:
            running.result()
    for _ in range(3):  # what a run left to the one that was faster
        service.clock.forward(minutes=10)
        service.enforce()

    for grievance_id in ids:
        assert escalations(partner, grievance_id) == OVERDUE[:6]
        assert first_bad_entry(entries_of(service, grievance_id)) is None
    assert len(signals(partner)) == 2 * len(ids)
    counts["overlapping runs of deadlines"] += 8


def test_a_brand_that_answers_is_not_asked_again(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    (alert,) = service.alert_rows(grievance_id)
    service.clock.forward(days=4)
    service.enforce()
    service.brand_desk().post(f"/v1/alerts/{alert.alert_id}/replies", {"text": "We look into it."})

    service.clock.forward(days=20)
    service.enforce()

    assert escalations(partner, grievance_id) == [("brand_acknowledges", "reminder", ACK_DUE)]
    assert signals(partner) == []


def test_who_acknowledges_the_reminder_has_acknowledged_the_alert(service: Service) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner(), consent=NOT_CONTACTED)
    (alert,) = service.alert_rows(grievance_id)
    service.clock.forward(days=4)
    service.enforce()
    reminder = next(a for a in service.alert_rows(grievance_id) if a.payload.kind == "update")

    path = f"/v1/alerts/{reminder.alert_id}/acknowledgement"
    assert service.brand_desk().post(path).status == 200

    again = service.deps.alerts.get(alert.alert_id)
    assert again is not None
    assert again.acknowledged_at == service.clock()
    met = case_of(service.partner(), grievance_id)["clocks"]["brand_acknowledges"]["met_at"]
    assert met == at(days=4)


def test_a_reminder_says_what_is_asked_and_nothing_of_the_worker_or_the_factory(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(
        service,
        partner,
        summary="Wages are late.",
        consent={**NOT_CONTACTED, "publish_summary": True},
    )
    service.clock.forward(days=4)
    service.enforce()
    service.tick()

    new, reminder = alerts(service)
    assert new["summary"] == "Wages are late."
    assert reminder == {
        "alert_id": reminder["alert_id"],
        "schema_version": "1.0",
        "kind": "update",
        "public_ref": new["public_ref"],
        "brand_id": "acme",
        "consent_level": "C2",
        "country": "CN",
        "category": "compensation",
        "categories": ["compensation"],
        "ilo_indicators": [],
        "severity": "S3",
        "received_month": "2026-11",
        "acknowledge_by": ACK_DUE,
        "respond_by": REPLY_DUE,
        "actions_required": ["acknowledge"],
        "link_dates_known": True,
        "link": new["link"],
        "deadline": {
            "clock": "brand_acknowledges",
            "level": "reminder",
            "due_at": ACK_DUE,
            "alert_id": new["alert_id"],
        },
        "sequence": 1,
        "content_hash": reminder["content_hash"],
    }
    assert AlertPayload.model_validate(reminder).sealed().content_hash == reminder["content_hash"]
    seen = service.brand_desk().get(f"/v1/alerts/{reminder['alert_id']}")
    assert (seen.status, seen.json()["alert"]["deadline"]["level"]) == (200, "reminder")
    entry = history(partner, grievance_id)[-1]
    assert reminder["alert_id"] not in str(entry["data"])
    assert entry["private"] == {"alerts": [reminder["alert_id"]]}


def test_no_brand_is_asked_about_what_it_must_forget(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200
    (recall,) = [a for a in service.alert_rows(grievance_id) if a.is_recall]
    service.tick()
    path = f"/v1/alerts/{recall.alert_id}/acknowledgement"
    assert service.brand_desk().post(path).status == 200
    alerts(service)

    service.clock.forward(days=30)
    service.enforce()
    service.tick()

    assert escalations(partner, grievance_id) == []
    assert (alerts(service), signals(partner)) == ([], [])


def test_a_brand_whose_engagement_is_over_is_not_asked_but_the_supervisor_hears_of_it(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    alerted(service, partner, consent=NOT_CONTACTED)
    alerts(service)
    service.brand_desk()
    ended(service)

    service.clock.forward(days=8)
    service.enforce()
    service.tick()

    assert alerts(service) == []
    assert signals(partner) == [("brand_overdue", "brand_acknowledges", ACK_DUE)]


def test_a_recall_that_nobody_acknowledges_escalates_whatever_becomes_of_the_case(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200
    moved(partner, grievance_id, to="closed", outcome="withdrawn", root_cause="unknown")
    service.tick()
    assert [payload["kind"] for payload in alerts(service)] == ["new", "recall"]
    seen = []

    for _ in range(16):
        service.clock.forward(hours=12)
        service.enforce()
        service.tick()
        seen += [(p["kind"], p["deadline"]["level"], p["recalls"]) for p in alerts(service)]

    (new,) = [a for a in service.alert_rows(grievance_id) if not a.is_recall]
    assert seen == [
        ("update", "reminder", [new.alert_id]),
        ("escalation", "escalation_contact", [new.alert_id]),
    ]
    assert escalations(partner, grievance_id) == [
        ("recall", level, ACK_DUE)
        for level in ("reminder", "escalation_contact", "supervisor", "counted")
    ]
    assert signals(partner) == [("recall_overdue", "brand_acknowledges", ACK_DUE)]
    assert findings(service.deps.whole_cases.read(grievance_id)) == []


def test_who_acknowledges_an_escalation_of_a_recall_has_acknowledged_the_recall(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200
    service.clock.forward(days=5)
    service.enforce()
    service.tick()
    (asked,) = [a for a in service.alert_rows(grievance_id) if a.asks_for]
    path = f"/v1/alerts/{asked.alert_id}/replies"
    assert service.brand_desk().post(path, {"text": "Deleted."}).status == 201

    service.clock.forward(days=30)
    service.enforce()

    assert [level for _, level, _ in escalations(partner, grievance_id)] == ["escalation_contact"]
    assert signals(partner) == []


def test_a_partner_that_does_nothing_is_reminded_told_and_counted(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)  # the check never comes by
    service.clock.forward(days=5, hours=15)
    service.enforce()
    assert sorted(signals(partner)) == [
        ("overdue", "alert_brand", at(days=3)),
        ("reminder", "acknowledge", at(days=7)),
    ]

    ticking(service, timedelta(days=13), timedelta(hours=8))

    assert escalations(partner, grievance_id) == [
        ("alert_brand", "supervisor", at(days=3)),
        ("alert_brand", "counted", at(days=3)),
        ("acknowledge", "reminder", at(days=7)),
        ("acknowledge", "supervisor", at(days=7)),
        ("screening", "reminder", at(days=10)),
        ("acknowledge", "counted", at(days=7)),
        ("screening", "supervisor", at(days=10)),
        ("screening", "counted", at(days=10)),
    ]
    assert signals(partner, "?kind=overdue") == [
        ("overdue", "alert_brand", at(days=3)),
        ("overdue", "acknowledge", at(days=7)),
        ("overdue", "screening", at(days=10)),
    ]
    assert signals(partner, "?kind=reminder") == [
        ("reminder", "acknowledge", at(days=7)),
        ("reminder", "screening", at(days=10)),
    ]


def test_an_urgent_case_that_waits_for_a_reviewer_reaches_the_supervisor_within_the_hour(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = alerted(service, partner, categories=["child_labour"])
    assert case_of(partner, grievance_id)["routing"] == "needs_review"

    service.clock.forward(hours=1)
    service.enforce()

    assert signals(partner) == [("overdue", "alert_brand", at(hours=1))]


def test_nothing_escalates_of_what_nobody_can_alert_a_brand_about(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(
        service, partner, consent={"level": "C1", "script_version": "helpline-zh-3"}
    )
    assert case_of(partner, grievance_id)["routing"] == "held"

    service.clock.forward(days=8)
    service.enforce()

    assert escalations(partner, grievance_id) == []


@pytest.mark.parametrize("intake_type", ["enquiry", "suggestion"])
def test_an_enquiry_too_wants_to_be_acknowledged(service: Service, intake_type: str) -> None:
    partner = service.partner()
    submitted(partner, intake_type=intake_type)
    service.clock.forward(days=7)
    service.enforce()
    assert signals(partner) == [("overdue", "acknowledge", at(days=7))]


# Holds, ends


def test_while_a_case_is_held_nothing_escalates_and_afterwards_what_fell_due_does(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    until = at(days=10)
    moved(partner, grievance_id, to="on_hold", reason="The worker asked us to wait.", until=until)

    ticking(service, timedelta(days=9), timedelta(days=1))
    assert (escalations(partner, grievance_id), signals(partner)) == ([], [])
    service.clock.now = datetime.fromisoformat(until)
    service.enforce()

    case = case_of(partner, grievance_id)
    assert (case["state"], case["hold"]) == ("brand_notified", None)
    assert escalations(partner, grievance_id) == OVERDUE[:3]
    assert signals(partner) == [
        ("hold_ended", None, until),
        ("brand_overdue", "brand_acknowledges", ACK_DUE),
    ]
    (ending,) = [e for e in history(partner, grievance_id) if e["data"].get("from") == "on_hold"]
    assert (ending["actor"], ending["data"]["to"]) == ("system", "brand_notified")


def test_a_hold_that_ended_long_ago_ends_once(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, intake_type="enquiry")
    moved(partner, grievance_id, to="on_hold", reason="Waiting.", until=at(days=1))
    service.clock.forward(days=45)
    service.enforce()
    service.enforce()
    assert case_of(partner, grievance_id)["state"] == "received"
    assert signals(partner, "?kind=hold_ended") == [("hold_ended", None, at(days=1))]


def test_a_case_that_has_ended_asks_for_nothing(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    moved(partner, grievance_id, to="closed", outcome="withdrawn", root_cause="unknown")
    assert "deadline_queue" not in service.head_item(grievance_id)
    service.clock.forward(days=200)
    service.enforce()
    assert (escalations(partner, grievance_id), signals(partner)) == ([], [])


# What is found, and what fails


def test_a_case_lies_in_the_index_where_its_state_says(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent=NOT_CONTACTED)
    for _ in range(20):
        service.clock.forward(days=3)
        service.enforce()
        case = service.deps.cases.head(grievance_id)
        assert case is not None
        expected = looked_at_next(case)
        assert expected is not None
        assert service.head_item(grievance_id)["deadline_at"] == timestamp(expected)
        assert expected > service.clock()


def test_a_poisoned_case_is_put_off_reported_and_blocks_nobody(
    service: Service, lines: Lines
) -> None:
    partner = service.partner()
    broken, sound = submitted(partner, "k-1"), submitted(partner, "k-2")
    service.clock.forward(days=7)
    service.poison(broken)

    service.enforce()

    assert ("acknowledge", "supervisor", at(days=7)) in escalations(partner, sound)
    assert service.head_item(broken)["deadline_at"] == timestamp(
        service.clock() + timedelta(hours=1)
    )
    (line,) = [line for line in lines() if line["message"] == "deadline_failed"]
    assert (line["case_id"], line["error"]) == (broken, "LookupError")
    service.set_attributes(broken, "CASE", severity="S3")
    service.clock.forward(hours=1)
    service.enforce()
    assert ("acknowledge", "supervisor", at(days=7)) in escalations(partner, broken)


def test_a_run_stops_in_time_and_the_next_one_goes_on(service: Service) -> None:
    partner = service.partner()
    (first,) = [submitted(partner)]
    service.multiply(first, 250)
    service.clock.forward(days=7)

    service.enforce(seconds=10)
    assert signals(partner) == []

    service.enforce()
    assert len(walked(partner, "/v1/signals?kind=overdue&limit=200")) == 2 * 251


def test_partners_are_told_of_their_own_cases_only_page_by_page(service: Service) -> None:
    partner, other = service.partner(), service.partner("elsewhere")
    ids = [submitted(partner, f"k-{number}") for number in range(3)]
    submitted(other)
    service.clock.forward(days=3)
    service.enforce()

    first = partner.get("/v1/signals?limit=2")
    assert first.headers["Link"].endswith('rel="next"')
    row = first.json()["items"][0]
    assert row == {
        "signal_id": row["signal_id"],
        "grievance_id": row["grievance_id"],
        "public_ref": case_of(partner, row["grievance_id"])["public_ref"],
        "factory_id": None,
        "category": None,
        "kind": "overdue",
        "clock": "alert_brand",
        "level": "supervisor",
        "due_at": at(days=3),
        "at": at(days=3),
    }
    rows = walked(partner, "/v1/signals?limit=2")
    assert {row["grievance_id"] for row in rows} == set(ids)
    assert len(walked(other, "/v1/signals")) == 1
    assert refusal(service.brand_desk().get("/v1/signals")) == (403, "forbidden")


def test_every_clock_has_levels_in_their_order() -> None:
    order = [*EscalationLevel]
    assert rules.LEVELS.keys() == set(ClockKind)
    for levels in rules.LEVELS.values():
        assert [order.index(r.level) for r in levels] == sorted(
            {order.index(r.level) for r in levels}
        )
        assert [r.percent for r in levels] == sorted(r.percent for r in levels)
        assert all((r.percent < 0) == (r.level == "reminder") for r in levels)
