"""Send a brand its digest of a day or a week: once, whatever becomes of the run that sends it.

Where a digest ends is settled before it is sent, and its id follows from where it begins. So who
sends it again after a kill, however late, sends the same one; and what happened since then is in
the next.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import grievance_of
from chalicelib.domain.alerting.digest import (
    DigestPayload,
    Told,
    due_after,
    ended_period,
    period_start,
    write_digest,
)
from chalicelib.domain.alerting.digest_message import attributes, email_text, sms_text, subject
from chalicelib.domain.dates import moment
from chalicelib.store import keys
from chalicelib.store.digests import DigestNote
from chalicelib.store.paging import every_item
from chalicelib.store.topics import Notice
from chalicelib.store.work import WorkRow
from chalicelib.texts import FALLBACK, best_language, catalogue
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.alerting.withhold_alerts import may_be_told
from chalicelib.usecases.cases.records import records

BATCH = 100
MOST_LOOKED_AT = 5000
"""Alerts of a digest, and again as many of which some may be overdue: what is beyond is counted
nowhere. A run has two minutes."""


class DigestNotSent(Exception):
    """SNS has not taken a digest: it is tried again, and its brand's alone."""


def send_digest(row: WorkRow, *, deps: Deps) -> None:
    """Work off a note; as long as anybody asks for it, it is due again after the next period.

    Raises DigestNotSent, Unavailable.
    """
    note, now = deps.digests.note(row), deps.now()
    if note is None:
        return
    asked_for = deps.subscriptions.asks_for(note.brand_id, note.rhythm)
    if not asked_for and not note.is_fresh(now):
        deps.work.unwatch(row, note.renewals)
        return
    until = note.until or max(note.since, ended_period(note.rhythm, now))
    if asked_for and until > note.since:
        if note.until is None and not deps.digests.settle(row, note, until):
            return
        _send(note, until, now, deps)
    due_at = due_after(note.rhythm, period_start(note.rhythm, until))
    deps.digests.go_on(row, note, until=until, due_at=due_at)


def _send(note: DigestNote, until: datetime, now: datetime, deps: Deps) -> None:
    ids = deps.alerts.ids_between(note.brand_id, note.since, until)
    engaged = Engaged(deps)
    payload = write_digest(
        note.brand_id,
        note.rhythm,
        since=note.since,
        until=until,
        told=_told(islice(ids, MOST_LOOKED_AT), engaged, deps),
        asked=_told(_perhaps_overdue(note.brand_id, now, deps), engaged, deps),
        desk_url=deps.settings.public_url,
        now=now,
    )
    if payload is not None:
        _published(payload, deps)


def _perhaps_overdue(brand_id: str, now: datetime, deps: Deps) -> Iterator[str]:
    """The ids of the alerts, newest first, that lists do not rule out."""
    rows = every_item(
        lambda start: deps.alerts.of_brand(brand_id, open_only=True, limit=BATCH, start=start)
    )
    for row in islice(rows, MOST_LOOKED_AT):
        if row.get("acknowledged_at") is None or moment(row["respond_by"]) < now:
            yield row["alert_id"]


def _told(ids: Iterator[str], engaged: Engaged, deps: Deps) -> Iterator[Told]:
    """The alerts with what they are about, as both stand now; those that the brand may be told."""
    while batch := list(islice(ids, BATCH)):
        alerts = deps.alerts.get_many([(grievance_of(each), keys.alert(each)) for each in batch])
        about = records(sorted({alert.grievance_id for alert in alerts}), deps=deps)
        for alert in alerts:
            if alert.grievance_id in about and may_be_told(alert, engaged):
                yield Told(alert, about[alert.grievance_id])


def _published(payload: DigestPayload, deps: Deps) -> None:
    brand = deps.registry.brand(payload.brand_id)
    notice = notice_of(payload, brand.language if brand else FALLBACK)
    (delivery,) = deps.topics.publish(payload.brand_id, [notice])
    if delivery.message_id is None:
        raise DigestNotSent(delivery.error)


def notice_of(payload: DigestPayload, language: str) -> Notice:
    """A digest as it is published, the texts in a language or what comes nearest."""
    texts = catalogue(best_language(language))
    by_protocol = {
        "default": payload.model_dump_json(exclude_none=True),
        "email": email_text(payload, texts),
        "sms": sms_text(payload, texts),
    }
    return Notice(
        notice_id="0",
        subject=subject(payload),
        message=json.dumps(by_protocol, ensure_ascii=False),
        attributes=dict(attributes(payload)),
    )
