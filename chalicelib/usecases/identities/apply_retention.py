"""The daily run of retention: finish, carry out what was announced, announce what falls due.

What it will erase is announced `NOTICE` before, as plans that anybody responsible can read; what it
did stands in the same plans, and in each case's ledger. Every case stands alone: one that fails is
tried again the next day.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import SYSTEM, Case
from chalicelib.domain.identities.retention import (
    Outlook,
    Plan,
    PlanLine,
    Scheduled,
    next_scheduled,
    outlook,
    plan_id_for,
)
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.domain.rules import HELD_FOR, NOTICE
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import NotFound, StateConflict, Unavailable
from chalicelib.store.faults import RefusedByStore
from chalicelib.store.paging import Page, Start, read_sharded_page
from chalicelib.store.table import Row
from chalicelib.store.work import SHARDS
from chalicelib.usecases.identities.erase import erase, finish_erasure

BATCH = 100
_AGAIN = timedelta(days=1)

SecondsLeft = Callable[[], float]


class Outcome(NamedTuple):
    """A case that retention would look at, and what it would do with it."""

    scheduled: Scheduled
    would: Outlook


def apply_retention(*, seconds_left: SecondsLeft, deps: Deps) -> None:
    """One run, until all is done or time runs short; the rest stays due. Raises Unavailable."""
    counts = dict.fromkeys(("finished", "erased", "held", "dropped", "announced", "failed"), 0)
    for case_id in _unfinished(deps):
        if seconds_left() < STOP_SECONDS:
            break
        finish_erasure(case_id, deps=deps)
        counts["finished"] += 1
    for announced, act in ((True, _carried_out), (False, _announced)):
        for scheduled in _due(deps, announced=announced):
            if seconds_left() < STOP_SECONDS:
                break
            counts[_guarded(scheduled, act, deps)] += 1
    log.info(log.Event.RETENTION_APPLIED, **counts)


def preview_retention(
    until: timedelta, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Outcome]:
    """The dry run: what retention would do to whatever falls due within `until`, if nothing else
    happened; of a partner's cases, where a partner asks. Decides by the same function as the run,
    and writes nothing."""
    limit_time = deps.now() + until

    def of_shard(shard: int, size: int, at: Start | None) -> Page[Scheduled]:
        announced = shard < SHARDS
        return deps.retention.due(shard % SHARDS, limit_time, size, at, announced=announced)

    page = read_sharded_page(of_shard, 2 * SHARDS, limit, start)
    cases = deps.cases.heads([scheduled.grievance_id for scheduled in page.items])
    outcomes = [
        Outcome(scheduled, outlook(cases[scheduled.grievance_id], scheduled))
        for scheduled in page.items
        if scheduled.grievance_id in cases and _is_for(by, cases[scheduled.grievance_id])
    ]
    return Page(outcomes, page.next_start)


def cases_of_plan(
    plan_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[PlanLine]:
    """A page of a plan's cases: a partner's own, where a partner asks."""
    page = deps.retention.lines(plan_id, limit, start)
    if by.role is Role.DPO:
        return page
    cases = deps.cases.heads([line.grievance_id for line in page.items])
    own = {case_id for case_id, case in cases.items() if _is_for(by, case)}
    return Page([line for line in page.items if line.grievance_id in own], page.next_start)


def _is_for(by: Principal, case: Case) -> bool:
    return by.role is Role.DPO or case.partner_id == by.organisation


def plan_of(plan_id: str, *, deps: Deps) -> Plan:
    """A plan. NotFound."""
    plan = deps.retention.plan(plan_id)
    if plan is None:
        raise NotFound()
    return plan


def _unfinished(deps: Deps) -> Iterator[str]:
    for shard in range(SHARDS):
        yield from deps.erasures.unfinished(shard, BATCH)


def _due(deps: Deps, *, announced: bool) -> Iterator[Scheduled]:
    now = deps.now()
    for shard in range(SHARDS):
        start: Start | None = None
        while True:
            page = deps.retention.due(shard, now, BATCH, start, announced=announced)
            yield from page.items
            if (start := page.next_start) is None:
                break


def _guarded(scheduled: Scheduled, act: Callable[[Scheduled, Deps], str], deps: Deps) -> str:
    """What became of a case, as the name of its counter; a failure is put off, not let through."""
    try:
        return act(scheduled, deps)
    except Unavailable as failure:
        if not isinstance(failure, RefusedByStore):
            raise
        _failed(scheduled, failure, deps)
    except Exception as failure:  # noqa: BLE001  a poisoned case must not stop its neighbours
        _failed(scheduled, failure, deps)
    return "failed"


def _failed(scheduled: Scheduled, failure: Exception, deps: Deps) -> None:
    log.error(
        log.Event.RETENTION_FAILED,
        case_id=scheduled.grievance_id,
        error=type(failure).__name__,
        where=log.where(failure),
        attempts=scheduled.attempts + 1,
    )
    deps.retention.postpone(scheduled, deps.now() + _AGAIN)


def _announced(scheduled: Scheduled, deps: Deps) -> str:
    """Into today's plan. One that was reopened meanwhile is not there any more."""
    now = deps.now()
    plan = Plan(
        plan_id=plan_id_for(scheduled.rule_id, now),
        rule_id=scheduled.rule_id,
        erases=scheduled.erases,
        announced_at=now,
        carry_out_at=now + NOTICE,
    )
    known = deps.retention.plan(plan.plan_id) or plan
    return "announced" if deps.retention.announce(scheduled, known) else "dropped"


def _carried_out(scheduled: Scheduled, deps: Deps) -> str:
    """What was announced. One transaction erases, and writes entry, outcome and what comes next."""
    case = deps.cases.head(scheduled.grievance_id)
    if case is None:
        raise LookupError("a case that is to be erased cannot be read")
    found, now = outlook(case, scheduled), deps.now()
    if found is Outlook.HELD:
        later = scheduled.model_copy(update={"plan_id": None, "due_at": now + HELD_FOR})
        deps.retention.settle(scheduled, later, Outlook.HELD, now)
        return "held"
    if found is Outlook.DROPPED:
        then = next_scheduled(case, scheduled.ended_at)
        deps.retention.settle(scheduled, then, Outlook.DROPPED, now)
        return "dropped"

    def follows(seen: Case) -> list[Row]:
        if outlook(seen, scheduled) is not Outlook.ERASE:  # it was reopened, or held, just now
            raise StateConflict()
        after = next_scheduled(seen, scheduled.ended_at, done=scheduled.erases)
        return deps.retention.done_rows(scheduled, after, Outlook.ERASED, now)

    why = {
        "scope": scheduled.erases,
        "rule": scheduled.rule_id,
        "plan": scheduled.plan_id,
    }
    erase(scheduled.grievance_id, scheduled.erases, by=SYSTEM, why=why, deps=deps, also=follows)
    return "erased"
