"""The remediation plans of a case, for its partner and for the brand that submitted them."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.remedies.own_plan import read_alert_to_work_on


def list_case_plans(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[RemediationPlan]:
    """A page of all plans about the case, newest first. NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    return deps.plans.page(case.grievance_id, limit, start)


def list_alert_plans(
    alert_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[RemediationPlan]:
    """A page of the caller's own plans about the case of an alert, newest first.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (a recall,
    or a coalition).
    """
    _, case = read_alert_to_work_on(alert_id, by=by, deps=deps)
    return deps.plans.page(case.grievance_id, limit, start, brand_id=by.organisation)
