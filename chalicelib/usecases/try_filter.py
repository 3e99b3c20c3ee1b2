"""What a brand would have received, had it subscribed with a filter: a dry run on its alerts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.subscription import (
    DAYS_LOOKED_BACK,
    AlertFilter,
    filtered_on,
    lets_through,
)
from chalicelib.domain.vocabulary import AlertKind, Category, Severity
from chalicelib.store.paging import Start
from chalicelib.usecases.engaged import active_engagements
from chalicelib.usecases.own_alert import row_covered

LOOKED_AT = 1000
"""Alerts that one call looks at."""


class Tried(NamedTuple):
    """What the filter lets through of a part of the brand's alerts, newest first."""

    since: datetime
    looked_at: int
    received: int
    recalled: int
    examples: list[dict[str, Any]]
    next_start: Start | None


def try_filter(
    wish: AlertFilter, *, examples: int, start: Start | None, by: Principal, deps: Deps
) -> Tried:
    """Hold the filter against the alerts of the last ninety days that the brand may read now.

    What an alert was about that is recalled altogether, nobody may look at any more: it is counted,
    and that is all. EngagementNotActive.
    """
    engagements = active_engagements(by=by, deps=deps)
    since = deps.now() - timedelta(days=DAYS_LOOKED_BACK)
    page = deps.alerts.rows_since(by.organisation, since, LOOKED_AT, start)
    rows = [row for row in page.items if row_covered(engagements, row)]
    known = [row for row in rows if row.get("severity")]
    received = [row for row in known if lets_through(wish, _attributes(row, by.organisation))]
    return Tried(
        since=since,
        looked_at=len(rows),
        received=len(received),
        recalled=len(rows) - len(known),
        examples=received[:examples],
        next_start=page.next_start,
    )


def _attributes(row: Mapping[str, Any], brand_id: str) -> dict[str, tuple[str, ...]]:
    return filtered_on(
        brand_id=brand_id,
        kind=AlertKind(row["kind"]),
        severity=Severity(row["severity"]),
        category=Category(row["category"]),
        country=row.get("country"),
    )
