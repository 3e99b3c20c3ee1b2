"""Grievances whose factory is not certain: the partner's review queue."""

from chalicelib import errors
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.cases.grievances import case_reply
from chalicelib.api.cases.partner_bodies import FactoryChoice, FactoryRefusal
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import (
    IF_MATCH_OPTIONAL,
    optional_version,
)
from chalicelib.api.views import (
    GrievanceView,
    ReviewView,
    review_view,
)
from chalicelib.usecases.factories.refuse_factories import refuse_factories as use_refuse_factories
from chalicelib.usecases.factories.resolve_factory import resolve_factory as use_resolve_factory
from chalicelib.usecases.factories.review_factories import review_queue as use_review_queue

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


@audience.route(
    "GET",
    "/v1/review-queue",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[ReviewView]},
    raises=[errors.InvalidCursor],
)
def review_queue(call: Call) -> Reply:
    """List your grievances whose factory is not certain, longest waiting first."""
    return list_reply(
        call,
        Listing[ReviewView],
        lambda limit, start: use_review_queue(limit=limit, start=start, by=call.by, deps=call.deps),
        lambda review: review_view(review.case, review.factories),
        "/v1/review-queue",
    )


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/factory",
    roles=LEAD,
    body=FactoryChoice,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"factory_id": "f_6caetacqsm0fajjakb08karrfe", "remember_spelling": True},
    reply_headers=["ETag"],
)
def resolve_factory(call: Call) -> Reply:
    """Say which factory is meant. The spelling is remembered; the case goes on at once."""
    choice: FactoryChoice = call.body
    case = use_resolve_factory(
        call.path["grievance_id"],
        choice.factory_id,
        remember_spelling=choice.remember_spelling,
        expected_version=optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return case_reply(case)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/refused-factories",
    roles=LEAD,
    body=FactoryRefusal,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"factory_ids": ["f_6caetacqsm0fajjakb08karrfe"], "remember_spelling": True},
    reply_headers=["ETag"],
)
def refuse_factories(call: Call) -> Reply:
    """Say which factories are not meant. The case is looked at again without them."""
    refusal: FactoryRefusal = call.body
    case = use_refuse_factories(
        call.path["grievance_id"],
        refusal.factory_ids,
        remember_spelling=refusal.remember_spelling,
        expected_version=optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return case_reply(case)
