"""An alert as SNS carries it: what subscriptions filter on, the subject, each protocol's text.

Texts are in the brand's language, from its catalogue. A subject is not: SNS takes ASCII only.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.alerting.alert import AlertPayload, MissedBy
from chalicelib.domain.alerting.subscription import filtered_on
from chalicelib.domain.vocabulary import AlertKind, EscalationLevel

Texts = Mapping[str, str]
"""A catalogue: the texts of one language by their keys."""


def attributes(payload: AlertPayload) -> Mapping[str, Sequence[str]]:
    """The five message attributes that subscriptions filter on."""
    return filtered_on(
        brand_id=payload.brand_id,
        kind=payload.kind,
        severity=payload.severity,
        category=payload.category,
        country=payload.country,
    )


def subject(payload: AlertPayload) -> str:
    """Under 100 printable ASCII characters: SNS refuses anything else."""
    category = payload.category.replace("_", " ")
    return f"[{payload.severity}] {payload.kind} grievance alert {payload.public_ref}: {category}"


def email_text(payload: AlertPayload, texts: Texts) -> str:
    """The alert for a person's mailbox: what happened, what is asked, by when, and where."""
    if payload.deadline is not None:
        return _deadline_text(payload, payload.deadline, texts)
    headline = texts[f"alert.headline.{payload.kind}"].format(public_ref=payload.public_ref)
    paragraphs = ([headline, *_withdrawn(payload, texts)], *_body(payload, texts))
    closing = [texts["alert.no_reprisals"]]
    return "\n\n".join("\n".join(lines) for lines in (*paragraphs, closing))


def sms_text(payload: AlertPayload, texts: Texts) -> str:
    """The alert in one SMS: 140 ASCII characters at most, or 70 of any other kind.

    It says nothing of what the case is about: it may be read on a locked screen.
    """
    if payload.deadline is not None:
        return texts[f"sms_deadline.{_stage(payload.deadline)}"].format(
            severity=payload.severity,
            public_ref=payload.public_ref,
            due_at=f"{payload.deadline.due_at:%Y-%m-%d} UTC",
        )
    return texts[f"sms.{payload.kind}"].format(
        severity=payload.severity,
        public_ref=payload.public_ref,
        respond_by=f"{payload.respond_by:%Y-%m-%d} UTC",
    )


def _stage(missed: MissedBy) -> str:
    return "reminder" if missed.level is EscalationLevel.REMINDER else "overdue"


def _deadline_text(payload: AlertPayload, missed: MissedBy, texts: Texts) -> str:
    """What was asked, and when it is or was due. It says no more of the case."""
    asked = missed.clock if payload.recalls is None else "recall"
    said = texts[f"deadline.{_stage(missed)}.{asked}"].format(
        public_ref=payload.public_ref, due_at=_moment(missed.due_at)
    )
    return "\n\n".join((f"{said}\n{payload.link}", texts["alert.no_reprisals"]))


def _withdrawn(payload: AlertPayload, texts: Texts) -> list[str]:
    withdrawn: list[str] = [*(payload.withdrawn or ())]
    if payload.identity_was_handed_over:
        withdrawn.append("identity")
    return [texts[f"alert.withdrawn_{what}"] for what in withdrawn]


def _body(payload: AlertPayload, texts: Texts) -> Sequence[list[str]]:
    """The paragraphs between what happened and the end."""
    asked = {
        "acknowledge_by": _moment(payload.acknowledge_by),
        "respond_by": _moment(payload.respond_by),
    }
    if payload.kind is AlertKind.RECALL:
        request = texts["alert.asked_of_recall"].format(**asked)
        recalled = [[texts["alert.recalls"], *payload.recalls]] if payload.recalls else []
        return [*recalled, [request, payload.link]]
    if payload.kind is AlertKind.TEST:
        return []
    asks = "alert.asked"
    if payload.kind is AlertKind.COALITION:
        asks = "alert.asked_of_coalition"
    rows = [f"{label}: {value}" for label, value in _rows(payload, texts) if value]
    return [rows, [texts[asks].format(**asked), payload.link]]


def _moment(at: datetime) -> str:
    """Written the same in every language, and with the zone it is in."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _rows(payload: AlertPayload, texts: Texts) -> list[tuple[str, Any]]:
    factory = payload.factory
    place = ", ".join(part for part in (factory.address, factory.city) if part) if factory else ""
    values = {
        "severity": texts[f"severity.{payload.severity}"],
        "categories": ", ".join(texts[f"category.{c}"] for c in payload.categories),
        "ilo_indicators": ", ".join(texts[f"ilo.{i}"] for i in payload.ilo_indicators),
        "factory": factory.name if factory else texts["alert.factory_not_named"],
        "address": place,
        "country": payload.country,
        "workers": payload.workers_band,
        "received": payload.received_month,
        "code": _clause(payload, texts),
        "summary": payload.summary,
    }
    return [(texts[f"alert.label.{name}"], value) for name, value in values.items()]


def _clause(payload: AlertPayload, texts: Texts) -> str | None:
    if payload.code_clause is None:
        return None
    return texts["alert.clause"].format(clause=payload.code_clause, version=payload.code_version)
