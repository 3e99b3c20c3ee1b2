"""Which step a case's clocks ask for, and when the next one does. Pure: the time is an argument.

A clock that nobody stops goes through the levels of `rules.LEVELS`, each once and in their order;
it remembers the last. So it does not matter when, or how often, somebody looks.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from chalicelib.domain import rules
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import ChangedCoalition, Record
from chalicelib.domain.cases.case import SYSTEM, Case, Changed
from chalicelib.domain.cases.consent import NOT_ACROSS, Way, release
from chalicelib.domain.cases.signal import Signal
from chalicelib.domain.cases.transitions import ENDED, Transition, move
from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Action, Commit, commitment
from chalicelib.domain.references import derive_id
from chalicelib.domain.rules import BRAND_CLOCKS, CHECK_INS, ClockKind
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import (
    AlertKind,
    CheckInOutcome,
    EscalationLevel,
    Routing,
    Severity,
    SignalKind,
    State,
)

_LEVELS = list(EscalationLevel)


class CheckIn(Value):
    """What came of asking a worker how she is."""

    outcome: Annotated[
        CheckInOutcome,
        Field(description="`not_reached` leaves the check-in due: ask again."),
    ]
    feedback_given: Annotated[
        bool, Field(description="Whether the worker was told what came of her case.")
    ] = False


class Step(NamedTuple):
    """A level that a clock reaches at `at`; `due_at` is when the clock ran, or runs, out."""

    at: datetime
    clock: ClockKind
    level: EscalationLevel
    due_at: datetime

    @property
    def tells_brands(self) -> bool:
        """Whether brands are told: they are reminded, or their escalation contact is asked."""
        told = (EscalationLevel.REMINDER, EscalationLevel.ESCALATION_CONTACT)
        return self.clock in BRAND_CLOCKS and self.level in told

    @property
    def alert_kind(self) -> AlertKind:
        """The kind of alert by which brands are told."""
        reminds = self.level is EscalationLevel.REMINDER
        return AlertKind.UPDATE if reminds else AlertKind.ESCALATION

    @property
    def signal_kind(self) -> SignalKind | None:
        """The kind of signal by which the partner is told; None where it is not."""
        if self.level is EscalationLevel.SUPERVISOR:
            return SignalKind.BRAND_OVERDUE if self.clock in BRAND_CLOCKS else SignalKind.OVERDUE
        reminds = self.level is EscalationLevel.REMINDER and self.clock not in BRAND_CLOCKS
        return SignalKind.REMINDER if reminds else None


# Of a case


def looked_at_next(case: Case) -> datetime | None:
    """When a case's clocks, or its hold, next ask for something; None where nothing does.

    The only thing that says so: its place in the index follows from it whenever it is stored.
    """
    if case.state is State.ON_HOLD:
        return case.hold.until if case.hold else None
    return min((step.at for step in _next_steps(case)), default=None)


def due_step(case: Case, now: datetime) -> Step | None:
    """The step of a case that has been due longest; None where none is."""
    due = [_caught_up(step, case, now) for step in _next_steps(case) if step.at <= now]
    return min((step for step in due if step is not None), default=None)


def _caught_up(step: Step, case: Case, now: datetime) -> Step | None:
    if not _is_belated(step, now):
        return step
    return _after(step.level, step.clock, step.due_at, case.severity, case.law)


def is_hold_over(case: Case, now: datetime) -> bool:
    """Whether a case is still held although its hold has ended."""
    return case.state is State.ON_HOLD and case.hold is not None and case.hold.until <= now


def _next_steps(case: Case) -> Iterator[Step]:
    for kind, clock in case.clocks.items():
        if clock.met_at is None and _runs(case, kind):
            step = _after(clock.level, kind, clock.due_at, case.severity, case.law)
            if step is not None:
                yield step


def _after(
    reached: EscalationLevel | None,
    kind: ClockKind,
    due_at: datetime,
    severity: Severity,
    law: str | None,
) -> Step | None:
    """The step after the level that a clock has reached; None where that was the last."""
    past = -1 if reached is None else _LEVELS.index(reached)
    for rule in rules.LEVELS[kind]:
        if _LEVELS.index(rule.level) > past:
            at = rules.reached_at(rule, kind, due_at, severity, law)
            return Step(at, kind, rule.level, due_at)
    return None


def _is_belated(step: Step, now: datetime) -> bool:
    """Whether it would remind of what has run out already: the step after it says more."""
    return step.level is EscalationLevel.REMINDER and step.due_at <= now


def _runs(case: Case, kind: ClockKind) -> bool:
    """Whether anybody can be asked to stop a clock as the case stands.

    A worker who agreed to be contacted is asked how she is, also when her case has ended. Otherwise
    a case that has ended asks for nothing, and one that is held never does. A brand is asked only
    for what it was told and may still know; and where no alert can go out (no brand, no consent)
    nobody is late with it.
    """
    if case.state is State.ON_HOLD:
        return False
    if kind in CHECK_INS:
        return case.consent.contact_back
    if case.state in ENDED:
        return False
    if kind is ClockKind.ALERT_BRAND:
        return case.routing in (Routing.PENDING, Routing.NEEDS_REVIEW)
    if kind in BRAND_CLOCKS:
        countries = (case.law, case.factory_reported.country)
        may_know = release(case.agreed, Way.ALERT, *countries).level is not None
        return case.routing is Routing.ALERTED and may_know
    return True


def escalated(case: Case, step: Step, told: list[str], *, at: datetime, commit: Commit) -> Changed:
    """The case with a clock at its next level. `told` are the ids of alerts that go out."""
    return case.recorded(
        Action.ESCALATED,
        by=SYSTEM,
        at=at,
        data={"clock": step.clock, **_said(step, told, commit)},
        private={"alerts": told} if told else {},
        clocks=case.with_clock_at(step.clock, step.level),
    )


def _said(step: Step, told: list[str], commit: Commit) -> dict[str, Any]:
    """An alert's id says, to who guesses, which brand: entries hold commitments to them."""
    said: dict[str, Any] = {"level": step.level, "due_at": timestamp(step.due_at)}
    if told:
        said["alerts"] = {"count": len(told), **commitment("alerts", told, commit)}
    return said


