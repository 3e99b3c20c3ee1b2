"""A partner agrees to a brand's plan, or sends it back."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.remedies.remediation import RemediationPlan, accepted, returned
from chalicelib.domain.remedies.remedy import (
    case_with_plan_accepted,
    case_with_plan_returned,
    refuse_ended,
)
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import plan_of_case
from chalicelib.usecases.work.retried import retried


def accept_plan(grievance_id: str, plan_id: str, *, by: Principal, deps: Deps) -> RemediationPlan:
    """Agree to a plan; a case with its findings moves on to remediation.

    Raises NotFound, IllegalTransition, StateConflict (the case has ended), VersionConflict.
    """
    return retried(lambda: _accepted(grievance_id, plan_id, by, deps))


def _accepted(grievance_id: str, plan_id: str, by: Principal, deps: Deps) -> RemediationPlan:
    case = own_case(grievance_id, by=by, deps=deps)
    plan, at = plan_of_case(case, plan_id, deps=deps), deps.now()
    refuse_ended(case)
    agreed = accepted(plan, at)
    actor = ledger_actor(by, deps.keyring)
    changed = case_with_plan_accepted(case, agreed, role=by.role, by=actor, at=at)
    deps.cases.save(changed.case, changed.entry, [deps.plans.changed_row(agreed)])
    return agreed


def return_plan(
    grievance_id: str, plan_id: str, reason: str, *, by: Principal, deps: Deps
) -> RemediationPlan:
    """Send a plan back, accepted or not: the brand submits another version.

    Raises NotFound, IllegalTransition, StateConflict (the case has ended), VersionConflict.
    """
    return retried(lambda: _returned(grievance_id, plan_id, reason, by, deps))


def _returned(
    grievance_id: str, plan_id: str, reason: str, by: Principal, deps: Deps
) -> RemediationPlan:
    case = own_case(grievance_id, by=by, deps=deps)
    plan, at = plan_of_case(case, plan_id, deps=deps), deps.now()
    refuse_ended(case)
    back = returned(plan, reason, at)
    changed = case_with_plan_returned(
        case,
        back,
        reason,
        by=ledger_actor(by, deps.keyring),
        at=at,
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry, [deps.plans.changed_row(back)])
    return back
