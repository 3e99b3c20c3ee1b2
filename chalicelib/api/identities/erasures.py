"""Erasures: asked for by a partner, decided by the data-protection officer, stopped by a hold."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import DPO, LEAD
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.identities.identities import TAG
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.cases.case import Case, RetentionHold
from chalicelib.domain.identities.erasure import ErasureRequest
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ErasureReason, ErasureScope, HoldReason, IdentityState
from chalicelib.usecases.identities.erase import erase_as_decided
from chalicelib.usecases.identities.erase import request_erasure as use_request_erasure
from chalicelib.usecases.identities.hold_retention import hold_retention as use_hold_retention
from chalicelib.usecases.identities.hold_retention import lift_hold as use_lift_hold

audience = Audience(__name__, TAG)
blueprint = audience.blueprint

_Scope = Annotated[
    ErasureScope,
    Field(
        description="`identity`: who the worker is. `texts`: that, and what people wrote, which is "
        "narrative, summary, requested remedy, messages. The rest of the case and its ledger stay."
    ),
]


class WishToErase(Value):
    """What is to be erased, and why."""

    scope: _Scope = ErasureScope.IDENTITY
    reason: ErasureReason


class Erasure(WishToErase):
    """What is to be erased now and for good, and why."""

    confirm: Annotated[
        str,
        Field(
            max_length=30, description="The case's `public_ref`, to show that this one is meant."
        ),
    ]


class HoldRequest(Value):
    """Why a case must not be erased."""

    reason: HoldReason


class ErasureState(Value):
    """What is left of a case, for the data-protection officer: no facts of it."""

    grievance_id: str
    public_ref: str
    identity: IdentityState | None
    texts_erased_at: Moment | None
    retention_hold: RetentionHold | None
    version: int
    ledger_hash: Annotated[str, Field(description="Hash of the latest ledger entry.")]


def erasure_state(case: Case) -> ErasureState:
    """A case for the data-protection officer."""
    return ErasureState(**{name: getattr(case, name) for name in ErasureState.model_fields})


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/erasure-requests",
    roles=LEAD,
    body=WishToErase,
    replies={201: ErasureRequest, 200: ErasureRequest},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"scope": "identity", "reason": "worker_request"},
)
def request_erasure(call: Call) -> Reply:
    """Ask the data-protection officer to erase a worker's identity, or the texts as well.

    An open request is answered with 200 and stays as it is.
    """
    wish: WishToErase = call.body
    request, created = use_request_erasure(
        call.path["grievance_id"], wish.scope, wish.reason, by=call.by, deps=call.deps
    )
    return Reply(request, 201 if created else 200)


@audience.route(
    "GET",
    "/v1/erasure-requests",
    roles=DPO,
    query=Paging,
    replies={200: Listing[ErasureRequest]},
    raises=[errors.InvalidCursor],
)
def list_erasure_requests(call: Call) -> Reply:
    """List the open requests to erase, oldest first."""
    return list_reply(
        call,
        Listing[ErasureRequest],
        call.deps.erasures.requests,
        lambda request: request,
        "/v1/erasure-requests",
    )


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/erasure",
    roles=DPO,
    body=Erasure,
    replies={200: ErasureState},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"scope": "identity", "reason": "worker_request", "confirm": "2026-CD86-XYEY-VHKZ"},
)
def erase_identity(call: Call) -> Reply:
    """Erase a worker's identity for good, or the texts as well.

    Its key is destroyed, so no copy of it can be read any more, wherever it lies. The case stays as
    a pseudonymous record whose ledger verifies. May be repeated, and takes what was written since.
    """
    wish: Erasure = call.body
    case = erase_as_decided(
        call.path["grievance_id"],
        wish.scope,
        wish.reason,
        confirm=wish.confirm,
        by=call.by,
        deps=call.deps,
    )
    return Reply(erasure_state(case))


@audience.route(
    "PUT",
    "/v1/grievances/{grievance_id}/retention-hold",
    roles=DPO,
    body=HoldRequest,
    replies={200: ErasureState},
    raises=[errors.NotFound, errors.VersionConflict],
    example={"reason": "court_proceedings"},
)
def hold_retention(call: Call) -> Reply:
    """Stop every erasure of a grievance until the hold is lifted."""
    wish: HoldRequest = call.body
    case = use_hold_retention(call.path["grievance_id"], wish.reason, by=call.by, deps=call.deps)
    return Reply(erasure_state(case))


@audience.route(
    "DELETE",
    "/v1/grievances/{grievance_id}/retention-hold",
    roles=DPO,
    replies={200: ErasureState},
    raises=[errors.NotFound, errors.VersionConflict],
)
def lift_hold(call: Call) -> Reply:
    """Lift a hold: retention takes its course again."""
    return Reply(
        erasure_state(use_lift_hold(call.path["grievance_id"], by=call.by, deps=call.deps))
    )
