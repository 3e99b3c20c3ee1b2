"""Digests: what a brand was told in a day or a week, in one message, as it may be told now.

A period ends in the morning, 06:00 UTC: each day, or each Monday. It is looked at a quarter of an
hour later: an alert is dated to when its check began, and is there, in every index, by then. One
digest covers all that has happened since the last one, however many periods were missed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from chalicelib.domain.alerting.alert import Alert, AlertPayload
from chalicelib.domain.alerting.coalition import Record, shown_to_brand
from chalicelib.domain.alerting.subscription import Rhythm, digest_kind
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import WITH_BRANDS
from chalicelib.domain.dates import timestamp
from chalicelib.domain.references import derive_id
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import AlertKind, AlertStatus, Category, Severity

SCHEMA_VERSION: Final = "1.0"
"""Of the payload. What readers of the schema may trip over needs another one."""

MORNING = time(6, tzinfo=UTC)
SETTLED = timedelta(minutes=15)

MOST_LISTED = 100
"""Of each list: with that, a digest in any language is less than half of what SNS takes."""

_LENGTH = {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(days=7)}


# Periods


def period_start(rhythm: Rhythm, at: datetime) -> datetime:
    """When the period began that a moment is in: the last morning, or the last Monday's."""
    morning = datetime.combine(at.astimezone(UTC).date(), MORNING)
    if morning > at:
        morning -= timedelta(days=1)
    days = morning.weekday() if rhythm is Rhythm.WEEKLY else 0
    return morning - timedelta(days=days)


def due_after(rhythm: Rhythm, since: datetime) -> datetime:
    """When the digest of the period that began then is written, and not before."""
    return since + _LENGTH[rhythm] + SETTLED


def ended_period(rhythm: Rhythm, now: datetime) -> datetime:
    """The end of the last period whose digest may be written."""
    return period_start(rhythm, now - SETTLED)


# What is sent


class DigestItem(Value):
    """An alert, as it may be told now."""

    alert_id: str
    kind: AlertKind
    public_ref: str
    severity: Severity
    category: Category
    country: str | None = None
    alerted_at: Moment
    respond_by: Moment
    link: str


class OverdueItem(Value):
    """An alert that has not got the answer it asked for; it may be from an earlier period."""

    alert_id: str
    kind: AlertKind
    public_ref: str
    severity: Severity
    due_at: Moment
    link: str


class DigestPayload(Value):
    """What goes to the brand's topic as JSON, each morning or each Monday."""

    digest_id: Annotated[str, Field(description="Of what is sent again under it, drop the repeat.")]
    schema_version: Literal["1.0"] = SCHEMA_VERSION
    kind: Literal["digest_daily", "digest_weekly"]
    brand_id: str
    since: Annotated[Moment, Field(description="From here on, this moment included.")]
    until: Annotated[Moment, Field(description="Up to here, this moment not included.")]
    alerts: Annotated[
        tuple[DigestItem, ...],
        Field(description="Of this time, most severe first. Recalls and what they took back: not."),
    ]
    left_out: Annotated[int, Field(description="How many more alerts there are, not listed here.")]
    overdue: Annotated[
        tuple[OverdueItem, ...], Field(description="Of any time, what is due longest first.")
    ]
    overdue_left_out: int
    read_on: Annotated[str, Field(description="The list of your alerts.")]


class Told(NamedTuple):
    """An alert with what it is about."""

    alert: Alert
    record: Record


def digest_id(brand_id: str, rhythm: Rhythm, since: datetime) -> str:
    """`d_…`: one for each time that a digest of a rhythm begins with."""
    return derive_id("d", brand_id, rhythm, timestamp(since))


def write_digest(
    brand_id: str,
    rhythm: Rhythm,
    *,
    since: datetime,
    until: datetime,
    told: Iterable[Told],
    asked: Iterable[Told],
    desk_url: str,
    now: datetime,
) -> DigestPayload | None:
    """The digest of what was `told` in a time; None where nothing of that may be told now.

    What was `asked` at any time is listed as overdue where its answer is. That alone makes no
    digest: what is overdue has escalated, and that is an alert of its time.
    """
    items = [item for each in told if (item := _item(each)) is not None]
    if not items:
        return None
    late = [one for each in asked if (one := _overdue(each, now)) is not None]
    items.sort(key=lambda item: (item.severity, item.alerted_at, item.alert_id))
    late.sort(key=lambda item: (item.due_at, item.alert_id))
    return DigestPayload.model_validate(
        {
            "digest_id": digest_id(brand_id, rhythm, since),
            "kind": digest_kind(rhythm),
            "brand_id": brand_id,
            "since": since,
            "until": until,
            "alerts": tuple(items[:MOST_LISTED]),
            "left_out": _left_out(items),
            "overdue": tuple(late[:MOST_LISTED]),
            "overdue_left_out": _left_out(late),
            "read_on": f"{desk_url}/v1/alerts",
        }
    )


def is_listed(kind: AlertKind) -> bool:
    """Whether a digest lists alerts of this kind: a recall is told once, by itself."""
    return kind is not AlertKind.RECALL


def _left_out(items: Sequence[object]) -> int:
    return max(0, len(items) - MOST_LISTED)


def _item(told: Told) -> DigestItem | None:
    shown = _shown(told)
    if shown is None or not is_listed(shown.kind):
        return None
    return DigestItem(
        alert_id=shown.alert_id,
        kind=shown.kind,
        public_ref=shown.public_ref,
        severity=shown.severity,
        category=shown.category,
        country=shown.country,
        alerted_at=told.alert.alerted_at,
        respond_by=shown.respond_by,
        link=shown.link,
    )


def _overdue(told: Told, now: datetime) -> OverdueItem | None:
    shown, due_at = _shown(told), unanswered_since(told)
    if shown is None or due_at is None or due_at >= now:
        return None
    return OverdueItem(
        alert_id=shown.alert_id,
        kind=shown.kind,
        public_ref=shown.public_ref,
        severity=shown.severity,
        due_at=due_at,
        link=shown.link,
    )


def _shown(told: Told) -> AlertPayload | None:
    """What its brand may see of it now; what was withheld, or never decided, it was not told."""
    alert, record = told
    if alert.status is AlertStatus.SUPPRESSED:
        return None
    undecided = isinstance(record, Case) and alert.brand_id not in record.alerted_brands
    if undecided and not alert.is_recall:
        return None
    return shown_to_brand(alert, record)


def unanswered_since(told: Told) -> datetime | None:
    """When the first answer that an alert still waits for is, or was, due; None where it waits for
    none: it is answered, asks about another one, or its case does not ask any more."""
    alert, record = told
    if alert.asks_for is not None:
        return None
    if isinstance(record, Case) and not alert.is_recall and record.state not in WITH_BRANDS:
        return None
    waits = []
    if alert.acknowledged_at is None:
        waits.append(_due(record, ClockKind.BRAND_ACKNOWLEDGES, alert.payload.acknowledge_by))
    takes_reply = not alert.is_recall and alert.payload.kind is not AlertKind.COALITION
    if takes_reply and alert.first_reply_at is None:
        waits.append(_due(record, ClockKind.BRAND_FIRST_REPLY, alert.payload.respond_by))
    return min(waits, default=None)


def _due(record: Record, kind: ClockKind, asked_by: datetime) -> datetime:
    """Later than the alert says where the partner has given more time."""
    clock = record.clocks.get(kind) if isinstance(record, Case) else None
    return max(asked_by, clock.due_at) if clock else asked_by