def taken_up_again(case: Case, *, at: datetime, commit: Commit) -> Changed:
    """The case back where it was held. ValueError for one that is not held."""
    if case.hold is None:
        raise ValueError("the case is not held")
    wish = Transition(to=case.hold.held_from)
    return move(case, wish, role=SYSTEM, by=SYSTEM, at=at, commit=commit)


def checked_in(case: Case, check_in: CheckIn, *, by: str, at: datetime) -> Changed:
    """The case once its worker was asked how she is.

    Whoever was reached stops the check-in that is due, or that its reminder is due for, and all
    before it; who was told what came of the case stops the clock of that, too.
    """
    reached = check_in.outcome is not CheckInOutcome.NOT_REACHED
    met = [kind for kind in CHECK_INS if reached and _may_be_met(case, kind, at)]
    met += [ClockKind.FEEDBACK] * (reached and check_in.feedback_given)
    changed = case
    for kind in met:
        changed = changed.model_copy(update={"clocks": changed.with_clock_met(kind, at)})
    data = {"outcome": check_in.outcome, "feedback_given": check_in.feedback_given}
    return case.recorded(
        Action.CHECKED_IN,
        by=by,
        at=at,
        data={**data, "clocks": met},
        clocks=changed.clocks,
    )


def _may_be_met(case: Case, kind: ClockKind, at: datetime) -> bool:
    clock = case.clocks.get(kind)
    if clock is None or clock.met_at is not None:
        return False
    first = _after(None, kind, clock.due_at, case.severity, case.law)
    return first is not None and first.at <= at


# Of an alert that asks by itself: a recall, or a coalition


