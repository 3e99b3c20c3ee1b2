"""Who may send a case where: every cell of from, to and role against a table written by hand."""

from datetime import timedelta
from itertools import product

import pytest

from chalicelib.domain.cases.case import SYSTEM, Case, Hold
from chalicelib.domain.cases.transitions import ENDED, Transition, legal_targets, move
from chalicelib.domain.vocabulary import (
    Finding,
    InadmissibleReason,
    Outcome,
    Role,
    RootCause,
    State,
)
from chalicelib.errors import Forbidden, IllegalTransition
from tests.domain.values import AT, case, commitment

# who: a = intake, supervisor and the check; l = supervisor; b = supervisor and the check;
# c = the check alone; . = nobody. A case on hold was held while it was screened.
GRID = """
                rec ack scr adm ina ref nco not inv fin rem ver clo reo hol
received         .   a   .   .   .   .   .   .   .   .   .   .   l   .   l
acknowledged     .   .   a   .   .   .   .   .   .   .   .   .   l   .   l
screening        .   .   .   b   l   l   b   .   .   .   .   .   l   .   l
admissible       .   .   b   .   .   .   c   c   .   .   .   .   l   .   l
inadmissible     .   .   l   .   .   .   .   .   .   .   .   .   .   .   .
referred         .   .   l   .   .   .   .   .   .   .   .   .   l   .   l
not_covered      .   .   b   c   .   l   .   .   .   .   .   .   l   .   l
brand_notified   .   .   .   .   .   .   .   .   l   .   .   .   l   .   l
investigating    .   .   .   .   .   .   .   .   .   l   .   .   l   .   l
findings         .   .   .   .   .   .   .   .   .   .   l   .   l   .   l
remediation      .   .   .   .   .   .   .   .   .   .   .   l   l   .   l
verification     .   .   .   .   .   .   .   .   .   .   l   .   l   .   l
closed           .   .   .   .   .   .   .   .   .   .   .   .   .   l   .
reopened         .   .   l   .   .   .   .   .   l   .   .   .   l   .   l
on_hold          .   .   b   .   .   .   .   .   .   .   .   .   l   .   .
"""
WHO = {
    "a": {"partner_intake", "partner_supervisor", "system"},
    "l": {"partner_supervisor"},
    "b": {"partner_supervisor", "system"},
    "c": {"system"},
    ".": set(),
}
ROLES = (*Role, SYSTEM)


def grid() -> dict[tuple[State, State], set[str]]:
    """(from, to) → the roles that may."""
    lines = [line.split() for line in GRID.strip().splitlines()[1:]]
    states = [State(line[0]) for line in lines]
    assert states == list(State)
    cells = {}
    for start, line in zip(states, lines, strict=True):
        for goal, letter in zip(states, line[1:], strict=True):
            cells[start, goal] = WHO[letter]
    return cells


EXPECTED = grid()


def standing(state: State) -> Case:
    """A case in a state."""
    hold = Hold(reason="strike", until=AT, held_from=State.SCREENING)
    return case(
        state=state,
        hold=hold if state is State.ON_HOLD else None,
        closed_at=AT if state is State.CLOSED else None,
    )


def complete(goal: State) -> Transition:
    """A request that lacks nothing the goal demands."""
    return Transition(
        to=goal,
        reason="the worker asked for it",
        until=AT + timedelta(days=1) if goal is State.ON_HOLD else None,
        inadmissible_reason=InadmissibleReason.NOT_ABOUT_WORK
        if goal is State.INADMISSIBLE
        else None,
        finding=Finding.GROUNDED if goal is State.FINDINGS else None,
        outcome=Outcome.WITHDRAWN if goal is State.CLOSED else None,
        root_cause=RootCause.UNKNOWN if goal is State.CLOSED else None,
    )


def outcome_of(start: State, goal: State, role: str) -> str:
    """What becomes of the attempt, in one word."""
    try:
        moved = move(standing(start), complete(goal), role=role, by="x", at=AT, commit=commitment)
    except Forbidden:
        return "forbidden"
    except IllegalTransition:
        return "illegal"
    assert moved.case.state is goal
    return "moved"


def expected(start: State, goal: State, role: str) -> str:
    who = EXPECTED[start, goal]
    if role in who:
        return "moved"
    return "forbidden" if who and role != SYSTEM else "illegal"


@pytest.mark.parametrize("start", State)
def test_every_step_is_open_to_those_the_table_names_and_to_nobody_else(start: State) -> None:
    attempts = list(product(State, ROLES))

    found = {(goal, role): outcome_of(start, goal, role) for goal, role in attempts}

    assert found == {(goal, role): expected(start, goal, role) for goal, role in attempts}


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("role", ROLES)
def test_the_legal_targets_are_the_cells_of_the_table(start: State, role: str) -> None:
    targets = legal_targets(standing(start), role)

    assert len(targets) == len(set(targets))
    assert set(targets) == {goal for goal in State if role in EXPECTED[start, goal]}


def test_a_case_is_open_unless_it_was_closed_or_is_inadmissible() -> None:
    assert {State.CLOSED, State.INADMISSIBLE} == ENDED


@pytest.mark.parametrize("held_from", sorted(set(State) - ENDED - {State.ON_HOLD}))
def test_a_case_on_hold_goes_back_where_it_was_or_is_withdrawn_and_nowhere_else(
    held_from: State,
) -> None:
    hold = Hold(reason="strike", until=AT, held_from=held_from)
    held = case(state=State.ON_HOLD, hold=hold)

    assert {role: legal_targets(held, role) for role in ROLES if legal_targets(held, role)} == {
        "partner_supervisor": [held_from, State.CLOSED],
        "system": [held_from],
    }


def test_a_case_on_hold_whose_hold_is_lost_goes_nowhere() -> None:
    assert legal_targets(case(state=State.ON_HOLD, hold=None), SYSTEM) == []


def test_a_refusal_says_who_may() -> None:
    with pytest.raises(Forbidden) as refused:
        move(
            case(), Transition(to=State.ON_HOLD), role=Role.PARTNER_INTAKE, by="x", at=AT,
            commit=commitment,
        )  # fmt: skip

    assert refused.value.detail == "From `received` to `on_hold`: only partner_supervisor."


@pytest.mark.parametrize(
    ("role", "detail"),
    [
        (
            Role.PARTNER_SUPERVISOR,
            "From `received` your role may move this case to: `acknowledged`, `on_hold`, `closed`.",
        ),
        (Role.PARTNER_INTAKE, "From `received` your role may move this case to: `acknowledged`."),
        (Role.BRAND, "From `received` your role may move this case to: nowhere."),
    ],
)
def test_a_refusal_says_where_else(role: Role, detail: str) -> None:
    with pytest.raises(IllegalTransition) as refused:
        move(case(), Transition(to=State.FINDINGS), role=role, by="x", at=AT, commit=commitment)

    assert refused.value.detail == detail
