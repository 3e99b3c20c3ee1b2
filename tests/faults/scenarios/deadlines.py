"""What nobody did in time: levels that are reached, recalls asked for, a hold that ends."""

from chalicelib.domain.alerting.alert import grievance_of
from chalicelib.domain.record.ledger import Action, Entry, first_bad_entry
from chalicelib.domain.work.reconciliation import findings
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import alerted, case_id_of, registry
from tests.service import Service, filing
from tests.usecases.stories import case_of, consented


def _enforce(service: Service, _: str) -> None:
    service.enforce()


def _next_runs(service: Service, _: str) -> None:
    """The next tick, and what then goes out."""
    service.clock.forward(minutes=10)
    service.enforce()
    service.tick()


def _entries(service: Service, case_id: str) -> list[Entry]:
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = list(service.deps.cases.entries(case, 100, None).items)
    assert first_bad_entry(entries) is None
    assert findings(service.deps.whole_cases.read(case_id)) == []
    return entries


def _signals(service: Service) -> list[tuple[str, str | None]]:
    rows = service.partner().get("/v1/signals").json()["items"]
    return sorted((row["kind"], row["clock"]) for row in rows)


def _nobody_answers(service: Service) -> str:
    """A case of which the acknowledgement and the first check-in have gone through all levels, and
    the first reply is to be reminded of; its id."""
    case_id = grievance_of(alerted(service))
    service.clock.forward(days=12)
    return case_id


def _escalated_once(service: Service, case_id: str) -> None:
    told = [
        (entry.data["clock"], entry.data["level"])
        for entry in _entries(service, case_id)
        if entry.action is Action.ESCALATED
    ]
    assert told == [
        ("brand_acknowledges", "escalation_contact"),
        ("first_check_in", "supervisor"),
        ("brand_acknowledges", "supervisor"),
        ("first_check_in", "counted"),
        ("brand_acknowledges", "counted"),
        ("brand_first_reply", "reminder"),
    ]
    assert _signals(service) == [
        ("brand_overdue", "brand_acknowledges"),
        ("overdue", "first_check_in"),
    ]
    asked = [alert for alert in service.alert_rows(case_id) if alert.asks_for]
    assert sorted((a.brand_id, a.payload.kind, str(a.status)) for a in asked) == [
        ("acme", "escalation", "sent"),
        ("acme", "update", "sent"),
        ("bolt", "escalation", "sent"),
        ("bolt", "update", "sent"),
    ]


def _recalled(service: Service) -> str:
    """A case of which both brands were told to forget it, and neither has said that it does."""
    case_id = grievance_of(alerted(service))
    partner = service.partner()
    consented(partner, case_id, case_of(partner, case_id)["version"], level="C0")
    service.clock.forward(days=6)
    return case_id


def _recalls_escalated_once(service: Service, case_id: str) -> None:
    told = [
        (entry.private["alert_id"], entry.data["level"])
        for entry in _entries(service, case_id)
        if entry.action is Action.RECALL_ESCALATED
    ]
    recalls = [a for a in service.alert_rows(case_id) if a.payload.kind == "recall"]
    assert sorted(told) == sorted(
        (recall.alert_id, level)
        for recall in recalls
        for level in ("escalation_contact", "supervisor")
    )
    assert _signals(service) == 2 * [("recall_overdue", "brand_acknowledges")]
    asked = [alert for alert in service.alert_rows(case_id) if alert.asks_for]
    assert sorted((a.brand_id, str(a.status)) for a in asked) == [
        ("acme", "sent"),
        ("bolt", "sent"),
    ]


def _held(service: Service) -> str:
    partner = registry(service)
    partner.post("/v1/grievances", filing(intake_type="enquiry"), Idempotency_Key="k-1")
    case_id = case_id_of(partner)
    hold = {"to": "on_hold", "reason": "Waiting.", "until": "2026-11-23T08:00:00Z"}
    partner.post(f"/v1/grievances/{case_id}/transitions", hold)
    service.clock.forward(days=1)
    return case_id


def _taken_up_again_once(service: Service, case_id: str) -> None:
    moves = [e.data for e in _entries(service, case_id) if e.action is Action.TRANSITIONED]
    assert [(data["from"], data["to"]) for data in moves] == [
        ("received", "on_hold"),
        ("on_hold", "received"),
    ]
    assert _signals(service) == [("hold_ended", None)]


SCENARIOS = [
    Scenario("deadlines of a case", _nobody_answers, _enforce, _next_runs, _escalated_once, 12),
    Scenario("deadlines of recalls", _recalled, _enforce, _next_runs, _recalls_escalated_once, 12),
    Scenario("the end of a hold", _held, _enforce, _next_runs, _taken_up_again_once, 10),
]
