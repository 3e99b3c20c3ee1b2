"""What a brand is told: built from a case at the level its consent allows, nothing else."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from chalicelib.domain import ledger
from chalicelib.domain.case import Case
from chalicelib.domain.consent import Release
from chalicelib.domain.facts import band_of
from chalicelib.domain.references import derive_id
from chalicelib.domain.registry import Brand, Factory, SourcingLink
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AlertKind,
    AlertStatus,
    Category,
    ConsentLevel,
    IloIndicator,
    Severity,
    WorkersBand,
)


class AlertFactory(Value):
    """The factory, as the registry knows it."""

    factory_id: str
    name: str
    address: str | None = None
    city: str | None = None
    identifiers: dict[str, str] = {}


class AlertPayload(Value):
    """What goes to the brand's topic as JSON. Never a narrative, a worker or the partner."""

    alert_id: str
    schema_version: Literal["1.0"] = "1.0"
    kind: AlertKind
    public_ref: str
    brand_id: str
    consent_level: ConsentLevel
    factory: AlertFactory | None = None
    country: str | None = None
    category: Category
    categories: tuple[Category, ...]
    ilo_indicators: tuple[IloIndicator, ...] = ()
    severity: Severity
    summary: str | None = None
    received_month: str
    workers_band: WorkersBand | None = None
    acknowledge_by: Moment
    respond_by: Moment
    actions_required: tuple[str, ...] = ("acknowledge", "reply")
    link_dates_known: bool = True
    code_clause: str | None = None
    code_version: str | None = None
    link: str
    sequence: int
    content_hash: str = ""


class Reply(Value):
    """What a brand answered."""

    at: Moment
    by: str
    text: str


class Alert(Value):
    """An alert with its delivery and its answers: one row in the case's item collection."""

    alert_id: str
    grievance_id: str
    brand_id: str
    payload: AlertPayload
    alerted_at: Moment
    status: AlertStatus = AlertStatus.PENDING
    due_at: Moment | None = None
    attempts: int = 0
    last_error: str | None = None
    sent_at: Moment | None = None
    message_id: str | None = None
    acknowledged_at: Moment | None = None
    first_reply_at: Moment | None = None
    replies: tuple[Reply, ...] = ()

    def acknowledged(self, at: datetime) -> "Alert":
        """The alert, seen by its brand; the first time counts."""
        return self.model_copy(update={"acknowledged_at": self.acknowledged_at or at})

    def answered(self, reply: Reply) -> "Alert":
        """The alert with one more answer, which acknowledges it, too."""
        answers = {
            "first_reply_at": self.first_reply_at or reply.at,
            "replies": (*self.replies, reply),
        }
        return self.acknowledged(reply.at).model_copy(update=answers)


def alert_id(case: Case, brand_id: str, kind: AlertKind, level: ConsentLevel, sequence: int) -> str:
    """`a_<grievance>_<26 symbols>`: the same case, brand, kind, level (and round) give the same id.

    The first part lets a read find the alert's row by itself; it opens nothing to a brand.
    """
    derived = derive_id("a", case.grievance_id, brand_id, kind, level, str(sequence))
    return f"a_{case.grievance_id.removeprefix('g_')}_{derived.removeprefix('a_')}"


def grievance_of(alert_id: str) -> str:
    """The id of the grievance an alert belongs to."""
    return f"g_{alert_id.split('_')[1]}"


def write_alert(
    case: Case,
    brand: Brand,
    factory: Factory,
    link: SourcingLink,
    *,
    kind: AlertKind,
    release: Release,
    sequence: int,
    desk_url: str,
    at: datetime,
) -> Alert:
    """The alert for one brand. Only call with a release that has a level."""
    if release.level is None:
        raise ValueError("nothing may be released")
    number = alert_id(case, brand.brand_id, kind, release.level, sequence)
    category = case.categories[0]
    code = brand.code_of_conduct
    payload = AlertPayload(
        alert_id=number,
        kind=kind,
        public_ref=case.public_ref,
        brand_id=brand.brand_id,
        consent_level=release.level,
        factory=_named(factory) if release.names_factory else None,
        country=factory.country,
        category=category,
        categories=case.categories,
        ilo_indicators=case.ilo_indicators,
        severity=case.severity,
        summary=case.summary if case.consent.publish_summary and release.names_factory else None,
        received_month=f"{case.received_at:%Y-%m}",
        workers_band=band_of(case.workers_affected),
        acknowledge_by=case.started_clock(ClockKind.BRAND_ACKNOWLEDGES, at).due_at,
        respond_by=case.started_clock(ClockKind.BRAND_FIRST_REPLY, at).due_at,
        link_dates_known=link.dates_known(),
        code_clause=code.clause_for(category) if code else None,
        code_version=code.version if code else None,
        link=f"{desk_url}/v1/alerts/{number}",
        sequence=sequence,
    )
    return Alert(
        alert_id=number,
        grievance_id=case.grievance_id,
        brand_id=brand.brand_id,
        payload=payload.model_copy(update={"content_hash": _content_hash(payload)}),
        alerted_at=at,
        due_at=at,
    )


def _named(factory: Factory) -> AlertFactory:
    return AlertFactory(
        factory_id=factory.factory_id,
        name=factory.name,
        address=factory.address,
        city=factory.city,
        identifiers=factory.identifiers,
    )


def _content_hash(payload: AlertPayload) -> str:
    content = payload.model_dump(mode="json", exclude={"content_hash"})
    return hashlib.sha256(ledger.canonical(content).encode()).hexdigest()


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


def email_text(payload: AlertPayload) -> str:
    """The alert for a person's mailbox."""
    lines = [
        f"A worker's grievance concerns a factory you source from ({payload.public_ref}).",
        "",
        *(f"{label}: {value}" for label, value in _rows(payload) if value),
        "",
        f"Please acknowledge by {payload.acknowledge_by:%Y-%m-%d %H:%M} UTC",
        f"and reply by {payload.respond_by:%Y-%m-%d %H:%M} UTC:",
        payload.link,
        "",
        "Do not try to find out who spoke. Asking or punishing workers is retaliation,",
        "and will be a grievance of its own.",
    ]
    return "\n".join(lines)


def sms_text(payload: AlertPayload) -> str:
    """The alert in one SMS (140 bytes at most)."""
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
