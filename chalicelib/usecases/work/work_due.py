"""Work off what is due: route cases, publish alerts, follow up changed links.

Every row stands alone: one that fails is tried again later and quarantined after `GIVE_UP` times,
and its neighbours never notice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.deadlines import signals_of_consent
from chalicelib.domain.cases.routing import (
    Routed,
    certain_match,
    for_review,
    is_chosen,
    is_routable,
    route,
)
from chalicelib.domain.retry import GIVE_UP, STOP_SECONDS, backoff
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store import keys
from chalicelib.store.faults import RefusedByStore
from chalicelib.store.paging import Start
from chalicelib.store.work import WorkRow, head_row
from chalicelib.usecases.alerting.open_escrow import escrow_rows
from chalicelib.usecases.alerting.publish_alerts import Outgoing, publish_alerts
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.alerting.withhold_alerts import withhold_alerts
from chalicelib.usecases.cases.records import records
from chalicelib.usecases.factories.find_factories import Findings
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.work.follow_up import follow_up

BATCH = 100

SecondsLeft = Callable[[], float]
T = TypeVar("T")


class Worked(NamedTuple):
    """How much was done."""

    checked: int = 0
    alerted: int = 0
    published: int = 0
    failed: int = 0

    def plus(self, other: "Worked") -> "Worked":
        """The sum of two."""
        return Worked(*(a + b for a, b in zip(self, other, strict=True)))


def work_message(body: dict[str, Any], *, seconds_left: SecondsLeft, deps: Deps) -> Worked:
    """Work what a message of the work queue asks for: `{"shard": 3}` or `{"case_id": "g_…"}`."""
    if "case_id" in body:
        return work_case(body["case_id"], seconds_left=seconds_left, deps=deps)
    return work_shard(int(body["shard"]), seconds_left=seconds_left, deps=deps)


def work_shard(shard: int, *, seconds_left: SecondsLeft, deps: Deps) -> Worked:
    """Work one shard of due work until it is empty or time runs short; the rest stays due."""
    total, now = Worked(), deps.now()
    start: Start | None = None
    while seconds_left() > STOP_SECONDS:
        page = deps.work.due(shard, now, limit=BATCH, start=start)
        total = total.plus(work_rows(page.items, seconds_left=seconds_left, deps=deps))
        if (start := page.next_start) is None:
            break
    log.info(log.Event.SHARD_WORKED, shard=shard, **total._asdict())
    return total


def work_case(case_id: str, *, seconds_left: SecondsLeft, deps: Deps) -> Worked:
    """Work one urgent case now."""
    return work_rows([head_row(case_id)], seconds_left=seconds_left, deps=deps)


def work_rows(rows: Sequence[WorkRow], *, seconds_left: SecondsLeft, deps: Deps) -> Worked:
    """Work some rows of due work: cases first, then all alerts that are to go out."""
    now = deps.now()
    checked, written = _check_cases([row for row in rows if row.is_case], now, deps)
    waiting = _waiting_alerts([row for row in rows if row.is_alert], now, deps)
    outcome = publish_alerts([*written, *waiting], now=now, deps=deps)
    for row in rows:
        if row.watched is not None:
            _guarded(row, now, deps, partial(follow_up, row, now, seconds_left, deps))
    return checked._replace(published=outcome.sent, failed=checked.failed + outcome.failed)


def _check_cases(
    rows: Sequence[WorkRow], now: datetime, deps: Deps
) -> tuple[Worked, list[Outgoing]]:
    cases = deps.cases.heads([row.case_id for row in rows])
    findings = Findings(list(cases.values()), deps)
    written: list[Outgoing] = []
    failed = 0
    for row in rows:
        case = cases.get(row.case_id)
        outgoing = _guarded(row, now, deps, partial(check_case, case, findings, now, deps))
        failed += outgoing is None
        written += outgoing or ()
    return Worked(checked=len(cases), alerted=len(written), failed=failed), written


def check_case(
    case: Case | None, findings: Findings, now: datetime, deps: Deps
) -> Sequence[Outgoing]:
    """Decide about one case and write what follows; the alerts that are now to be published.

    Does nothing when somebody else changed the case meanwhile: it is still due.
    LookupError for a case (None) that is due but cannot be read.
    """
    if case is None:
        raise LookupError("a case that is due cannot be read")
    if case.check_due_at is None:
        return ()
    routed = _routed(case, findings, now, deps)
    if routed.entry is None:
        deps.cases.rest(routed.case)
        return ()
    within = deps.alerts.write_ahead(routed.alerts)
    rows = [
        *map(deps.alerts.new_row, within),
        *deps.cases.crossing_rows(case, routed.case, now),
        *escrow_rows(case, routed.case, deps=deps),
        *signals_rows(case, routed.case, deps=deps),
        *map(deps.signals.row, signals_of_consent(case, routed.case, now)),
    ]
    try:
        deps.cases.save(routed.case, routed.entry, rows)
    except VersionConflict:
        return ()
    return [Outgoing(alert, routed.case) for alert in routed.alerts]


def _routed(case: Case, findings: Findings, now: datetime, deps: Deps) -> Routed:
    if not is_routable(case):
        return Routed(case.model_copy(update={"check_due_at": None}), None)
    commit = committer(case, deps.keyring)
    if is_chosen(case):
        match, factory_id = case.match, case.factory_id
    else:
        decision = findings.decisions[case.grievance_id]
        match = certain_match(decision)
        if match is None:
            return for_review(case, decision, at=now, commit=commit)
        factory_id = decision.candidates[0].factory_id
    factory = findings.factory_now(case, factory_id or "")
    if factory is None or match is None:
        raise LookupError("the registry names a factory that is not there")
    told_before = findings.told_before(case, factory)
    covering = findings.told(case, factory, whenever=told_before)
    not_engaged = findings.not_engaged(covering, factory)
    told = [each for each in covering if each.brand.brand_id not in not_engaged]
    return route(
        case,
        factory,
        match,
        told,
        joined=bool(told) and findings.join(case, factory),
        not_engaged=not_engaged,
        told_before=told_before,
        desk_url=deps.settings.public_url,
        at=now,
        commit=commit,
    )


def _waiting_alerts(rows: Sequence[WorkRow], now: datetime, deps: Deps) -> Sequence[Outgoing]:
    """The alerts that wait to be published and still may be; unreadable ones are put off."""
    if not rows:
        return []
    cases = records([row.case_id for row in rows], deps=deps)
    found = {keys.alert(alert.alert_id): alert for alert in deps.alerts.get_many(rows)}
    for row in rows:
        if row.sk not in found or row.case_id not in cases:
            _postponed(row, now, deps, LookupError("an alert that is due cannot be read"))
    alerts = (alert for alert in found.values() if alert.grievance_id in cases)
    waiting = [Outgoing(alert, cases[alert.grievance_id]) for alert in alerts]
    return withhold_alerts(waiting, now=now, deps=deps)


def _guarded(row: WorkRow, now: datetime, deps: Deps, attempt: Callable[[], T]) -> T | None:
    """What `attempt` returns; None when it failed, and then the row is due again later."""
    try:
        return attempt()
    except Unavailable as failure:
        if not isinstance(failure, RefusedByStore):
            raise
        _postponed(row, now, deps, failure)
    except Exception as failure:  # noqa: BLE001  a poisoned row must not stop its neighbours
        _postponed(row, now, deps, failure)
    return None


def _postponed(row: WorkRow, now: datetime, deps: Deps, failure: Exception) -> None:
    attempts = deps.work.attempts(row) + 1
    give_up = attempts >= GIVE_UP
    error = type(failure).__name__
    log.error(
        log.Event.WORK_FAILED,
        case_id=row.case_id,
        row=row.sk.split("#")[0],
        error=error,
        where=log.where(failure),
        attempts=attempts,
        given_up=give_up,
    )
    until = now + backoff(attempts, of=row.case_id)
    deps.work.postpone(row, attempts=attempts, until=until, error=error, give_up=give_up)
