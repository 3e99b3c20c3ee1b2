"""What a brand would have received, had it subscribed with a filter: a dry run on its alerts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.digest import due_after, is_listed, period_start
from chalicelib.domain.alerting.subscription import (
    DAYS_LOOKED_BACK,
    Rhythm,
    Wanted,
    comes_singly,
    filtered_on,
)
from chalicelib.domain.dates import moment, timestamp
from chalicelib.domain.vocabulary import AlertKind, Category, Severity
from chalicelib.store.paging import Start
from chalicelib.usecases.admission.engaged import active_engagements
from chalicelib.usecases.alerting.own_alert import row_covered

LOOKED_AT = 1000
"""Alerts that one call looks at."""


class Tried(NamedTuple):
    """What comes of a part of the brand's alerts, newest first: how many by themselves, and how
    many in how many digests."""

    since: datetime
    looked_at: int
    received: int
    in_digests: int
    digests: int
    recalled: int
    examples: list[dict[str, Any]]
    next_start: Start | None


def try_filter(
    wanted: Wanted, *, examples: int, start: Start | None, by: Principal, deps: Deps
) -> Tried:
    """Hold what a subscription asks for against the alerts of the last ninety days that the brand
    may read now.

    What an alert was about that is recalled altogether, nobody may look at any more: it is counted,
    and that is all. EngagementNotActive.
    """
    engagements = active_engagements(by=by, deps=deps)
    now = deps.now()
    since = now - timedelta(days=DAYS_LOOKED_BACK)
    rows_from, counted = (start["rows"], start["counted"]) if start else (None, None)
    page = deps.alerts.rows_since(by.organisation, since, LOOKED_AT, rows_from)
    rows = [row for row in page.items if row_covered(engagements, row)]
    known = [row for row in rows if row.get("severity")]
    singly = [row for row in known if comes_singly(wanted, _attributes(row, by.organisation))]
    listed = [row for row in known if wanted.digest is not Rhythm.NONE and _is_listed(row)]
    periods = [_period(wanted.digest, row) for row in listed]
    sent = {each for each in periods if due_after(wanted.digest, each) <= now}
    come = {row["alert_id"] for row in (*singly, *listed)}
    last = timestamp(periods[-1]) if periods else counted
    return Tried(
        since=since,
        looked_at=len(rows),
        received=len(singly),
        in_digests=len(listed),
        digests=len(sent - ({moment(counted)} if counted else set())),
        recalled=len(rows) - len(known),
        examples=[row for row in known if row["alert_id"] in come][:examples],
        next_start={"rows": page.next_start, "counted": last} if page.next_start else None,
    )


def _is_listed(row: Mapping[str, Any]) -> bool:
    return is_listed(AlertKind(row["kind"]))


def _period(rhythm: Rhythm, row: Mapping[str, Any]) -> datetime:
    return period_start(rhythm, moment(row["alerted_at"]))


def _attributes(row: Mapping[str, Any], brand_id: str) -> dict[str, tuple[str, ...]]:
    return filtered_on(
        brand_id=brand_id,
        kind=AlertKind(row["kind"]),
        severity=Severity(row["severity"]),
        category=Category(row["category"]),
        country=row.get("country"),
    )
