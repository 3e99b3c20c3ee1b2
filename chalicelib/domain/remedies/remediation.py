"""A brand's plan to put a wrong right: what it will do, until when, and whether it did.

A plan has a life of its own; `TABLE` is all of it. The brand writes and reports, the case's partner
accepts, sends back and verifies. Each function returns the plan as it is then; what it means for
the case is in `domain.remedies.remedy`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.references import timed_id
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.rules import LONGEST_PLAN
from chalicelib.domain.text import Line, Prose
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import PlanState
from chalicelib.errors import (
    FieldError,
    IllegalTransition,
    NotFound,
    StateConflict,
    ValidationFailed,
)


class PlanStep(StrEnum):
    """What can be done to a plan: by the partner, or (`replace`, `complete_action`) the brand."""

    ACCEPT = "accept"
    RETURN = "return"
    REPLACE = "replace"
    COMPLETE_ACTION = "complete_action"
    VERIFY_ACTION = "verify_action"


TABLE: Mapping[PlanState, Sequence[PlanStep]] = {
    PlanState.SUBMITTED: (PlanStep.ACCEPT, PlanStep.RETURN, PlanStep.REPLACE),
    PlanState.RETURNED: (PlanStep.REPLACE,),
    PlanState.ACCEPTED: (PlanStep.COMPLETE_ACTION, PlanStep.VERIFY_ACTION, PlanStep.RETURN),
    PlanState.DONE: (PlanStep.VERIFY_ACTION, PlanStep.RETURN),
    PlanState.SUPERSEDED: (),
    PlanState.VERIFIED: (),
}
"""State → what can be done. A new version replaces what was not accepted; an accepted plan binds
the brand until the partner sends it back."""

RUNNING = frozenset({PlanState.ACCEPTED, PlanState.DONE})
"""States of a plan that the partner waits for."""

MOST_ACTIONS = 15
MOST_COMPLETIONS = 3
LONGEST_STATEMENT = 4_000
"""With these a plan fits one item (400 KB), whatever the script."""

MOST_VERSIONS = 20
"""Plans that one brand may submit about one case."""

_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)
"""How far the dates of the places on Earth lie apart from UTC's."""


class NewAction(Value):
    """One thing that the brand will do or have done."""

    what: Annotated[Line, Field(description="What will be done.")]
    owner: Annotated[
        Line,
        Field(
            max_length=100,
            description="Who sees to it, as a function (`HR manager`), never a person's name.",
        ),
    ]
    due_on: Annotated[date, Field(description="The last day on which it is done in time.")]
    evidence: Annotated[Line, Field(description="What will show that it was done.")]


class NewPlan(Value):
    """A remediation plan as its brand submits it."""

    statement: Annotated[
        Prose,
        Field(
            max_length=LONGEST_STATEMENT,
            description="What you make of the case. The partner reads it. Name no worker.",
        ),
    ]
    actions: Annotated[tuple[NewAction, ...], Field(min_length=1, max_length=MOST_ACTIONS)]


class PlanReturn(Value):
    """Why a plan is sent back."""

    reason: Annotated[Line, Field(description="The brand reads it. Name no worker.")]


class NewCompletion(Value):
    """A report that an action was done."""

    done_on: date
    evidence: Annotated[
        Line, Field(description="What shows that it was done. The partner reads it.")
    ]


class NewVerification(Value):
    """Whether an action was really done, as far as the partner can tell."""

    verified: Annotated[bool, Field(description="`false` asks the brand to do or report it anew.")]
    how: Annotated[
        Line,
        Field(description="How you looked, and what you found. The brand reads it: no worker."),
    ]
    remedy: Annotated[
        Remedy | None,
        Field(
            description="What the worker got by it: joins what the case says already. The brand "
            "does not read it."
        ),
    ] = None


class Verification(Value):
    """What the partner found; a text is null where it was erased."""

    verified: bool
    how: str | None = None
    at: Moment


class Completion(Value):
    """What the brand reported of an action, and what the partner found."""

    done_on: date
    evidence: str | None = None
    at: Moment
    verification: Verification | None = None


