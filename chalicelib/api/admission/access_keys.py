"""Keys: issued, rotated, revoked; and those for which two operators must agree."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import ADMINISTRATORS, OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.views import shown
from chalicelib.domain.admission.access import AccessKey, KeyProposal
from chalicelib.usecases.admission import decide_operator_key, keep_keys
from chalicelib.usecases.admission.keep_keys import Issued, KeyRequest, KeyWish, Rotation

audience = Audience(__name__, "Access")
blueprint = audience.blueprint


class IssuedKey(AccessKey):
    """A key that is new. This answer is the only place where it can ever be read."""

    key: Annotated[
        str | None, Field(description="Keep it safe, now. null where its holder has made it.")
    ]


def _issued_reply(issued: Issued) -> Reply:
    return Reply(shown(IssuedKey, issued.key, key=issued.text), 201)


@audience.route(
    "POST",
    "/v1/organisations/{organisation_id}/keys",
    roles=ADMINISTRATORS,
    body=KeyRequest,
    replies={201: IssuedKey},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={
        "user_id": "u_j92ew4kcd1kbnxayj5g8bzmwpv",
        "name": "Export script",
        "expires_in_days": 365,
    },
)
def issue_key(call: Call) -> Reply:
    """Issue a key to a user. It is shown once, in this answer.

    If the answer is lost, the list of keys has the key: revoke it, and issue another one. A key for
    an operator is proposed instead, and so is one that an operator makes for a partner's user or a
    data-protection officer: `POST /v1/key-proposals`.
    """
    return _issued_reply(
        keep_keys.issue_key(call.path["organisation_id"], call.body, by=call.by, deps=call.deps)
    )


@audience.route(
    "GET",
    "/v1/organisations/{organisation_id}/keys",
    roles=ADMINISTRATORS,
    query=Paging,
    replies={200: Listing[AccessKey]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_keys(call: Call) -> Reply:
    """List an organisation's keys, those that have ended included: everything but the keys."""
    organisation_id = call.path["organisation_id"]
    return list_reply(
        call,
        Listing[AccessKey],
        lambda limit, start: keep_keys.list_keys(
            organisation_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda key: key,
        f"/v1/organisations/{organisation_id}/keys",
    )


@audience.route(
    "POST",
    "/v1/organisations/{organisation_id}/keys/{key_id}/rotations",
    roles=ADMINISTRATORS,
    body=Rotation,
    replies={201: IssuedKey},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"overlap_hours": 24},
)
def rotate_key(call: Call) -> Reply:
    """Replace a key. The old one goes on opening for the overlap, so that nothing stands still."""
    return _issued_reply(
        keep_keys.rotate_key(
            call.path["organisation_id"],
            call.path["key_id"],
            call.body,
            by=call.by,
            deps=call.deps,
        )
    )


@audience.route(
    "DELETE",
    "/v1/organisations/{organisation_id}/keys/{key_id}",
    roles=ADMINISTRATORS,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def revoke_key(call: Call) -> Reply:
    """Revoke a key. The very next request with it is refused."""
    keep_keys.revoke_key(
        call.path["organisation_id"], call.path["key_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)


@audience.route(
    "POST",
    "/v1/key-proposals",
    roles=OPERATOR,
    body=KeyWish,
    replies={202: KeyProposal},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={
        "user_id": "u_a2xhsvh3tk054zveeq4mqap73n",
        "name": "Third operator",
        "key_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
)
def propose_operator_key(call: Call) -> Reply:
    """Ask for a key that takes two operators. It opens once a second operator has confirmed it.

    That is one for an operator, a partner's user or a data-protection officer. Its holder makes the
    key herself and hands over its SHA-256 (`key_sha256`): neither operator ever sees it.
    """
    proposal = decide_operator_key.propose_operator_key(call.body, by=call.by, deps=call.deps)
    return Reply(proposal, 202)


@audience.route(
    "GET",
    "/v1/key-proposals",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[KeyProposal]},
    raises=[errors.InvalidCursor],
)
def list_key_proposals(call: Call) -> Reply:
    """List proposed keys, decided ones included."""
    return list_reply(
        call,
        Listing[KeyProposal],
        call.deps.access.proposals,
        lambda proposal: proposal,
        "/v1/key-proposals",
    )


@audience.route(
    "POST",
    "/v1/key-proposals/{key_proposal_id}/confirmation",
    roles=OPERATOR,
    replies={201: IssuedKey},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def confirm_operator_key(call: Call) -> Reply:
    """Confirm a proposed key. Neither who proposed it nor whose it is can do this."""
    return _issued_reply(
        decide_operator_key.confirm_operator_key(
            call.path["key_proposal_id"], by=call.by, deps=call.deps
        )
    )


@audience.route(
    "DELETE",
    "/v1/key-proposals/{key_proposal_id}",
    roles=OPERATOR,
    replies={204: ""},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def refuse_operator_key(call: Call) -> Reply:
    """Refuse a proposed key, or take one's own proposal back."""
    decide_operator_key.refuse_operator_key(
        call.path["key_proposal_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)
