"""What the service says of itself, in the model's words: read again after each step."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.store import keys
from tests.model.values import AlertName, Case
from tests.service import Caller, Service
from tests.usecases.stories import walked

PARTNERS = ("handshake-gz", "pearl-river-line")


@dataclass(frozen=True)
class StoredAlert:
    """An alert as it is stored, and what its brand could tell of it."""

    alert_id: str
    name: AlertName
    level: str
    status: str
    left: int | None
    acknowledged: bool
    replies: int
    takes_back: frozenset[str]


def path_of(case: Case) -> str:
    """The case's own route."""
    return f"/v1/grievances/{case.grievance_id}"


def stored_alerts(service: Service, case: Case) -> list[StoredAlert]:
    """The alerts of a case, in the order of their names."""
    found = service.deps.alerts.of_case(case.grievance_id, 100, None).items
    alerts = [
        StoredAlert(
            alert.alert_id,
            AlertName(alert.brand_id, alert.payload.kind, alert.payload.sequence),
            alert.payload.consent_level,
            alert.status,
            None if alert.recalled_to is None else int(alert.recalled_to),
            alert.acknowledged_at is not None,
            len(alert.replies),
            frozenset(alert.payload.recalls or ()),
        )
        for alert in found
    ]
    return sorted(alerts, key=lambda alert: alert.name)


def is_due(service: Service, case: Case) -> bool:
    """Whether the check will look at the case: in the work index, not only by its own word."""
    key = {"case_id": case.grievance_id, "sk": keys.HEAD}
    item = service.deps.cases._table.get(key) or {}
    queue = item.get("work_queue", {}).get("S", "")
    due = bool(queue == keys.due_queue(case.grievance_id))
    assert due == ("check_due_at" in item and "S" in item["check_due_at"]), item
    return due


def version_of(service: Service, case: Case) -> int:
    """How many entries the case has."""
    head = service.deps.cases.head(case.grievance_id)
    assert head is not None, "an acknowledged case is not there"
    return head.version


def as_partner_sees_it(view: dict[str, Any]) -> dict[str, Any]:
    """What the model knows of a partner's view."""
    names = ("state", "routing", "routing_reason", "severity", "version", "identity", "outcome")
    consent = view["consent"]
    return {
        **{name: view[name] for name in names},
        "consent": (consent["level"], consent["cross_border"], consent["publish_summary"]),
        "factory_id": view["factory_id"],
        "proposal": view["proposal"] and view["proposal"]["kind"],
        "reopened": view["reopened_count"],
        "texts": view["narrative"],
        "held_from": view["hold"] and view["hold"]["held_from"],
    }


def as_modelled(case: Case) -> dict[str, Any]:
    """The same of the model's case."""
    return {
        "state": case.state,
        "routing": case.routing,
        "routing_reason": case.reason,
        "severity": case.severity,
        "version": case.version,
        "identity": case.identity,
        "outcome": case.outcome,
        "consent": (case.consent.level, case.consent.across, case.consent.summary),
        "factory_id": case.factory,
        "proposal": case.proposal and case.proposal.kind,
        "reopened": case.reopened,
        "texts": None if case.texts_erased else case.words,
        "held_from": case.held_from,
    }


def history_is(partner: Caller, case: Case) -> None:
    """The ledger has these entries and no others, each on the one before."""
    entries = walked(partner, f"{path_of(case)}/history?limit=200")
    assert tuple(entry["action"] for entry in entries) == case.actions
    assert [entry["seq"] for entry in entries] == list(range(1, case.version + 1))
    hashes = ["0" * 64, *(entry["hash"] for entry in entries)]
    assert [entry["prev_hash"] for entry in entries] == hashes[:-1]


def somebody_watches(view: dict[str, Any], case: Case, now: datetime) -> None:
    """Open: a brand was told, or a deadline lies ahead (for 90 days: then each has been missed)."""
    told = any(t.status in ("pending", "sent") and not t.is_recall for t in case.told)
    if case.has_ended or told:
        return
    running = [c["due_at"] for c in view["clocks"].values() if c["met_at"] is None]
    assert running, f"no clock runs on an open case: {view['clocks']}"
    since = case.running_since or case.received_at
    if (now - since).days < 90:
        last = max(map(datetime.fromisoformat, running))
        assert last > now, f"every deadline has passed: {view['clocks']}"


def payload_of(envelope: dict[str, Any]) -> dict[str, Any]:
    """The alert in an SNS envelope."""
    payload: dict[str, Any] = json.loads(envelope["Message"])
    return payload
