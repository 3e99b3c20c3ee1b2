"""What retention will do, and what it did: plans, their cases, and a dry run."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import ANNOUNCED_TO, OVERSIGHT
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.identities.identities import TAG
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.identities.retention import Outlook, Plan, PlanLine
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ErasureScope
from chalicelib.usecases.identities.apply_retention import (
    Outcome,
    cases_of_plan,
    plan_of,
    preview_retention,
)

audience = Audience(__name__, TAG)
blueprint = audience.blueprint


class PreviewQuery(Paging):
    """How far the dry run looks ahead."""

    days: Annotated[int, Field(ge=0, le=3660, description="Up to so many days from now.")] = 30


class PreviewRow(Value):
    """What retention would do with a case, as things stand."""

    grievance_id: str
    rule_id: str
    erases: ErasureScope
    due_at: Annotated[
        Moment, Field(description="When it falls due; where it is in a plan, when it is done.")
    ]
    plan_id: str | None
    would: Annotated[
        Outlook, Field(description="`erase`, `held` (a retention hold), `dropped` (no longer due).")
    ]


@audience.route(
    "GET",
    "/v1/retention/preview",
    roles=ANNOUNCED_TO,
    query=PreviewQuery,
    replies={200: Listing[PreviewRow]},
    raises=[errors.InvalidCursor],
)
def preview_retention_run(call: Call) -> Reply:
    """Try out what retention would do, as a dry run that changes nothing.

    A partner sees its own cases, the data-protection officer everybody's. A page may be shorter
    than `limit` and still have a next one: follow `next_cursor`.
    """
    query: PreviewQuery = call.query
    return list_reply(
        call,
        Listing[PreviewRow],
        lambda limit, start: preview_retention(
            timedelta(days=query.days), limit=limit, start=start, by=call.by, deps=call.deps
        ),
        _row,
        "/v1/retention/preview",
    )


def _row(outcome: Outcome) -> PreviewRow:
    names = set(PreviewRow.model_fields) - {"would"}
    shown = {name: getattr(outcome.scheduled, name) for name in names}
    return PreviewRow(**shown, would=outcome.would)


@audience.route(
    "GET",
    "/v1/retention/plans",
    roles=OVERSIGHT,
    query=Paging,
    replies={200: Listing[Plan]},
    raises=[errors.InvalidCursor],
)
def list_retention_plans(call: Call) -> Reply:
    """List what retention has announced and done, newest first: a plan for each rule and day.

    A plan says how many cases, not which.
    """
    return list_reply(
        call, Listing[Plan], call.deps.retention.plans, lambda plan: plan, "/v1/retention/plans"
    )


@audience.route(
    "GET",
    "/v1/retention/plans/{plan_id}/cases",
    roles=ANNOUNCED_TO,
    query=Paging,
    replies={200: Listing[PlanLine]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_plan_cases(call: Call) -> Reply:
    """List the cases of a plan, each with what became of it.

    A partner sees its own cases, the data-protection officer everybody's. A page may be shorter
    than `limit` and still have a next one: follow `next_cursor`.
    """
    plan = plan_of(call.path["plan_id"], deps=call.deps)
    return list_reply(
        call,
        Listing[PlanLine],
        lambda limit, start: cases_of_plan(
            plan.plan_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda line: line,
        f"/v1/retention/plans/{plan.plan_id}/cases",
    )
