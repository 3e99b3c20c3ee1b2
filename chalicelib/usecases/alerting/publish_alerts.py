"""Publish alerts that are written: each at least once, and only what consent still allows."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert, AlertPayload, allowed_now
from chalicelib.domain.alerting.alert_message import attributes, email_text, sms_text, subject
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.cases.disclosed import by_brand
from chalicelib.domain.retry import backoff
from chalicelib.domain.vocabulary import AlertStatus, Routing
from chalicelib.errors import Unavailable
from chalicelib.store.faults import NoSuchThing
from chalicelib.store.topics import Delivery, Notice
from chalicelib.texts import best_language, catalogue


class Outgoing(NamedTuple):
    """An alert and the case, or coalition, that it is about."""

    alert: Alert
    case: Record


class Published(NamedTuple):
    """How many were sent, how many failed (and are due again)."""

    sent: int
    failed: int


def publish_alerts(outgoing: Sequence[Outgoing], *, now: datetime, deps: Deps) -> Published:
    """Publish pending alerts to their brands' topics, then note what became of each.

    A kill before the note sends an alert again: alert ids are derived, receivers drop the repeat.
    One brand's trouble does not touch another's alerts.
    """
    pending = [out for out in outgoing if out.alert.status is AlertStatus.PENDING]
    early = [_failed(out.alert, "CaseNotRouted", now) for out in pending if not _is_decided(out)]
    ready = [out for out in pending if _is_decided(out)]
    suppressed = [out.alert.suppressed() for out in ready if not _still_allowed(out)]
    allowed = [out.alert for out in ready if _still_allowed(out)]
    outcomes = [alert for group in by_brand(allowed) for alert in _published(group, now, deps)]
    deps.alerts.mark([*outcomes, *suppressed, *early])
    sent = sum(alert.status is AlertStatus.SENT for alert in outcomes)
    return Published(sent=sent, failed=len(outcomes) + len(early) - sent)


def _is_decided(outgoing: Outgoing) -> bool:
    """Whether the case has moved: alerts written ahead of that must not go out before it.

    A recall, and what one takes back, was written with its case, which may be anywhere by now:
    reopened and looked at again, or held because of that very withdrawal.
    """
    alert, case = outgoing
    if isinstance(case, Coalition):
        return True
    taken_back = alert.is_recall or alert.recalled_at is not None
    return taken_back or case.routing is Routing.ALERTED


def _still_allowed(outgoing: Outgoing) -> bool:
    alert, case = outgoing
    if isinstance(case, Coalition):
        return case.still_stands(alert)
    if alert.is_recall:
        return True
    allowed = allowed_now(case, alert.payload)
    return alert.recalled_at is None and not alert.payload.exceeds(allowed)


def _published(alerts: Sequence[Alert], now: datetime, deps: Deps) -> list[Alert]:
    """The alerts of one brand with what became of them."""
    notices = [notice_of(n, alert.payload, alert.language) for n, alert in enumerate(alerts)]
    try:
        deliveries = deps.topics.publish(alerts[0].brand_id, notices)
    except (NoSuchThing, Unavailable) as failure:
        deliveries = [Delivery(n.notice_id, None, type(failure).__name__, False) for n in notices]
    by_id = {delivery.notice_id: delivery for delivery in deliveries}
    return [
        _noted(alert, by_id[notice.notice_id], now)
        for alert, notice in zip(alerts, notices, strict=True)
    ]


def _noted(alert: Alert, delivery: Delivery, now: datetime) -> Alert:
    attempts = alert.attempts + 1
    if delivery.message_id is not None:
        sent = {"status": AlertStatus.SENT, "sent_at": now, "message_id": delivery.message_id}
        done = {"attempts": attempts, "due_at": None, "last_error": None}
        return alert.model_copy(update={**sent, **done})
    return _failed(alert, delivery.error, now, for_good=delivery.our_fault)


def _failed(alert: Alert, error: str | None, now: datetime, *, for_good: bool = False) -> Alert:
    """The alert, due again later; quarantined when its attempts are used up or in vain."""
    failed = alert.model_copy(update={"attempts": alert.attempts + 1, "last_error": error})
    given_up = for_good or failed.attempts >= failed.attempts_allowed
    log.error(
        log.Event.PUBLISH_FAILED,
        alert_id=alert.alert_id,
        error=error,
        attempts=failed.attempts,
        given_up=given_up,
    )
    status = AlertStatus.QUARANTINED if given_up else AlertStatus.PENDING
    due_at = now + backoff(failed.failures, of=alert.alert_id)
    return failed.model_copy(update={"status": status, "due_at": due_at})


def notice_of(number: int, payload: AlertPayload, language: str) -> Notice:
    """An alert as it is published, the texts in a language or what comes nearest."""
    texts = catalogue(best_language(language))
    by_protocol = {
        # What is not named here gets the default: queues, endpoints and functions the JSON, once.
        "default": payload.model_dump_json(exclude_none=True),
        "email": email_text(payload, texts),
        "sms": sms_text(payload, texts),
    }
    return Notice(
        notice_id=str(number),
        subject=subject(payload),
        message=json.dumps(by_protocol, ensure_ascii=False),
        attributes=dict(attributes(payload)),
    )
