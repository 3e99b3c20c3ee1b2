"""Whom a partner has told who a worker is. Who she is goes over none of these routes."""

from chalicelib import errors
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.identities.hand_over import HandOver, NewHandOver
from chalicelib.usecases.identities.hand_over_identity import (
    hand_over_identity as use_hand_over_identity,
)
from chalicelib.usecases.identities.hand_over_identity import list_hand_overs as use_list_hand_overs

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/identity/hand-overs",
    roles=LEAD,
    body=NewHandOver,
    replies={201: HandOver},
    raises=[
        errors.NotFound,
        errors.StateConflict,
        errors.BrandNotEngaged,
        errors.IdentityErased,
        errors.VersionConflict,
    ],
    example={"recipient": "acme", "reason": "pay_worker"},
)
def hand_over_identity(call: Call) -> Reply:
    """Record that you tell a brand who the worker is, before you do.

    Nothing is sent: you tell the brand yourself. She must agree now (`C4`, the brand among her
    `recipients`, `cross_border` where it is needed), and the brand must know of the case, and be
    engaged to read of it now. If she takes that back, the brand gets a `recall` that asks it to
    delete what it was told.
    """
    handed = use_hand_over_identity(
        call.path["grievance_id"], call.body, by=call.by, deps=call.deps
    )
    return Reply(handed, 201)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/identity/hand-overs",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[HandOver]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_hand_overs(call: Call) -> Reply:
    """List whom you have told who the worker is, oldest first.

    A page may be shorter than `limit` and still have a next one.
    """
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[HandOver],
        lambda limit, start: use_list_hand_overs(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda handed: handed,
        f"/v1/grievances/{grievance_id}/identity/hand-overs",
    )
