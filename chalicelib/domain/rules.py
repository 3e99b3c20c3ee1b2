"""Rules of procedure as data: how long each step may take. Days are calendar days.

Anchors: directive (EU) 2019/1937 for 7 and 90 days, CFPB company portal for 15, FLA third-party
complaints for 45. Jurisdictions that differ stand in `BY_JURISDICTION`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Severity

VERSION = "2026-1"


class ClockKind(StrEnum):
    """The clocks that run on a case, each named after what stops it."""

    ACKNOWLEDGE = "acknowledge"
    SCREENING = "screening"
    ALERT_BRAND = "alert_brand"
    BRAND_ACKNOWLEDGES = "brand_acknowledges"
    BRAND_FIRST_REPLY = "brand_first_reply"
    REMEDIATION_PLAN = "remediation_plan"
    FEEDBACK = "feedback"
    HARD_STOP = "hard_stop"


class ClockRule(Value):
    """How long a step may take; `urgent` applies to S1, `high` to S2 where it differs."""

    normal: timedelta
    high: timedelta | None = None
    urgent: timedelta | None = None

    def allowance(self, severity: Severity) -> timedelta:
        """The time a case of this severity has for the step."""
        if severity is Severity.S1 and self.urgent is not None:
            return self.urgent
        if severity is Severity.S2 and self.high is not None:
            return self.high
        return self.normal


def _days(normal: int, *, urgent: int | None = None) -> ClockRule:
    return ClockRule(
        normal=timedelta(days=normal), urgent=None if urgent is None else timedelta(days=urgent)
    )


DEFAULT: Mapping[ClockKind, ClockRule] = {
    ClockKind.ACKNOWLEDGE: _days(7, urgent=1),
    ClockKind.SCREENING: _days(10),
    ClockKind.ALERT_BRAND: ClockRule(
        normal=timedelta(days=3), high=timedelta(hours=24), urgent=timedelta(hours=1)
    ),
    ClockKind.BRAND_ACKNOWLEDGES: _days(5, urgent=1),
    ClockKind.BRAND_FIRST_REPLY: _days(15),
    ClockKind.REMEDIATION_PLAN: _days(45),
    ClockKind.FEEDBACK: _days(90),
    ClockKind.HARD_STOP: _days(180),
}

BY_JURISDICTION: Mapping[str, Mapping[ClockKind, ClockRule]] = {}

SEPARATE_CROSS_BORDER_CONSENT: frozenset[str] = frozenset({"CN"})
"""Jurisdictions whose law asks for a separate consent before data leave them (PIPL article 39)."""

REOPEN_WINDOW = timedelta(days=30)


def due(kind: ClockKind, start: datetime, severity: Severity, jurisdiction: str | None) -> datetime:
    """When a clock that starts at `start` runs out."""
    rules = {**DEFAULT, **BY_JURISDICTION.get(jurisdiction or "", {})}
    return start + rules[kind].allowance(severity)
