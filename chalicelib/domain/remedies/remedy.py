"""What a remediation plan, or a remedy, does to its case: clocks, the way of its life, the record.

Entries hold codes, dates and the plan's id in clear, and keyed commitments to what was written.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from chalicelib.domain.calendars import end_of
from chalicelib.domain.cases.case import Case, Changed, Clock
from chalicelib.domain.cases.transitions import ENDED, Transition, legal_targets, step
from chalicelib.domain.record.ledger import Action, Commit, commitment
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.remedies.remediation import (
    RUNNING,
    NewCompletion,
    NewPlan,
    NewVerification,
    RemediationPlan,
)
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import PlanState, State
from chalicelib.errors import StateConflict


def refuse_ended(case: Case) -> None:
    """StateConflict where the case is over: nothing is remedied in it any more."""
    if case.state in ENDED:
        raise StateConflict(f"The case is `{case.state}`. The partner can reopen it.")


def case_with_plan(
    case: Case, plan: RemediationPlan, wish: NewPlan, *, by: str, at: datetime, commit: Commit
) -> Changed:
    """The case once a plan is submitted. It answers the alert; the first one stops the clock."""
    clocks = case.clocks
    for kind in _STOPPED_BY_A_PLAN:
        clocks = case.model_copy(update={"clocks": clocks}).with_clock_met(kind, at)
    data = {
        **_named(plan),
        "number": plan.number,
        "actions": len(plan.actions),
        "last_due_on": plan.last_due_on.isoformat(),
        "alert_id": commitment("alert_id", plan.alert_id, commit),
        "plan": commitment("plan", wish.model_dump(mode="json"), commit),
    }
    return case.recorded(
        Action.PLAN_SUBMITTED,
        by=by,
        at=at,
        data=data,
        private={"alert_id": plan.alert_id},
        plan_at=case.plan_at or at,
        brand_acknowledged_at=case.brand_acknowledged_at or at,
        brand_first_reply_at=case.brand_first_reply_at or at,
        clocks=clocks,
        **case.words_added,
    )


_STOPPED_BY_A_PLAN = (
    ClockKind.BRAND_ACKNOWLEDGES,
    ClockKind.BRAND_FIRST_REPLY,
    ClockKind.REMEDIATION_PLAN,
)


def case_with_plan_accepted(
    case: Case, plan: RemediationPlan, *, role: str, by: str, at: datetime
) -> Changed:
    """The case once a plan is agreed to: from its findings it moves on to remediation, where who
    accepts may send it there; the clock of verification runs from the plan's last day."""
    data: dict[str, Any] = _named(plan)
    updates: dict[str, Any] = {}
    if case.state is State.FINDINGS and State.REMEDIATION in legal_targets(case, role):
        data |= {"from": case.state, "to": State.REMEDIATION}
        updates |= step(case, Transition(to=State.REMEDIATION), role=role, at=at)
    clocks = {**case.clocks, ClockKind.VERIFY: _verified_by(case, plan, at)}
    return case.recorded(
        Action.PLAN_ACCEPTED, by=by, at=at, data=data, **{**updates, "clocks": clocks}
    )


def _verified_by(case: Case, plan: RemediationPlan, at: datetime) -> Clock:
    """The clock that an accepted plan starts. One that runs already only moves on: another brand's
    plan may run longer."""
    starts = case.started_clock(ClockKind.VERIFY, end_of(plan.last_due_on, case.law))
    running = case.clocks.get(ClockKind.VERIFY)
    if running is None:
        return starts
    if running.met_at is None and running.due_at >= starts.due_at:
        return running
    return starts.model_copy(update={"breached_at": running.ran_out_at(at)})


def case_with_plan_returned(
    case: Case, plan: RemediationPlan, reason: str, *, by: str, at: datetime, commit: Commit
) -> Changed:
    """The case once a plan was sent back."""
    data = {**_named(plan), "reason": commitment("reason", reason, commit)}
    return case.recorded(Action.PLAN_RETURNED, by=by, at=at, data=data, **case.words_added)


def case_with_action_completed(
    case: Case,
    plan: RemediationPlan,
    number: int,
    wish: NewCompletion,
    *,
    by: str,
    at: datetime,
    commit: Commit,
) -> Changed:
    """The case once its brand has reported that an action was done."""
    data = {
        **_named(plan),
        "action": number,
        "done_on": wish.done_on.isoformat(),
        "evidence": commitment("evidence", wish.evidence, commit),
    }
    return case.recorded(Action.PLAN_ACTION_COMPLETED, by=by, at=at, data=data, **case.words_added)


def case_with_action_verified(
    case: Case,
    plan: RemediationPlan,
    number: int,
    wish: NewVerification,
    others: Collection[RemediationPlan],
    *,
    by: str,
    at: datetime,
    commit: Commit,
) -> Changed:
    """The case once the partner has looked at an action; the last plan that is verified stops the
    clock. `others` are all other plans of the case. The remedy is the case's: its brand reads the
    plan."""
    data = {
        **_named(plan),
        "action": number,
        "verified": wish.verified,
        "how": commitment("how", wish.how, commit),
    }
    updates: dict[str, Any] = dict(case.words_added)
    if wish.remedy is not None:
        data["remedy"] = _codes(wish.remedy)
        updates["remedy"] = case.remedy.with_more(wish.remedy) if case.remedy else wish.remedy
    awaited = any(other.state in RUNNING for other in others)
    over = plan.state is PlanState.VERIFIED and not awaited
    clocks = case.with_clock_met(ClockKind.VERIFY, at) if over else case.clocks
    return case.recorded(
        Action.PLAN_ACTION_VERIFIED, by=by, at=at, data=data, clocks=clocks, **updates
    )


def case_with_remedy(case: Case, remedy: Remedy | None, *, by: str, at: datetime) -> Changed | None:
    """The case with another remedy on record, whatever state it is in; None where it is the same.

    People are paid long after a case has ended. The entry holds what an auditor's row shows, before
    and after.
    """
    if remedy == case.remedy:
        return None
    return case.recorded(
        Action.REMEDY_RECORDED,
        by=by,
        at=at,
        data={"remedy": [_codes(case.remedy), _codes(remedy)]},
        remedy=remedy,
    )


def _codes(remedy: Remedy | None) -> dict[str, Any] | None:
    return None if remedy is None else remedy.model_dump(mode="json", exclude_none=True)


def _named(plan: RemediationPlan) -> dict[str, Any]:
    return {"plan_id": plan.plan_id, "plan_state": plan.state}
