"""Make people act: what nobody has done in time escalates, and a hold that has ended ends.

Each step is one transaction at the version of the case, or the coalition: its ledger entry, the
level that the clock remembers, and the alerts and signals that tell people. So ticks that were
missed are caught up in the order of the levels, and two runs at once do nothing twice. Alerts go
out like all others, by `publish_alerts`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert, MissedBy, to_be_asked, write_escalation
from chalicelib.domain.alerting.coalition import Coalition, Record, signals_of_overdue
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.deadlines import (
    Step,
    alert_escalated,
    due_step,
    due_step_of_alert,
    escalated,
    is_hold_over,
    signal_of,
    signal_of_hold,
    taken_up_again,
)
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.domain.vocabulary import EscalationLevel, SignalKind
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store import keys
from chalicelib.store.deadlines import SHARDS
from chalicelib.store.faults import RefusedByStore
from chalicelib.store.paging import Start
from chalicelib.store.table import Row
from chalicelib.store.work import WorkRow
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.alerting.passed_over import passed_over_rows
from chalicelib.usecases.alerting.raise_coalitions import MOST_ROWS
from chalicelib.usecases.alerting.recall_alerts import alerts_of
from chalicelib.usecases.alerting.withhold_alerts import may_be_told
from chalicelib.usecases.cases.records import record_in, records, save_record
from chalicelib.usecases.record.committer import committer

BATCH = 100
PUT_OFF = timedelta(hours=1)
"""What fails is looked at again after so long; its neighbours do not wait for it."""

SecondsLeft = Callable[[], float]


class Enforced(NamedTuple):
    """How much was done."""

    looked_at: int = 0
    steps: int = 0
    failed: int = 0

    def plus(self, other: "Enforced") -> "Enforced":
        """The sum of two."""
        return Enforced(*(a + b for a, b in zip(self, other, strict=True)))


def enforce_deadlines(*, seconds_left: SecondsLeft, deps: Deps) -> Enforced:
    """One run, until all is done or time runs short; the rest stays due, and no shard is always
    the last. Raises Unavailable."""
    total, first = Enforced(), int(deps.now().timestamp()) // 600
    for number in range(SHARDS):
        total = total.plus(_shard((first + number) % SHARDS, seconds_left, deps))
    log.info(log.Event.DEADLINES_ENFORCED, **total._asdict())
    return total


def _shard(shard: int, seconds_left: SecondsLeft, deps: Deps) -> Enforced:
    total, now = Enforced(), deps.now()
    start: Start | None = None
    while seconds_left() > STOP_SECONDS:
        page = deps.deadlines.due(shard, now, limit=BATCH, start=start)
        total = total.plus(_rows(page.items, seconds_left, deps))
        if (start := page.next_start) is None:
            break
    return total


def _rows(rows: Sequence[WorkRow], seconds_left: SecondsLeft, deps: Deps) -> Enforced:
    if not rows:
        return Enforced()
    known = records([row.case_id for row in rows], deps=deps)
    waiting = [row for row in rows if row.is_alert]
    found = deps.alerts.get_many(waiting) if waiting else []
    alerts = {keys.alert(alert.alert_id): alert for alert in found}
    engaged, total = Engaged(deps), Enforced()
    for row in rows:
        if seconds_left() <= STOP_SECONDS:
            break
        total = total.plus(
            _guarded(row, partial(_enforced, row, known, alerts, engaged, deps), deps)
        )
    return total


def _guarded(row: WorkRow, attempt: Callable[[], int], deps: Deps) -> Enforced:
    """What came of a row; one that fails is put off, and its neighbours never notice."""
    try:
        return Enforced(1, attempt())
    except Unavailable as failure:
        if not isinstance(failure, RefusedByStore):
            raise
        _put_off(row, failure, deps)
    except Exception as failure:  # noqa: BLE001  a poisoned row must not stop its neighbours
        _put_off(row, failure, deps)
    return Enforced(1, failed=1)


def _put_off(row: WorkRow, failure: Exception, deps: Deps) -> None:
    log.error(
        log.Event.DEADLINE_FAILED,
        case_id=row.case_id,
        row=row.sk.split("#")[0],
        error=type(failure).__name__,
        where=log.where(failure),
    )
    deps.deadlines.postpone(row, deps.now() + PUT_OFF)


def _enforced(
    row: WorkRow,
    known: dict[str, Record],
    alerts: Mapping[str, Alert],
    engaged: Engaged,
    deps: Deps,
) -> int:
    """How many steps were made; `known` holds the case, or coalition, as it then is, for its other
    rows.

    Nobody's change is lost: who was slower leaves the rest due. LookupError for a row that is due
    but cannot be read.
    """
    made = 0
    steps = _steps(known.get(row.case_id), row, alerts.get(row.sk), engaged, deps)
    try:
        for changed in steps:
            known[row.case_id], made = changed, made + 1
    except VersionConflict:
        return made
    return made


def _steps(
    record: Record | None, row: WorkRow, alert: Alert | None, engaged: Engaged, deps: Deps
) -> Iterator[Record]:
    """What is due of a row, step by step. LookupError."""
    if record is not None and alert is not None:
        return _alert_steps(record, alert, engaged, deps)
    if isinstance(record, Case) and not row.is_alert:
        return _case_steps(record, engaged, deps)
    raise LookupError("what is due cannot be read")


# A case


def _case_steps(case: Case, engaged: Engaged, deps: Deps) -> Iterator[Record]:
    """The case after each step that is due. Raises VersionConflict."""
    if is_hold_over(case, deps.now()):
        case = _hold_ended(case, deps)
        yield case
    while (step := due_step(case, deps.now())) is not None:
        case = _escalated(case, step, engaged, deps)
        yield case


def _hold_ended(case: Case, deps: Deps) -> Case:
    """The case, back where it was held. Raises VersionConflict."""
    if case.hold is None:
        raise ValueError("the case is not held")
    at = deps.now()
    moved = taken_up_again(case, at=at, commit=committer(case, deps.keyring))
    signal = signal_of_hold(case, case.hold.until, at)
    rows = [deps.signals.row(signal), *passed_over_rows(case, moved.case, deps=deps)]
    deps.cases.save(moved.case, moved.entry, rows)
    return moved.case


def _escalated(case: Case, step: Step, engaged: Engaged, deps: Deps) -> Case:
    """The case with one clock a level further, and whom that concerns told. VersionConflict."""
    at = deps.now()
    asked = to_be_asked(case, alerts_of(case, deps), step.clock) if step.tells_brands else []
    told = [_escalation(each, step, deps) for each in asked if may_be_told(each, engaged)]
    ids = sorted(alert.alert_id for alert in told)
    changed = escalated(case, step, ids, at=at, commit=committer(case, deps.keyring))
    rows = _alert_rows(told, deps)
    if step.signal_kind is not None:
        rows.append(deps.signals.row(signal_of(case, step, step.signal_kind, at)))
    deps.cases.save(changed.case, changed.entry, rows)
    return changed.case


def _escalation(of: Alert, step: Step, deps: Deps) -> Alert:
    missed = MissedBy(clock=step.clock, level=step.level, due_at=step.due_at, alert_id=of.alert_id)
    return write_escalation(
        of,
        kind=step.alert_kind,
        missed=missed,
        desk_url=deps.settings.public_url,
        at=deps.now(),
    )


def _alert_rows(alerts: Sequence[Alert], deps: Deps) -> list[Row]:
    """Rows to save the case with. What does not fit beside it is written here, before it."""
    return [deps.alerts.new_row(alert) for alert in deps.alerts.write_ahead(alerts)]


# An alert that asks by itself: a recall, or a coalition


def _alert_steps(record: Record, alert: Alert, engaged: Engaged, deps: Deps) -> Iterator[Record]:
    """The case, or coalition, after each step of its alert that is due. Raises VersionConflict."""
    if isinstance(record, Coalition) and not record.still_asks(alert):
        deps.alerts.leave_alone(alert.alert_id)
        return
    while (step := due_step_of_alert(alert, deps.now())) is not None:
        record, alert = _alert_escalated(record, alert, step, engaged, deps)
        yield record


def _alert_escalated(
    record: Record, alert: Alert, step: Step, engaged: Engaged, deps: Deps
) -> tuple[Record, Alert]:
    """What it belongs to, and the alert a level further. Raises VersionConflict."""
    at = deps.now()
    tells = step.tells_brands and may_be_told(alert, engaged)
    told = [_escalation(alert, step, deps)] if tells else []
    ids = [each.alert_id for each in told]
    commit = committer(record, deps.keyring)
    changed = alert_escalated(record, alert, step, ids, at=at, commit=commit)
    further = alert.model_copy(update={"escalation": step.level})
    rows = [*map(deps.alerts.new_row, told), deps.alerts.escalated_row(further)]
    if step.level is EscalationLevel.SUPERVISOR:
        rows += _partners_told(record, alert, step, room=MOST_ROWS - len(rows), deps=deps)
    save_record(changed, rows, deps=deps)
    return record_in(changed), further


def _partners_told(record: Record, alert: Alert, step: Step, *, room: int, deps: Deps) -> list[Row]:
    """Rows to save it with: the partner of the case hears, or each one of the coalition."""
    at = deps.now()
    if isinstance(record, Coalition):
        told = signals_of_overdue(record, alert, step.clock, step.level, at)
        return deps.signals.rows(told, room=room)
    return [deps.signals.row(signal_of(record, step, SignalKind.RECALL_OVERDUE, at))]
