"""An operator looks whether the service does its work."""

from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.work.operations import (
    DueWork,
    QueueDepth,
    Schedule,
    ScheduleRun,
    schedule_run,
)
from chalicelib.store.work import SHARDS

MOST_JOBS = 100
COUNTED = 200
"""Rows in quarantine are counted up to here in each shard."""


class Operations(Value):
    """How the service stands at a moment."""

    at: Moment
    schedules: tuple[ScheduleRun, ...]
    queues: tuple[QueueDepth, ...]
    due_work: DueWork
    quarantined: int
    quarantined_counted_to_the_end: bool


def read_operations(*, deps: Deps) -> Operations:
    """When schedules last ran, how deep the queues are, what is due, what is in quarantine.

    About 25 calls, however much there is. Raises Unavailable.
    """
    now = deps.now()
    counts = [deps.work.quarantined(shard, limit=COUNTED, start=None) for shard in range(SHARDS)]
    return Operations(
        at=now,
        schedules=_schedules(now, deps),
        queues=deps.queues.depths(),
        due_work=_due_work(now, deps),
        quarantined=sum(len(page.items) for page in counts),
        quarantined_counted_to_the_end=all(page.next_start is None for page in counts),
    )


def _schedules(now: datetime, deps: Deps) -> tuple[ScheduleRun, ...]:
    last = deps.schedules.last_runs()
    return tuple(schedule_run(schedule, last.get(schedule), now) for schedule in Schedule)


def _due_work(now: datetime, deps: Deps) -> DueWork:
    oldest = [deps.work.oldest_due(shard, now) for shard in range(SHARDS)]
    due = [moment for moment in oldest if moment is not None]
    jobs = deps.jobs.due(now, MOST_JOBS)
    return DueWork(shards=len(due), oldest_due_at=min(due, default=None), jobs=len(jobs))
