"""A partner says whether an action that was reported done was done."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.remedies.remediation import NewVerification, RemediationPlan, verified
from chalicelib.domain.remedies.remedy import case_with_action_verified, refuse_ended
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import plan_of_case
from chalicelib.usecases.work.retried import retried


def verify_action(
    grievance_id: str,
    plan_id: str,
    number: int,
    wish: NewVerification,
    *,
    by: Principal,
    deps: Deps,
) -> RemediationPlan:
    """Keep what the partner found; once every action is verified, so is the plan, and the clock of
    verification stops with the last plan that was awaited.

    Raises NotFound, ValidationFailed (a remedy of what was not done), IllegalTransition (the plan
    is not running), StateConflict (nothing was reported, or the case has ended), VersionConflict.
    """
    return retried(lambda: _verified(grievance_id, plan_id, number, wish, by, deps))


def _verified(
    grievance_id: str,
    plan_id: str,
    number: int,
    wish: NewVerification,
    by: Principal,
    deps: Deps,
) -> RemediationPlan:
    case = own_case(grievance_id, by=by, deps=deps)
    plan, at = plan_of_case(case, plan_id, deps=deps), deps.now()
    refuse_ended(case)
    after = verified(plan, number, wish, at)
    others = [each for each in deps.plans.all_of(grievance_id) if each.plan_id != plan_id]
    changed = case_with_action_verified(
        case,
        after,
        number,
        wish,
        others,
        by=ledger_actor(by, deps.keyring),
        at=at,
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry, [deps.plans.changed_row(after)])
    return after
