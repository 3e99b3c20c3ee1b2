"""A brand reports that an action of its plan was done."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.remedies.remediation import NewCompletion, RemediationPlan, completed
from chalicelib.domain.remedies.remedy import case_with_action_completed, refuse_ended
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import alert_to_work_on, plan_of_brand
from chalicelib.usecases.work.retried import retried


def complete_action(
    alert_id: str, plan_id: str, number: int, wish: NewCompletion, *, by: Principal, deps: Deps
) -> RemediationPlan:
    """Keep the report with the plan; once all actions are reported, the plan is `done`.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, IllegalTransition (the plan is not
    accepted), StateConflict (reported already, too often, the case has ended), ValidationFailed,
    VersionConflict.
    """
    return retried(lambda: _completed(alert_id, plan_id, number, wish, by, deps))


def _completed(
    alert_id: str, plan_id: str, number: int, wish: NewCompletion, by: Principal, deps: Deps
) -> RemediationPlan:
    _, case = alert_to_work_on(alert_id, by=by, deps=deps)
    plan, at = plan_of_brand(case, plan_id, by=by, deps=deps), deps.now()
    refuse_ended(case)
    after = completed(plan, number, wish, at)
    changed = case_with_action_completed(
        case,
        after,
        number,
        wish,
        by=ledger_actor(by, deps.keyring),
        at=at,
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry, [deps.plans.changed_row(after)])
    return after
