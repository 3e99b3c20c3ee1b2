"""What brands promise about a grievance, as its partner reads, decides and verifies it."""

from chalicelib import errors
from chalicelib.api.alerting.plan_views import PlanView, plan_view
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.remedies.remediation import NewVerification, PlanReturn
from chalicelib.usecases.remedies.decide_plan import accept_plan as use_accept_plan
from chalicelib.usecases.remedies.decide_plan import return_plan as use_return_plan
from chalicelib.usecases.remedies.read_plans import list_case_plans as use_list_case_plans
from chalicelib.usecases.remedies.verify_action import verify_action as use_verify_action

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint

_PLAN = "/v1/grievances/{grievance_id}/plans/{remediation_plan_id}"
_REFUSALS = (
    errors.NotFound,
    errors.IllegalTransition,
    errors.StateConflict,
    errors.VersionConflict,
)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/plans",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[PlanView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_plans(call: Call) -> Reply:
    """List the remediation plans that brands have submitted, all versions, newest first."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[PlanView],
        lambda limit, start: use_list_case_plans(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        plan_view,
        f"/v1/grievances/{grievance_id}/plans",
    )


@audience.route(
    "POST", f"{_PLAN}/acceptance", roles=LEAD, replies={200: PlanView}, raises=_REFUSALS
)
def accept_plan(call: Call) -> Reply:
    """Accept a remediation plan. Needs no body.

    A case in `findings` moves on to `remediation`, and the clock `verify` runs from the day that
    the last action is due.
    """
    plan = use_accept_plan(*_named(call), by=call.by, deps=call.deps)
    return Reply(plan_view(plan))


@audience.route(
    "POST",
    f"{_PLAN}/return",
    roles=LEAD,
    body=PlanReturn,
    replies={200: PlanView},
    raises=_REFUSALS,
    example={"reason": "October's overtime is missing. Please name who pays it, and when."},
)
def return_plan(call: Call) -> Reply:
    """Send a remediation plan back, with a reason that the brand reads.

    It submits a new version. Also one that was accepted can be sent back to be mended.
    """
    body: PlanReturn = call.body
    plan = use_return_plan(*_named(call), body.reason, by=call.by, deps=call.deps)
    return Reply(plan_view(plan))


@audience.route(
    "POST",
    f"{_PLAN}/actions/{{action_number}}/verification",
    roles=LEAD,
    body=NewVerification,
    replies={200: PlanView},
    raises=_REFUSALS,
    example={"verified": True, "how": "Twelve payslips seen, three workers asked."},
)
def verify_action(call: Call) -> Reply:
    """Say whether an action that the brand reported done was done, and how you know.

    Where it was not, the brand reports it anew. Once every action is verified the plan is
    `verified`, and the clock `verify` stops where no other plan is awaited. `remedy` says what the
    worker got by it: that joins what the case says, and the brand does not read it.
    """
    plan = use_verify_action(
        *_named(call), int(call.path["action_number"]), call.body, by=call.by, deps=call.deps
    )
    return Reply(plan_view(plan))


def _named(call: Call) -> tuple[str, str]:
    return call.path["grievance_id"], call.path["remediation_plan_id"]
