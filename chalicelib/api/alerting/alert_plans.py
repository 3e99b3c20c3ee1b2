"""How a brand puts right what it was alerted about: plans, and reports of what was done."""

from chalicelib import errors
from chalicelib.api.alerting.plan_views import PlanView, plan_view
from chalicelib.api.audiences import DESK
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.remedies.remediation import NewCompletion, NewPlan
from chalicelib.usecases.remedies.complete_action import complete_action as use_complete_action
from chalicelib.usecases.remedies.read_plans import list_alert_plans as use_list_alert_plans
from chalicelib.usecases.remedies.submit_plan import submit_plan as use_submit_plan

audience = Audience(__name__, "Brands")
blueprint = audience.blueprint

_SHARED = (
    errors.EngagementNotActive,
    errors.ConsentWithdrawn,
    errors.NotFound,
    errors.StateConflict,
)


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/plans",
    roles=DESK,
    body=NewPlan,
    replies={201: PlanView},
    raises=[*_SHARED, errors.IllegalTransition, errors.VersionConflict],
    example={
        "statement": "The factory has not paid two months' wages. We advance what it owes.",
        "actions": [
            {
                "what": "Pay September and October to all workers of the line.",
                "owner": "Finance director of the factory",
                "due_on": "2026-12-15",
                "evidence": "Bank transfers and signed payslips.",
            }
        ],
    },
)
def submit_plan(call: Call) -> Reply:
    """Submit a remediation plan, or a new version of it.

    It answers the alert, too. A version that the partner has not accepted is superseded; one that
    was accepted stands until the partner sends it back.
    """
    plan = use_submit_plan(call.path["alert_id"], call.body, by=call.by, deps=call.deps)
    return Reply(plan_view(plan), 201)


@audience.route(
    "GET",
    "/v1/alerts/{alert_id}/plans",
    roles=DESK,
    query=Paging,
    replies={200: Listing[PlanView]},
    raises=[*_SHARED, errors.InvalidCursor],
)
def list_alert_plans(call: Call) -> Reply:
    """List your remediation plans about the case of an alert, all versions, newest first."""
    alert_id = call.path["alert_id"]
    return list_reply(
        call,
        Listing[PlanView],
        lambda limit, start: use_list_alert_plans(
            alert_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        plan_view,
        f"/v1/alerts/{alert_id}/plans",
    )


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/plans/{remediation_plan_id}/actions/{action_number}/completion",
    roles=DESK,
    body=NewCompletion,
    replies={200: PlanView},
    raises=[*_SHARED, errors.IllegalTransition, errors.VersionConflict],
    example={"done_on": "2026-11-20", "evidence": "34 transfers of 20 November, payslips signed."},
)
def complete_action(call: Call) -> Reply:
    """Report that an action of your accepted plan was done; the partner verifies it.

    Once every action is reported the plan is `done`.
    """
    plan = use_complete_action(
        call.path["alert_id"],
        call.path["remediation_plan_id"],
        int(call.path["action_number"]),
        call.body,
        by=call.by,
        deps=call.deps,
    )
    return Reply(plan_view(plan))