class PlannedAction(Value):
    """An action of a plan, with every report of it; a text is null where it was erased."""

    what: str | None = None
    owner: str | None = None
    due_on: date
    evidence: str | None = None
    completions: tuple[Completion, ...] = ()

    @property
    def latest(self) -> Completion | None:
        """The latest report, where there is one."""
        return self.completions[-1] if self.completions else None

    @property
    def is_reported(self) -> bool:
        """Whether it was reported done, and the partner has not found otherwise."""
        return self.latest is not None and (self._found is None or self._found.verified)

    @property
    def is_verified(self) -> bool:
        """Whether the partner has found that it was done."""
        return self._found is not None and self._found.verified

    @property
    def _found(self) -> Verification | None:
        return self.latest.verification if self.latest is not None else None


class RemediationPlan(Value):
    """One version of a brand's plan: a row in the case's item collection."""

    plan_id: str
    grievance_id: str
    brand_id: str
    alert_id: str
    number: int
    state: PlanState
    statement: str | None = None
    actions: tuple[PlannedAction, ...]
    submitted_at: Moment
    accepted_at: Moment | None = None
    returned_at: Moment | None = None
    return_reason: str | None = None
    revision: int = 1

    @property
    def last_due_on(self) -> date:
        """The day by which everything is to be done."""
        return max(action.due_on for action in self.actions)

    def changed_to(self, **updates: Any) -> "RemediationPlan":
        """The plan with `updates`, one revision on."""
        return self.model_copy(update={**updates, "revision": self.revision + 1})

    def with_action(
        self, number: int, action: PlannedAction, state: PlanState
    ) -> "RemediationPlan":
        """The plan with one of its actions replaced, in this state."""
        actions = (*self.actions[: number - 1], action, *self.actions[number:])
        return self.changed_to(actions=actions, state=state)

    def action(self, number: int) -> PlannedAction:
        """The action of this number, counted from 1. NotFound."""
        if not 1 <= number <= len(self.actions):
            raise NotFound()
        return self.actions[number - 1]

    def without_words(self) -> "RemediationPlan":
        """The plan without what people wrote in it: states and dates stay."""
        bare = tuple(_bare(action) for action in self.actions)
        words = {"statement": None, "return_reason": None, "actions": bare}
        return self if self.model_copy(update=words) == self else self.changed_to(**words)


def _bare(action: PlannedAction) -> PlannedAction:
    completions = tuple(
        done.model_copy(
            update={
                "evidence": None,
                "verification": done.verification
                and done.verification.model_copy(update={"how": None}),
            }
        )
        for done in action.completions
    )
    words = dict.fromkeys(("what", "owner", "evidence"))
    return action.model_copy(update={**words, "completions": completions})


def refuse_step(plan: RemediationPlan, step: PlanStep) -> None:
    """Raises IllegalTransition, which names what can be done, where this cannot."""
    if step in TABLE[plan.state]:
        return
    legal = ", ".join(f"`{each}`" for each in TABLE[plan.state]) or "nothing any more"
    raise IllegalTransition(f"What can be done to a plan that is `{plan.state}`: {legal}.")


def submitted(
    wish: NewPlan,
    earlier: Sequence[RemediationPlan],
    *,
    grievance_id: str,
    brand_id: str,
    alert_id: str,
    seed: str,
    at: datetime,
) -> tuple[RemediationPlan, RemediationPlan | None]:
    """The new plan, and the brand's version before it as superseded where it was still open.

    `earlier` are the brand's plans about the case, oldest first; `seed` tells two plans of one
    moment apart. Raises IllegalTransition (an accepted plan is not replaced by its brand alone),
    StateConflict (too many versions), ValidationFailed (dates).
    """
    _refuse_impossible_dates(wish, at)
    if len(earlier) >= MOST_VERSIONS:
        raise StateConflict(f"A case takes {MOST_VERSIONS} plans. Talk to the partner directly.")
    before = earlier[-1] if earlier else None
    superseded = None
    if before is not None and before.state is not PlanState.VERIFIED:
        refuse_step(before, PlanStep.REPLACE)
        superseded = before.changed_to(state=PlanState.SUPERSEDED)
    plan = RemediationPlan(
        plan_id=timed_id("rp", at, grievance_id, seed),
        grievance_id=grievance_id,
        brand_id=brand_id,
        alert_id=alert_id,
        number=len(earlier) + 1,
        state=PlanState.SUBMITTED,
        statement=wish.statement,
        actions=tuple(PlannedAction(**dict(action)) for action in wish.actions),
        submitted_at=at,
    )
    return plan, superseded


