"""A brand says how it will put things right."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.remedies.remediation import NewPlan, RemediationPlan, submitted
from chalicelib.domain.remedies.remedy import case_with_plan, refuse_ended
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import alert_to_work_on
from chalicelib.usecases.work.retried import retried


def submit_plan(alert_id: str, wish: NewPlan, *, by: Principal, deps: Deps) -> RemediationPlan:
    """Keep the brand's plan with the case; its own version before that was open is superseded.

    A plan answers the alert, too, and the first one stops the clock of the plan.
    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (the case has ended, a
    recall, too many versions), IllegalTransition (the last one was accepted), ValidationFailed,
    VersionConflict.
    """
    return retried(lambda: _submitted(alert_id, wish, by, deps))


def _submitted(alert_id: str, wish: NewPlan, by: Principal, deps: Deps) -> RemediationPlan:
    _, case = alert_to_work_on(alert_id, by=by, deps=deps)
    refuse_ended(case)
    at = deps.now()
    plan, superseded = submitted(
        wish,
        deps.plans.all_of(case.grievance_id, brand_id=by.organisation),
        grievance_id=case.grievance_id,
        brand_id=by.organisation,
        alert_id=alert_id,
        seed=str(case.version + 1),
        at=at,
    )
    changed = case_with_plan(
        case,
        plan,
        wish,
        by=ledger_actor(by, deps.keyring),
        at=at,
        commit=committer(case, deps.keyring),
    )
    rows = [deps.plans.new_row(plan), deps.alerts.answered_row(alert_id, at)]
    if superseded is not None:
        rows.append(deps.plans.changed_row(superseded))
    deps.cases.save(changed.case, changed.entry, rows)
    return plan
