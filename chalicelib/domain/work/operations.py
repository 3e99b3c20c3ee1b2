"""Whether the service does its work: when schedules ran, and how much waits where."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Moment, Value


class Schedule(StrEnum):
    """What runs by the clock; each is a function of that name."""

    CHECK_GRIEVANCES = "check_grievances"
    BUILD_MATCH_INDEX = "build_match_index"
    SEAL_LEDGER = "seal_ledger"
    APPLY_RETENTION = "apply_retention"
    ENFORCE_DEADLINES = "enforce_deadlines"


EVERY: Mapping[Schedule, timedelta] = {
    Schedule.CHECK_GRIEVANCES: timedelta(minutes=1),
    Schedule.BUILD_MATCH_INDEX: timedelta(minutes=5),
    Schedule.SEAL_LEDGER: timedelta(hours=1),
    Schedule.APPLY_RETENTION: timedelta(days=1),
    Schedule.ENFORCE_DEADLINES: timedelta(minutes=10),
}
"""How often each runs; app.py declares the same."""

MISSED = 3
"""A schedule is late when so many runs in a row have not come to their end."""


class ScheduleRun(Value):
    """A schedule and the end of its last run that came to one."""

    schedule: Schedule
    every_seconds: int
    last_run_at: Moment | None
    late: Annotated[bool | None, Field(description="Null before the first run.")]


def schedule_run(schedule: Schedule, last_run_at: datetime | None, now: datetime) -> ScheduleRun:
    """How a schedule stands. Whether one that has never run is late nobody can say: since when?"""
    every = EVERY[schedule]
    late = None if last_run_at is None else now - last_run_at > MISSED * every
    return ScheduleRun(
        schedule=schedule,
        every_seconds=int(every.total_seconds()),
        last_run_at=last_run_at,
        late=late,
    )


class RowKind(StrEnum):
    """What a row of due work is: a case to check, an alert to send, a change to follow up."""

    CASE = "case"
    ALERT = "alert"
    CHANGE = "change"


class Quarantined(Value):
    """A row of due work that failed too often, or never can succeed: it waits for an operator."""

    kind: RowKind
    id: str
    attempts: int
    last_error: str | None
    since: Moment | None


class QueueDepth(Value):
    """How much is in a queue; SQS counts approximately."""

    queue: str
    waiting: int
    in_flight: int
    dead_letters: int


class DueWork(Value):
    """What is due to be worked and has not been."""

    shards: int
    oldest_due_at: Moment | None
    jobs: int
