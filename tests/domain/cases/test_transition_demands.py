"""What a new state demands, and what it brings with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Changed, Hold
from chalicelib.domain.cases.transitions import Transition, move
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import (
    Finding,
    InadmissibleReason,
    IntakeType,
    Outcome,
    Role,
    RootCause,
    Routing,
    Severity,
    State,
    WorkerVerdict,
)
from chalicelib.errors import FieldError, ValidationFailed
from tests.domain.values import AT, case, commitment

LATER = AT + timedelta(days=3)
CLOSING: dict[str, Any] = {"outcome": Outcome.RESOLVED, "root_cause": RootCause.MANAGEMENT_SYSTEMS}


def moved(given: Case, to: State, *, at: datetime = LATER, **wish: Any) -> Changed:
    """The case after its supervisor moved it."""
    return move(
        given,
        Transition(to=to, **wish),
        role=Role.PARTNER_SUPERVISOR,
        by="lead",
        at=at,
        commit=commitment,
    )


def lacks(given: Case, to: State, *, at: datetime = LATER, **wish: Any) -> list[tuple[str, str]]:
    """(field, code) of everything the request lacks."""
    with pytest.raises(ValidationFailed) as refused:
        moved(given, to, at=at, **wish)
    return [(error.field, error.code) for error in refused.value.errors]


def test_a_hold_needs_a_reason_and_an_end_that_lies_ahead() -> None:
    given = case(state=State.SCREENING)

    assert lacks(given, State.ON_HOLD) == [("reason", "missing"), ("until", "missing")]
    assert lacks(given, State.ON_HOLD, reason="strike", until=LATER) == [("until", "in_the_past")]


def test_inadmissible_needs_a_reason_from_the_list() -> None:
    given = case(state=State.SCREENING)

    assert lacks(given, State.INADMISSIBLE, reason="because") == [
        ("inadmissible_reason", "missing")
    ]
    found = moved(given, State.INADMISSIBLE, inadmissible_reason=InadmissibleReason.NOT_ABOUT_WORK)
    assert found.case.inadmissible_reason is InadmissibleReason.NOT_ABOUT_WORK


def test_findings_need_a_finding() -> None:
    given = case(state=State.INVESTIGATING)

    assert lacks(given, State.FINDINGS) == [("finding", "missing")]
    found = moved(given, State.FINDINGS, finding=Finding.PARTLY_GROUNDED)
    assert found.case.finding is Finding.PARTLY_GROUNDED


def test_a_closure_names_an_outcome_and_a_root_cause() -> None:
    given = case(state=State.VERIFICATION)

    assert lacks(given, State.CLOSED) == [("outcome", "missing"), ("root_cause", "missing")]


@pytest.mark.parametrize(
    "state",
    [
        State.RECEIVED,
        State.ACKNOWLEDGED,
        State.SCREENING,
        State.ADMISSIBLE,
        State.BRAND_NOTIFIED,
        State.INVESTIGATING,
        State.REMEDIATION,
        State.REOPENED,
    ],
)
def test_a_case_under_way_can_only_be_withdrawn(state: State) -> None:
    given = case(state=state)
    settled: dict[str, Any] = {"outcome": Outcome.SETTLED, "root_cause": RootCause.UNKNOWN}
    withdrawn: dict[str, Any] = {"outcome": Outcome.WITHDRAWN, "root_cause": RootCause.UNKNOWN}

    assert lacks(given, State.CLOSED, **settled) == [("outcome", "not_yet")]
    assert moved(given, State.CLOSED, **withdrawn).case.outcome is Outcome.WITHDRAWN


@pytest.mark.parametrize(
    "state", [State.REFERRED, State.NOT_COVERED, State.FINDINGS, State.VERIFICATION]
)
@pytest.mark.parametrize("outcome", [Outcome.SETTLED, Outcome.UNRESOLVED, Outcome.WITHDRAWN])
def test_a_case_at_an_end_of_its_way_can_be_closed_with_any_outcome(
    state: State, outcome: Outcome
) -> None:
    closed = moved(case(state=state), State.CLOSED, outcome=outcome, root_cause=RootCause.UNKNOWN)

    assert (closed.case.state, closed.case.outcome) == (State.CLOSED, outcome)


def test_resolved_needs_evidence_and_the_workers_answer() -> None:
    given = case(state=State.VERIFICATION)

    assert lacks(given, State.CLOSED, **CLOSING) == [
        ("verification_evidence", "missing"),
        ("worker_verdict", "missing"),
    ]
    assert lacks(
        given,
        State.CLOSED,
        **CLOSING,
        verification_evidence="bank statements",
        worker_verdict=WorkerVerdict.NOT_REACHED,
    ) == [("worker_verdict", "missing")]


@pytest.mark.parametrize("verdict", [WorkerVerdict.SATISFIED, WorkerVerdict.DISPUTED])
def test_either_answer_of_the_worker_closes_as_resolved(verdict: WorkerVerdict) -> None:
    closed = moved(
        case(state=State.VERIFICATION),
        State.CLOSED,
        **CLOSING,
        verification_evidence="bank statements",
        worker_verdict=verdict,
    )

    assert (closed.case.outcome, closed.case.worker_verdict) == (Outcome.RESOLVED, verdict)
    assert closed.case.root_cause is RootCause.MANAGEMENT_SYSTEMS


@pytest.mark.parametrize(
    ("hours_ago", "enough"),
    [
        ([1, 25, 49], True),
        ([0, 1, 2, 3], True),
        ([1, 25], False),
        ([1, 1, 1], False),
        ([1, 25, -1], False),
    ],
    ids=["three", "four, one of them now", "two", "one given three times", "one lies ahead"],
)
def test_three_attempts_to_reach_the_worker_stand_for_an_answer(
    hours_ago: list[int], enough: bool
) -> None:
    given = case(state=State.VERIFICATION)
    wish: dict[str, Any] = {
        **CLOSING,
        "verification_evidence": "bank statements",
        "worker_verdict": WorkerVerdict.NOT_REACHED,
        "contact_attempts": tuple(LATER - timedelta(hours=hours) for hours in hours_ago),
    }

    if enough:
        assert moved(given, State.CLOSED, **wish).case.outcome is Outcome.RESOLVED
    else:
        assert lacks(given, State.CLOSED, **wish) == [("worker_verdict", "missing")]


@pytest.mark.parametrize("state", [State.RECEIVED, State.VERIFICATION, State.FINDINGS])
def test_a_settlement_that_requires_a_waiver_is_refused(state: State) -> None:
    refused = lacks(
        case(state=state),
        State.CLOSED,
        outcome=Outcome.WITHDRAWN,
        root_cause=RootCause.UNKNOWN,
        settlement_requires_waiver=True,
    )

    assert refused == [("settlement_requires_waiver", "waiver_refused")]


def closed_case(**facts: Any) -> Case:
    return case(
        facts,
        state=State.CLOSED,
        closed_at=AT,
        outcome=Outcome.RESOLVED,
        routing=Routing.ALERTED,
        brand_notified_at=AT,
        check_due_at=None,
    )


def test_a_case_can_be_reopened_for_thirty_days_with_a_reason() -> None:
    last_moment = AT + timedelta(days=30)

    assert lacks(closed_case(), State.REOPENED) == [("reason", "missing")]
    reopened = moved(closed_case(), State.REOPENED, reason="unpaid again", at=last_moment).case
    assert (reopened.state, reopened.closed_at, reopened.outcome) == (State.REOPENED, None, None)
    assert reopened.reopened_count == 1
    assert lacks(
        closed_case(), State.REOPENED, reason="again", at=last_moment + timedelta(milliseconds=1)
    ) == [("to", "window_over")]


def test_a_case_of_retaliation_can_be_reopened_at_any_time() -> None:
    given = closed_case(intake_type=IntakeType.RETALIATION)

    reopened = moved(given, State.REOPENED, reason="dismissed", at=AT + timedelta(days=3650))

    assert reopened.case.state is State.REOPENED


def test_a_closed_case_that_does_not_know_since_when_can_be_reopened() -> None:
    given = case(state=State.CLOSED, closed_at=None)

    assert moved(given, State.REOPENED, reason="x").case.state is State.REOPENED


def test_an_inadmissible_case_can_be_appealed_once_with_a_reason() -> None:
    given = case(state=State.INADMISSIBLE)

    assert lacks(given, State.SCREENING) == [("reason", "missing")]
    appealed = moved(given, State.SCREENING, reason="it is about work").case
    assert appealed.appealed
    again = appealed.model_copy(update={"state": State.INADMISSIBLE})
    assert lacks(again, State.SCREENING, reason="really") == [("to", "already_appealed")]


def test_screening_that_is_no_appeal_needs_no_reason_and_uses_none_up() -> None:
    assert moved(case(state=State.REFERRED), State.SCREENING).case.appealed is False


# What a state brings with it


def test_acknowledging_and_admitting_stop_their_clocks() -> None:
    acknowledged = moved(case(), State.ACKNOWLEDGED).case
    admitted = moved(case(state=State.SCREENING), State.ADMISSIBLE).case

    assert acknowledged.acknowledged_at == LATER
    assert stopped(acknowledged) == {ClockKind.ACKNOWLEDGE}
    assert stopped(admitted) == {ClockKind.SCREENING}


def stopped(given: Case) -> set[ClockKind]:
    return {kind for kind, clock in given.clocks.items() if clock.met_at == LATER}


def test_closing_ends_the_hard_stop_and_the_check() -> None:
    given = case(state=State.SCREENING)

    closed = moved(
        given, State.CLOSED, outcome=Outcome.WITHDRAWN, root_cause=RootCause.UNKNOWN
    ).case

    assert (closed.closed_at, closed.check_due_at) == (LATER, None)
    assert stopped(closed) == {ClockKind.HARD_STOP}


def test_screening_again_sends_a_case_back_to_the_check_also_when_brands_were_told_before() -> None:
    def again(**progress: Any) -> tuple[Routing, datetime | None]:
        given = case(state=State.REOPENED, check_due_at=None, **progress)
        screened = moved(given, State.SCREENING).case
        return screened.routing, screened.check_due_at

    assert again(routing=Routing.NO_BRAND) == (Routing.PENDING, LATER)
    assert again(routing=Routing.NOT_ROUTED) == (Routing.NOT_ROUTED, None)
    assert again(routing=Routing.ALERTED, brand_notified_at=AT) == (Routing.PENDING, LATER)


HELD_AT = AT + timedelta(days=1)


def held(state: State, **progress: Any) -> Case:
    """A case that was put on hold in a state."""
    given = case(state=state, **progress)
    on_hold = moved(given, State.ON_HOLD, at=HELD_AT, reason="strike", until=LATER).case
    assert on_hold.hold == Hold(reason="strike", until=LATER, held_from=state)
    assert on_hold.check_due_at is None
    return on_hold


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        (State.ACKNOWLEDGED, {"acknowledged_at": AT, "check_due_at": None}),
        (State.ADMISSIBLE, {"routing": Routing.HELD, "check_due_at": None}),
        (State.FINDINGS, {"finding": Finding.GROUNDED, "check_due_at": None}),
        (State.REOPENED, {"reopened_count": 1, "check_due_at": None}),
    ],
)
def test_back_from_a_hold_a_case_is_what_it_was_and_nothing_is_demanded_again(
    state: State, progress: dict[str, Any]
) -> None:
    before = case(state=state, **{"routing": Routing.ALERTED, **progress})
    on_hold = held(state, **{"routing": Routing.ALERTED, **progress})

    back = moved(on_hold, state).case

    progress_of = {"version", "ledger_hash"}
    assert back.model_dump(exclude=progress_of) == before.model_dump(exclude=progress_of)
    assert back.version == before.version + 2


@pytest.mark.parametrize("routing", [Routing.PENDING, Routing.NO_BRAND, Routing.NEEDS_REVIEW])
def test_back_from_a_hold_a_case_that_waits_for_a_brand_is_checked(routing: Routing) -> None:
    back = moved(held(State.NOT_COVERED, routing=routing), State.NOT_COVERED).case

    assert (back.routing, back.check_due_at) == (routing, LATER)


def test_a_field_of_another_step_is_refused() -> None:
    """An intake officer must not decide about a case by the way."""
    with pytest.raises(ValidationFailed) as refused:
        moved(
            case(state=State.VERIFICATION), State.REMEDIATION, worker_verdict=WorkerVerdict.DISPUTED
        )

    assert list(refused.value.errors) == [
        FieldError("worker_verdict", "out_of_place", "Only a step to `closed` takes this field.")
    ]


# The record


def test_a_move_is_recorded_with_codes_and_times_and_commitments_to_words() -> None:
    changed = moved(
        case(state=State.VERIFICATION),
        State.CLOSED,
        **CLOSING,
        reason="Ms Li was paid",
        verification_evidence="transfer of 2026-11-20 to Ms Li",
        worker_verdict=WorkerVerdict.NOT_REACHED,
        contact_attempts=(AT, HELD_AT, LATER),
    )

    assert (changed.entry.seq, changed.entry.at, changed.entry.actor) == (2, LATER, "lead")
    assert changed.entry.action is Action.TRANSITIONED
    assert changed.entry.data == {
        "from": "verification",
        "to": "closed",
        "outcome": "resolved",
        "root_cause": "management_systems",
        "worker_verdict": "not_reached",
        "contact_attempts": [
            "2026-11-22T08:00:00.000Z",
            "2026-11-23T08:00:00.000Z",
            "2026-11-25T08:00:00.000Z",
        ],
        "reason": {"commitment": '<{"reason":"Ms Li was paid"}>'},
        "verification_evidence": {
            "commitment": '<{"verification_evidence":"transfer of 2026-11-20 to Ms Li"}>'
        },
    }
    assert (changed.case.version, changed.case.ledger_hash) == (2, changed.entry.hash)


def test_a_move_without_words_is_recorded_without_commitments() -> None:
    assert moved(case(), State.ACKNOWLEDGED).entry.data == {
        "from": "received",
        "to": "acknowledged",
    }


def test_a_move_changes_no_fact_and_no_severity() -> None:
    before = case(severity=Severity.S2)
    after = moved(before, State.ACKNOWLEDGED).case

    assert (after.facts, after.severity) == (before.facts, before.severity)
