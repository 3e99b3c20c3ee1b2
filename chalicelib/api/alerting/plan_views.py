"""A remediation plan as its brand and the case's partner see it: the same for both."""

from datetime import date
from typing import Annotated

from pydantic import Field

from chalicelib.api.views import shown
from chalicelib.domain.remedies.remediation import PlannedAction, RemediationPlan
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import PlanState


class PlanView(Value):
    """One version of a brand's remediation plan. Texts are null where they were erased."""

    plan_id: str
    brand_id: str
    alert_id: str
    number: Annotated[int, Field(description="Of the brand's versions, from 1.")]
    state: PlanState
    statement: str | None
    actions: tuple[PlannedAction, ...]
    last_due_on: date
    submitted_at: Moment
    accepted_at: Moment | None
    returned_at: Moment | None
    return_reason: str | None


def plan_view(plan: RemediationPlan) -> PlanView:
    """A plan for its brand and for the partner of the case. Who acted at the partner's is not
    said: a brand is never told who the partner is."""
    return shown(PlanView, plan)
