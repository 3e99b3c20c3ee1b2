"""Where a case may go from where it is, and who may send it there. Anything else is refused."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain import rules
from chalicelib.domain.cases.case import SYSTEM, Case, Changed, Hold
from chalicelib.domain.cases.proposal import Proposal
from chalicelib.domain.record.ledger import Action, Commit, commitment
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.text import Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    Finding,
    InadmissibleReason,
    IntakeType,
    Outcome,
    ProposalKind,
    Role,
    RootCause,
    Routing,
    State,
    WorkerVerdict,
)
from chalicelib.errors import FieldError, Forbidden, IllegalTransition, ValidationFailed

_STAFF = frozenset({Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR, SYSTEM})
_LEAD = frozenset({Role.PARTNER_SUPERVISOR})
_LEAD_OR_CHECK = frozenset({Role.PARTNER_SUPERVISOR, SYSTEM})
_CHECK = frozenset({SYSTEM})

TABLE: Mapping[State, Mapping[State, frozenset[str]]] = {
    State.RECEIVED: {State.ACKNOWLEDGED: _STAFF},
    State.ACKNOWLEDGED: {State.SCREENING: _STAFF},
    State.SCREENING: {
        State.ADMISSIBLE: _LEAD_OR_CHECK,
        State.INADMISSIBLE: _LEAD,
        State.REFERRED: _LEAD,
        State.NOT_COVERED: _LEAD_OR_CHECK,
    },
    State.ADMISSIBLE: {
        State.BRAND_NOTIFIED: _CHECK,
        State.NOT_COVERED: _CHECK,
        State.SCREENING: _LEAD_OR_CHECK,
    },
    State.INADMISSIBLE: {State.SCREENING: _LEAD},
    State.REFERRED: {State.SCREENING: _LEAD, State.CLOSED: _LEAD},
    State.NOT_COVERED: {
        State.ADMISSIBLE: _CHECK,
        State.SCREENING: _LEAD_OR_CHECK,
        State.REFERRED: _LEAD,
        State.CLOSED: _LEAD,
    },
    State.BRAND_NOTIFIED: {State.INVESTIGATING: _LEAD},
    State.INVESTIGATING: {State.FINDINGS: _LEAD},
    State.FINDINGS: {State.REMEDIATION: _LEAD, State.CLOSED: _LEAD},
    State.REMEDIATION: {State.VERIFICATION: _LEAD},
    State.VERIFICATION: {State.REMEDIATION: _LEAD, State.CLOSED: _LEAD},
    State.CLOSED: {State.REOPENED: _LEAD},
    State.REOPENED: {State.SCREENING: _LEAD, State.INVESTIGATING: _LEAD},
    State.ON_HOLD: {},
}
"""From → to → who. Besides these: any open state → on_hold and back, and → closed as withdrawn."""

ENDED = frozenset({State.CLOSED, State.INADMISSIBLE})
"""States in which a case is not open."""

_CONTACT_ATTEMPTS = 3
_WORDS = frozenset({"reason", "verification_evidence"})


class Transition(Value):
    """A request to move a case, with what the new state demands."""

    to: State
    reason: Annotated[
        Line | None, Field(description="Needed for on_hold, reopened and appeals.")
    ] = None
    until: Annotated[Moment | None, Field(description="When an on_hold ends.")] = None
    inadmissible_reason: InadmissibleReason | None = None
    finding: Finding | None = None
    outcome: Outcome | None = None
    root_cause: RootCause | None = None
    verification_evidence: Annotated[
        Line | None, Field(description="What shows that the remedy happened.")
    ] = None
    worker_verdict: WorkerVerdict | None = None
    remedy: Annotated[
        Remedy | None,
        Field(description="What the worker got, as a whole. No brand reads it."),
    ] = None
    contact_attempts: Annotated[
        tuple[Moment, ...],
        Field(max_length=20, description="When somebody tried to reach the worker."),
    ] = ()
    settlement_requires_waiver: Annotated[
        bool, Field(description="Exists to be refused: no settlement may demand a waiver.")
    ] = False


def legal_targets(case: Case, role: str) -> list[State]:
    """Where somebody with this role (or the system) may send the case now."""
    return [to for to, who in _ways(case).items() if role in who]


def _ways(case: Case) -> Mapping[State, frozenset[str]]:
    """Where anybody may send the case now, and who."""
    back = {case.hold.held_from: _LEAD_OR_CHECK} if case.hold else {}
    return {**back, **ways_from(case.state)}


def ways_from(state: State) -> Mapping[State, frozenset[str]]:
    """To → who: the table, and what holds beside it. From a hold a case may also go back to where
    it was held, by its supervisor or by the service."""
    if state is State.ON_HOLD:
        return {State.CLOSED: _LEAD}
    if state in ENDED:
        return TABLE[state]
    return {**TABLE[state], State.ON_HOLD: _LEAD, State.CLOSED: _LEAD}


def takes_two(wish: Transition) -> bool:
    """Whether one person alone may not decide this."""
    return wish.to is State.CLOSED and wish.outcome is Outcome.RESOLVED


def move(
    case: Case,
    wish: Transition,
    *,
    role: str,
    by: str,
    at: datetime,
    commit: Commit,
    agreed: Mapping[str, str] | None = None,
) -> Changed:
    """The case in its new state. The ledger holds a keyed commitment to the reason, not its words.

    `agreed` names the two people where it takes two. A proposal to close it falls with any step,
    one to lower its severity with the end of the case.
    Raises Forbidden (the step is legal, for another role), IllegalTransition (it is not),
    ValidationFailed (something the new state demands is missing).
    """
    effects = step(case, wish, role=role, at=at)
    data = {**recorded_of(case, wish, commit), **(agreed or {})}
    return case.recorded(Action.TRANSITIONED, by=by, at=at, data=data, **effects)


def step(case: Case, wish: Transition, *, role: str, at: datetime) -> dict[str, Any]:
    """What a legal step changes in the case, for who records it under an action of its own.

    Raises what `move` raises.
    """
    refuse_unless_possible(case, wish, role=role, at=at)
    return {"state": wish.to, "proposal": _still_open(case, wish), **_effects(case, wish, at)}


def _still_open(case: Case, wish: Transition) -> Proposal | None:
    proposal = case.proposal
    falls = proposal is None or proposal.kind is ProposalKind.CLOSE_AS_RESOLVED
    return None if falls or wish.to in ENDED else proposal


def refuse_unless_possible(case: Case, wish: Transition, *, role: str, at: datetime) -> None:
    """Raises what `move` raises, and nothing where the case may go there."""
    _refuse_unless_legal(case, wish.to, role)
    _refuse_unless_complete(case, wish, at)


def recorded_of(case: Case, wish: Transition, commit: Commit) -> dict[str, Any]:
    """What the ledger holds of a wish: codes and times as they are, words as commitments."""
    codes = wish.model_dump(mode="json", exclude_defaults=True, exclude=set(_WORDS))
    return {"from": case.state, **codes, **_commitments(wish, commit)}


def _commitments(wish: Transition, commit: Commit) -> dict[str, Any]:
    """Keyed commitments to what somebody wrote."""
    written = {name: getattr(wish, name) for name in sorted(_WORDS)}
    return {
        name: commitment(name, words, commit)
        for name, words in written.items()
        if words is not None
    }


def _refuse_unless_legal(case: Case, to: State, role: str) -> None:
    ways = _ways(case)
    if role in ways.get(to, ()):
        return
    if to in ways and role != SYSTEM:
        who = ", ".join(sorted(ways[to]))
        raise Forbidden(f"From `{case.state}` to `{to}`: only {who}.")
    legal = ", ".join(f"`{target}`" for target in legal_targets(case, role)) or "nowhere"
    raise IllegalTransition(f"From `{case.state}` your role may move this case to: {legal}.")


def _refuse_unless_complete(case: Case, wish: Transition, at: datetime) -> None:
    missing = [*_missing(case, wish, at)]
    if missing:
        raise ValidationFailed(errors=[FieldError(*what) for what in missing])


_ONLY_FOR: Mapping[str, State] = {
    "finding": State.FINDINGS,
    "inadmissible_reason": State.INADMISSIBLE,
    "until": State.ON_HOLD,
    "outcome": State.CLOSED,
    "root_cause": State.CLOSED,
    "worker_verdict": State.CLOSED,
    "remedy": State.CLOSED,
    "verification_evidence": State.CLOSED,
    "contact_attempts": State.CLOSED,
}


def _out_of_place(wish: Transition) -> list[tuple[str, str, str]]:
    """Fields that belong to another step: nobody closes a case by the way."""
    return [
        (name, "out_of_place", f"Only a step to `{state}` takes this field.")
        for name, state in _ONLY_FOR.items()
        if getattr(wish, name) not in (None, ()) and wish.to is not state
    ]


def _missing(case: Case, wish: Transition, at: datetime) -> list[tuple[str, str, str]]:
    """(field, code, detail) of everything the target state demands and `wish` lacks.

    Nothing is demanded twice: back from a hold, the state's demands were met before.
    """
    found: list[tuple[str, str, str]] = []
    if wish.settlement_requires_waiver:
        found.append(
            (
                "settlement_requires_waiver",
                "waiver_refused",
                "A settlement cannot require a waiver of rights.",
            )
        )
    found += _out_of_place(wish)
    if _goes_on(case, wish):
        return found
    if wish.to is State.CLOSED:
        found += _missing_to_close(case, wish, at)
    elif wish.to is State.ON_HOLD:
        found += _required(wish, "reason", "until")
        if wish.until and wish.until <= at:
            found.append(("until", "in_the_past", "Give a time that lies ahead."))
    elif wish.to is State.INADMISSIBLE:
        found += _required(wish, "inadmissible_reason")
    elif wish.to is State.FINDINGS:
        found += _required(wish, "finding")
    elif wish.to is State.REOPENED:
        found += _required(wish, "reason") + _too_late(case, at)
    elif wish.to is State.SCREENING and case.state is State.INADMISSIBLE:
        found += _required(wish, "reason")
        if case.appealed:
            found.append(("to", "already_appealed", "An inadmissible case can be appealed once."))
    return found


def _goes_on(case: Case, wish: Transition) -> bool:
    """Whether it comes back from a hold; who withdraws meanwhile need not wait for that."""
    return case.state is State.ON_HOLD and wish.to is not State.CLOSED


def _required(wish: Transition, *names: str) -> list[tuple[str, str, str]]:
    return [
        (name, "missing", f"`{wish.to}` needs this field.")
        for name in names
        if getattr(wish, name) is None
    ]


def _missing_to_close(case: Case, wish: Transition, at: datetime) -> list[tuple[str, str, str]]:
    found = _required(wish, "outcome", "root_cause")
    if State.CLOSED not in TABLE[case.state] and wish.outcome not in (None, Outcome.WITHDRAWN):
        found.append(("outcome", "not_yet", f"From `{case.state}` only `withdrawn` can close it."))
    if wish.outcome is Outcome.RESOLVED:
        found += _required(wish, "verification_evidence")
        answered = wish.worker_verdict in (WorkerVerdict.SATISFIED, WorkerVerdict.DISPUTED)
        attempts = {attempt for attempt in wish.contact_attempts if attempt <= at}
        if not answered and len(attempts) < _CONTACT_ATTEMPTS:
            found.append(
                (
                    "worker_verdict",
                    "missing",
                    "Give the worker's answer (satisfied, disputed) or three `contact_attempts`.",
                )
            )
    return found


def _too_late(case: Case, at: datetime) -> list[tuple[str, str, str]]:
    if case.intake_type is IntakeType.RETALIATION or case.closed_at is None:
        return []
    if at <= case.closed_at + rules.REOPEN_WINDOW:
        return []
    days = rules.REOPEN_WINDOW.days
    detail = f"A case can be reopened for {days} days; file a new one that names this one."
    return [("to", "window_over", detail)]


def _effects(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    effects: dict[str, Any] = {}
    if _goes_on(case, wish):
        effects |= _taken_up_again(case, at)
    elif (effect := _EFFECTS.get(wish.to)) is not None:
        effects |= effect(case, wish, at)
    for name in _KEPT:
        if getattr(wish, name) is not None:
            effects[name] = getattr(wish, name)
    return effects


_KEPT = ("finding", "outcome", "root_cause", "worker_verdict", "remedy", "inadmissible_reason")
"""What a case keeps of a step as it was said. What a worker got, she keeps when it is reopened."""


def _taken_up_again(case: Case, at: datetime) -> dict[str, Any]:
    """The case goes on where it was. Links and factories that came meanwhile passed it over: it is
    checked."""
    waits = case.routing in (Routing.PENDING, Routing.NO_BRAND, Routing.NEEDS_REVIEW)
    return {"hold": None, "check_due_at": at if waits else None}


def _acknowledged(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    return {"acknowledged_at": at, "clocks": case.with_clock_met(ClockKind.ACKNOWLEDGE, at)}


def _screened(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    return {"clocks": case.with_clock_met(ClockKind.SCREENING, at)}


def _held(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    hold = Hold(reason=wish.reason or "", until=wish.until or at, held_from=case.state)
    return {"hold": hold, "check_due_at": None}


def _closed(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    clocks = case.with_clock_met(ClockKind.HARD_STOP, at)
    return {"closed_at": at, "clocks": clocks, "check_due_at": None, "hold": None}


def _reopened(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    return {
        "reopened_count": case.reopened_count + 1,
        "closed_at": None,
        "outcome": None,
        "clocks": case.with_clocks_restarted(_UNTIL_THE_END, at),
    }


_UNTIL_THE_END = (ClockKind.FEEDBACK, ClockKind.HARD_STOP)
"""What runs as long as a case is open: taken up again after its end, it has this time anew."""


def _screened_again(case: Case, wish: Transition, at: datetime) -> dict[str, Any]:
    back: dict[str, Any] = {"appealed": case.appealed or case.state is State.INADMISSIBLE}
    if case.state is State.INADMISSIBLE:
        back |= {"clocks": case.with_clocks_restarted(_UNTIL_THE_END, at)}
    if case.routing is not Routing.NOT_ROUTED:
        back |= {"routing": Routing.PENDING, "check_due_at": at}
    return back


_EFFECTS: Mapping[State, Callable[[Case, Transition, datetime], dict[str, Any]]] = {
    State.ACKNOWLEDGED: _acknowledged,
    State.ADMISSIBLE: _screened,
    State.INADMISSIBLE: _screened,
    State.REFERRED: _screened,
    State.NOT_COVERED: _screened,
    State.ON_HOLD: _held,
    State.CLOSED: _closed,
    State.REOPENED: _reopened,
    State.SCREENING: _screened_again,
}
"""What a state brings with it, besides being there."""
