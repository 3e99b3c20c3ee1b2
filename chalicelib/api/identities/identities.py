"""Who the worker is: kept, opened, recognised. A function of its own serves these routes, because
its role may open the vault and nobody else's may."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import OPENERS, STAFF
from chalicelib.api.cases.partner_bodies import IdentityOpening
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import IF_MATCH_OPTIONAL, etag, optional_version
from chalicelib.domain.cases.case import Case
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import State
from chalicelib.usecases.cases.find_same_person import find_same_person as use_find_same_person
from chalicelib.usecases.identities.keep_identity import keep_identity as use_keep_identity
from chalicelib.usecases.identities.open_identity import open_identity as use_open_identity

TAG = "Identity"
"""Routes with this tag are answered by the function that may open the vault."""

audience = Audience(__name__, TAG)
blueprint = audience.blueprint


class IdentityHeld(Value):
    """What the vault holds of a worker: the names of the fields, not what is in them."""

    grievance_id: str
    holds: list[str]


class IdentityOpened(Value):
    """Who the worker is, and the ledger entry that says that you were told."""

    grievance_id: str
    opened_at: Moment
    entry: Annotated[int, Field(description="Number of the entry in the case's history.")]
    worker: WorkerIdentity


class SamePersonRow(Value):
    """Another case of the same person."""

    grievance_id: str
    public_ref: str
    state: State
    received_at: Moment


@audience.route(
    "PUT",
    "/v1/grievances/{grievance_id}/identity",
    roles=STAFF,
    body=WorkerIdentity,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: IdentityHeld},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.StateConflict,
        errors.IdentityErased,
        errors.VersionConflict,
    ],
    example={"name": "Example Worker", "wechat": "example-worker"},
    reply_headers=["ETag"],
)
def keep_identity(call: Call) -> Reply:
    """Keep who the worker is, instead of what was kept before.

    It is encrypted under a key of its own and kept apart from the case. To read it back, say why.
    """
    kept = use_keep_identity(
        call.path["grievance_id"],
        call.body,
        expected_version=optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    held = IdentityHeld(grievance_id=kept.case.grievance_id, holds=list(kept.holds))
    return Reply(held, headers=etag(kept.case.version))


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/identity/openings",
    roles=OPENERS,
    body=IdentityOpening,
    replies={201: IdentityOpened},
    raises=[errors.NotFound, errors.IdentityErased, errors.VersionConflict],
    example={"reason": "contact_worker", "note": "Call back about the payment."},
)
def open_identity(call: Call) -> Reply:
    """Read who the worker is, with a reason. Every opening is an entry in the case's ledger.

    A partner opens identities of its own cases, the data-protection officer of any.
    """
    wish: IdentityOpening = call.body
    opened = use_open_identity(
        call.path["grievance_id"], wish.reason, wish.note, by=call.by, deps=call.deps
    )
    shown = IdentityOpened(
        grievance_id=call.path["grievance_id"],
        opened_at=opened.entry.at,
        entry=opened.entry.seq,
        worker=opened.worker,
    )
    return Reply(shown, 201)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/same-person",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[SamePersonRow]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def find_same_person(call: Call) -> Reply:
    """List your other grievances of the same person, by telephone number and accounts.

    They are compared as keyed hashes; nothing is opened. A page may be shorter than `limit` and
    still have a next one.
    """
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[SamePersonRow],
        lambda limit, start: use_find_same_person(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        _same_person_row,
        f"/v1/grievances/{grievance_id}/same-person",
    )


def _same_person_row(case: Case) -> SamePersonRow:
    return SamePersonRow(**{name: getattr(case, name) for name in SamePersonRow.model_fields})