def alert_looked_at_next(alert: Alert) -> datetime | None:
    """When an alert that asks by itself next asks for something; None once it is acknowledged, and
    for other alerts."""
    step = _next_of_alert(alert)
    return step.at if step else None


def due_step_of_alert(alert: Alert, now: datetime) -> Step | None:
    """The step of an alert that asks by itself that is due; None where none is."""
    step = _next_of_alert(alert)
    if step is None or step.at > now:
        return None
    if not _is_belated(step, now):
        return step
    return _after_of_alert(alert, step.level)


def alert_escalated(
    record: Record, alert: Alert, step: Step, told: list[str], *, at: datetime, commit: Commit
) -> Changed | ChangedCoalition:
    """The case of a recall, or the coalition, with the entry that says what was done about it."""
    named = commitment("alert_id", alert.alert_id, commit)
    return record.recorded(
        Action.RECALL_ESCALATED if alert.is_recall else Action.COALITION_ESCALATED,
        by=SYSTEM,
        at=at,
        data={"alert_id": named, **_said(step, told, commit)},
        private={"alert_id": alert.alert_id, **({"alerts": told} if told else {})},
    )


def _next_of_alert(alert: Alert) -> Step | None:
    waits = alert.asks_by_itself and alert.acknowledged_at is None
    return _after_of_alert(alert, alert.escalation) if waits else None


def _after_of_alert(alert: Alert, reached: EscalationLevel | None) -> Step | None:
    payload = alert.payload
    kind, due_at = ClockKind.BRAND_ACKNOWLEDGES, payload.acknowledge_by
    return _after(reached, kind, due_at, payload.severity, payload.country)


# What the partner is told


def signal_of(case: Case, step: Step, kind: SignalKind, at: datetime) -> Signal:
    """What the partner of a case is told of a step."""
    return _signal(case, kind, step.due_at, at, clock=step.clock, level=step.level)


def signal_of_hold(case: Case, until: datetime, at: datetime) -> Signal:
    """What its partner is told when the hold of a case has ended."""
    return _signal(case, SignalKind.HOLD_ENDED, until, at)


def _signal(case: Case, kind: SignalKind, due_at: datetime, at: datetime, **of: Any) -> Signal:
    parts = (kind, *of.values(), timestamp(due_at), timestamp(at), str(case.version))
    return Signal(
        signal_id=derive_id("s", case.grievance_id, *parts),
        partner_id=case.partner_id,
        grievance_id=case.grievance_id,
        public_ref=case.public_ref,
        kind=kind,
        due_at=due_at,
        at=at,
        **of,
    )


def signal_of_question(case: Case, at: datetime) -> Signal:
    """What the partner of a case is told when a brand asks it something."""
    return _signal(case, SignalKind.QUESTION_ASKED, at, at)


def signal_of_extension(case: Case, kind: ClockKind, at: datetime) -> Signal:
    """What the partner of a case is told when a brand asks for more time on a clock."""
    return _signal(case, SignalKind.EXTENSION_ASKED, case.clocks[kind].due_at, at, clock=kind)


def signals_of_consent(before: Case, now: Case, at: datetime) -> list[Signal]:
    """What its partner is told when a case turns out to need the worker's consent to cross a border
    as well: nobody is told of it, or is told more, until she was asked again."""
    if _lacks_the_border(now) and not _lacks_the_border(before):
        return [_signal(now, SignalKind.CROSS_BORDER_CONSENT_MISSING, at, at)]
    return []


def _lacks_the_border(case: Case) -> bool:
    if case.routing is Routing.HELD:
        return case.routing_reason == NOT_ACROSS
    countries = (case.law, case.factory_reported.country)
    held = release(case.agreed, Way.ALERT, *countries).held_because
    return case.routing is Routing.ALERTED and held == NOT_ACROSS


def signal_of_retaliation(case: Case, at: datetime) -> Signal:
    """What the partner of a case is told when its worker was met with reprisals."""
    return _signal(case, SignalKind.RETALIATION_REPORTED, at, at)