def accepted(plan: RemediationPlan, at: datetime) -> RemediationPlan:
    """The plan, agreed to. IllegalTransition."""
    refuse_step(plan, PlanStep.ACCEPT)
    return plan.changed_to(state=PlanState.ACCEPTED, accepted_at=at)


def returned(plan: RemediationPlan, reason: str, at: datetime) -> RemediationPlan:
    """The plan, sent back for a better one. IllegalTransition."""
    refuse_step(plan, PlanStep.RETURN)
    return plan.changed_to(state=PlanState.RETURNED, returned_at=at, return_reason=reason)


def completed(
    plan: RemediationPlan, number: int, wish: NewCompletion, at: datetime
) -> RemediationPlan:
    """The plan with a report that an action was done; the last one makes it `done`.

    Raises NotFound, IllegalTransition (the plan is not accepted), StateConflict (reported already,
    or too often), ValidationFailed (not yet done).
    """
    action = plan.action(number)
    refuse_step(plan, PlanStep.COMPLETE_ACTION)
    if action.is_reported:
        raise StateConflict("This action was reported done. The partner verifies it.")
    if len(action.completions) >= MOST_COMPLETIONS:
        raise StateConflict("This action was reported too often. Ask for the plan to be sent back.")
    if wish.done_on > (at + _EAST).date():
        raise _wrong("done_on", "in_the_future", "Report an action once it has been done.")
    report = Completion(done_on=wish.done_on, evidence=wish.evidence, at=at)
    reported = action.model_copy(update={"completions": (*action.completions, report)})
    after = plan.with_action(number, reported, plan.state)
    all_reported = all(each.is_reported for each in after.actions)
    return after.model_copy(update={"state": PlanState.DONE}) if all_reported else after


def verified(
    plan: RemediationPlan, number: int, wish: NewVerification, at: datetime
) -> RemediationPlan:
    """The plan with what the partner found about an action; the last good one makes it `verified`,
    a bad one opens what was done again.

    Raises NotFound, ValidationFailed (a remedy of what was not done), IllegalTransition (the plan
    is not running), StateConflict (nothing is reported that was not looked at).
    """
    action = plan.action(number)
    if wish.remedy is not None and not wish.verified:
        raise _wrong("remedy", "out_of_place", "Only what was done is a remedy.")
    refuse_step(plan, PlanStep.VERIFY_ACTION)
    report = action.latest
    if report is None or report.verification is not None:
        raise StateConflict("The brand has reported nothing about this action to be verified.")
    found = Verification(verified=wish.verified, how=wish.how, at=at)
    looked_at = report.model_copy(update={"verification": found})
    changed = action.model_copy(update={"completions": (*action.completions[:-1], looked_at)})
    state = plan.state if wish.verified else PlanState.ACCEPTED
    after = plan.with_action(number, changed, state)
    all_good = all(each.is_verified for each in after.actions)
    return after.model_copy(update={"state": PlanState.VERIFIED}) if all_good else after


def _refuse_impossible_dates(wish: NewPlan, at: datetime) -> None:
    earliest, latest = (at - _WEST).date(), (at + LONGEST_PLAN).date()
    found = []
    for number, action in enumerate(wish.actions):
        field = f"actions.{number}.due_on"
        if action.due_on < earliest:
            found.append(FieldError(field, "in_the_past", "Give a day that lies ahead."))
        if action.due_on > latest:
            days = LONGEST_PLAN.days
            detail = f"Give a day within {days} days, and plan what comes later then."
            found.append(FieldError(field, "too_far_ahead", detail))
    if found:
        raise ValidationFailed(errors=found)


def _wrong(field: str, code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(field, code, detail)])
