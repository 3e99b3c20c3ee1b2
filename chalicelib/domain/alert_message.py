"""An alert as SNS carries it: what subscriptions filter on, the subject, each protocol's text."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.alert import AlertPayload, MissedBy, Withdrawn
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import AlertKind, EscalationLevel


def attributes(payload: AlertPayload) -> Mapping[str, str]:
    """The five message attributes that subscriptions filter on."""
    return {
        "brand_id": payload.brand_id,
        "kind": payload.kind,
        "severity": payload.severity,
        "category": payload.category,
        "country": payload.country or "unknown",
    }


def subject(payload: AlertPayload) -> str:
    """Under 100 printable ASCII characters: SNS refuses anything else."""
    category = payload.category.replace("_", " ")
    return f"[{payload.severity}] {payload.kind} grievance alert {payload.public_ref}: {category}"[
        :99
    ]


_NO_REPRISALS = (
    "Do not try to find out who spoke. Asking or punishing workers is retaliation,",
    "and will be a grievance of its own.",
)


def email_text(payload: AlertPayload) -> str:
    """The alert for a person's mailbox."""
    if payload.deadline is not None:
        return _deadline_text(payload, payload.deadline)
    if payload.kind is AlertKind.RECALL:
        return _recall_text(payload)
    lines = [
        f"A worker's grievance concerns a factory you source from ({payload.public_ref}).",
        "",
        *(f"{label}: {value}" for label, value in _rows(payload) if value),
        "",
        f"Please acknowledge by {payload.acknowledge_by:%Y-%m-%d %H:%M} UTC",
        f"and reply by {payload.respond_by:%Y-%m-%d %H:%M} UTC:",
        payload.link,
        "",
        *_NO_REPRISALS,
    ]
    return "\n".join(lines)


_TAKEN_BACK = {
    Withdrawn.EVERYTHING: "Nothing of it may be used any more.",
    Withdrawn.FACTORY: "You may no longer use which factory it is about.",
    Withdrawn.SUMMARY: "You may no longer use its summary.",
}


def _recall_text(payload: AlertPayload) -> str:
    lines = [
        f"A worker has taken back what you were told in case {payload.public_ref}.",
        *(_TAKEN_BACK[what] for what in payload.withdrawn or ()),
        "",
        "Please delete it, and tell whoever you passed it to. These alerts are concerned:",
        *(payload.recalls or ()),
        "",
        f"Please confirm by {payload.acknowledge_by:%Y-%m-%d %H:%M} UTC:",
        payload.link,
        "",
        *_NO_REPRISALS,
    ]
    return "\n".join(lines)


_ASKED = {
    ClockKind.BRAND_ACKNOWLEDGES: "acknowledge an alert",
    ClockKind.BRAND_FIRST_REPLY: "reply to an alert",
    ClockKind.REMEDIATION_PLAN: "submit a remediation plan",
}


def _asked(payload: AlertPayload, missed: MissedBy) -> str:
    return "acknowledge a recall" if payload.recalls else _ASKED[missed.clock]


def _deadline_text(payload: AlertPayload, missed: MissedBy) -> str:
    case, due = f"case {payload.public_ref}", f"{missed.due_at:%Y-%m-%d %H:%M} UTC"
    asked = f"{_asked(payload, missed)} in {case} by {due}"
    reminds = missed.level is EscalationLevel.REMINDER
    lines = [
        f"A reminder: please {asked}:" if reminds else f"Overdue: you were asked to {asked}:",
        payload.link,
        "",
        *_NO_REPRISALS,
    ]
    return "\n".join(lines)


def sms_text(payload: AlertPayload) -> str:
    """The alert in one SMS (140 bytes at most)."""
    if payload.deadline is not None:
        asked = _asked(payload, payload.deadline)
        said = f"{payload.public_ref}: {asked}. Due {payload.deadline.due_at:%Y-%m-%d}."
        return f"{payload.kind.upper()} {said} See your alert desk."[:140]
    if payload.kind is AlertKind.RECALL:
        return (
            f"RECALL {payload.public_ref}: consent was withdrawn. Delete what you were told. "
            f"Confirm by {payload.acknowledge_by:%Y-%m-%d}."
        )[:140]
    return (
        f"{payload.severity} grievance {payload.public_ref}, {payload.category}. "
        f"Reply by {payload.respond_by:%Y-%m-%d}. See your alert desk."
    )[:140]


def _rows(payload: AlertPayload) -> list[tuple[str, Any]]:
    factory = payload.factory
    place = ", ".join(part for part in (factory.address, factory.city) if part) if factory else ""
    return [
        ("Severity", payload.severity),
        ("About", ", ".join(category.replace("_", " ") for category in payload.categories)),
        ("Forced-labour indicators", ", ".join(payload.ilo_indicators)),
        ("Factory", factory.name if factory else "not named, at the worker's wish"),
        ("Address", place),
        ("Country", payload.country),
        ("Workers concerned", payload.workers_band),
        ("Received in", payload.received_month),
        ("Your own code", _clause(payload)),
        ("Summary", payload.summary),
    ]


def _clause(payload: AlertPayload) -> str | None:
    if payload.code_clause is None:
        return None
    return f"{payload.code_clause} (version {payload.code_version})"
