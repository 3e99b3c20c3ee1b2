"""A remediation plan of one's own case, or of one's own brand; or nothing at all."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.cases.case import Case
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.errors import ConsentWithdrawn, NotFound, StateConflict
from chalicelib.usecases.alerting.own_alert import (
    AlertOfCase,
    own_alert_with_case,
    read_alert,
    the_one_case,
)


def plan_of_case(case: Case, plan_id: str, *, deps: Deps) -> RemediationPlan:
    """The plan, if it is about this case. NotFound."""
    plan = deps.plans.get(case.grievance_id, plan_id)
    if plan is None:
        raise NotFound()
    return plan


def plan_of_brand(case: Case, plan_id: str, *, by: Principal, deps: Deps) -> RemediationPlan:
    """The plan, if the caller's brand submitted it. NotFound, also for another brand's."""
    plan = plan_of_case(case, plan_id, deps=deps)
    if plan.brand_id != by.organisation:
        raise NotFound()
    return plan


def alert_to_work_on(alert_id: str, *, by: Principal, deps: Deps) -> AlertOfCase:
    """The caller's alert with its case, if the two may still work on it together.

    Raises what `own_alert` raises, StateConflict (a recall asks for nothing but to forget),
    ConsentWithdrawn.
    """
    alert, case = own_alert_with_case(alert_id, by=by, deps=deps)
    _refuse_unless_shared(alert, case)
    return AlertOfCase(alert, case)


def read_alert_to_work_on(alert_id: str, *, by: Principal, deps: Deps) -> AlertOfCase:
    """The same to read only: one call, and one for the engagement.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (a recall, or a
    coalition).
    """
    alert, record = read_alert(alert_id, by=by, deps=deps)
    case = the_one_case(record)
    _refuse_unless_shared(alert, case)
    return AlertOfCase(alert, case)


def _refuse_unless_shared(alert: Alert, case: Case) -> None:
    """Raises StateConflict for a recall, ConsentWithdrawn where nothing may be shown any more."""
    if alert.is_recall:
        raise StateConflict("A recall asks you to forget. There is nothing to work on together.")
    if alert.shown(case) is None:
        raise ConsentWithdrawn()
