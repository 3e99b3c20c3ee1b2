"""What can be done to a plan: every cell of state and step against a table written by hand."""

from datetime import date, timedelta
from itertools import pairwise, product

import pytest

from chalicelib.domain.calendars import end_of
from chalicelib.domain.references import timed_id
from chalicelib.domain.remedies.remediation import (
    TABLE,
    NewAction,
    NewPlan,
    PlanStep,
    RemediationPlan,
    refuse_step,
    submitted,
)
from chalicelib.domain.vocabulary import PlanState
from chalicelib.errors import IllegalTransition
from tests.domain.values import AT, GRIEVANCE_ID

GRID = """
            accept return replace complete_action verify_action
submitted     y      y      y          .                .
returned      .      .      y          .                .
accepted      .      y      .          y                y
superseded    .      .      .          .                .
done          .      y      .          .                y
verified      .      .      .          .                .
"""
WISH = NewPlan(
    statement="We pay.",
    actions=(NewAction(what="Pay.", owner="HR", due_on=date(2026, 12, 31), evidence="Slips."),),
)


def plan(state: PlanState = PlanState.SUBMITTED) -> RemediationPlan:
    new, _ = submitted(
        WISH, (), grievance_id=GRIEVANCE_ID, brand_id="acme", alert_id="a_1", seed="3", at=AT
    )
    return new.model_copy(update={"state": state})


def cells() -> dict[tuple[PlanState, PlanStep], bool]:
    head, *lines = [line.split() for line in GRID.strip().splitlines()]
    return {
        (PlanState(state), PlanStep(step)): mark == "y"
        for state, *marks in lines
        for step, mark in zip(head, marks, strict=True)
    }


def test_the_table_knows_every_state() -> None:
    assert set(TABLE) == set(PlanState) == {state for state, _ in cells()}


@pytest.mark.parametrize(("state", "step"), [*product(PlanState, PlanStep)])
def test_what_the_table_does_not_name_is_refused_with_what_it_does(
    state: PlanState, step: PlanStep
) -> None:
    if cells()[state, step]:
        refuse_step(plan(state), step)
        return
    with pytest.raises(IllegalTransition) as refused:
        refuse_step(plan(state), step)
    for other in PlanStep:
        assert (f"`{other}`" in refused.value.detail) is cells()[state, other]


def test_a_plan_without_words_says_the_rest_and_nothing_changes_twice() -> None:
    bare = plan().without_words()

    assert (bare.statement, bare.actions[0].what, bare.last_due_on) == (
        None,
        None,
        date(2026, 12, 31),
    )
    assert bare.revision == 2
    assert bare.without_words() is bare


def test_ids_that_begin_with_the_time_lie_in_its_order() -> None:
    moments = [AT + timedelta(milliseconds=number**5) for number in range(200)]
    ids = [timed_id("rp", moment, GRIEVANCE_ID, "3") for moment in moments]

    assert all(one < two for one, two in pairwise(dict.fromkeys(ids)))
    assert {len(each) for each in ids} == {29}
    assert timed_id("rp", AT, "x") != timed_id("rp", AT, "y")


def test_a_day_is_over_at_midnight_of_its_place() -> None:
    assert end_of(date(2026, 12, 31), "CN").isoformat() == "2026-12-31T16:00:00+00:00"
    assert end_of(date(2026, 12, 31), None).isoformat() == "2027-01-01T00:00:00+00:00"
