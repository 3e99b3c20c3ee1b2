"""Organisations and their people: who there is to be let in."""

from chalicelib import errors
from chalicelib.api.audiences import ADMINISTRATORS, OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.admission.access import Organisation, User
from chalicelib.usecases.admission import keep_organisations, keep_users
from chalicelib.usecases.admission.keep_organisations import OrganisationFields
from chalicelib.usecases.admission.keep_users import UserFields

audience = Audience(__name__, "Access")
blueprint = audience.blueprint


@audience.route(
    "PUT",
    "/v1/organisations/{organisation_id}",
    roles=OPERATOR,
    body=OrganisationFields,
    replies={201: Organisation, 200: Organisation},
    raises=[errors.VersionConflict],
    example={"kind": "auditor", "name": "Linden Audit"},
)
def put_organisation(call: Call) -> Reply:
    """Add an organisation, or change its name, quota or factory.

    A brand's is called as its `brand_id`. A factory's management names its `factory_id`, and sees
    what that one is asked, from this moment on no other's.
    """
    kept = keep_organisations.put_organisation(
        call.path["organisation_id"], call.body, by=call.by, deps=call.deps
    )
    return Reply(kept.organisation, 201 if kept.created else 200)


@audience.route(
    "GET",
    "/v1/organisations",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[Organisation]},
    raises=[errors.InvalidCursor],
)
def list_organisations(call: Call) -> Reply:
    """List organisations, suspended ones included."""
    return list_reply(
        call,
        Listing[Organisation],
        call.deps.access.organisations,
        lambda organisation: organisation,
        "/v1/organisations",
    )


@audience.route(
    "GET",
    "/v1/organisations/{organisation_id}",
    roles=OPERATOR,
    replies={200: Organisation},
    raises=[errors.NotFound],
)
def read_organisation(call: Call) -> Reply:
    """Read an organisation."""
    return Reply(keep_organisations.read_organisation(call.path["organisation_id"], deps=call.deps))


@audience.route(
    "DELETE",
    "/v1/organisations/{organisation_id}",
    roles=OPERATOR,
    replies={204: ""},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def suspend_organisation(call: Call) -> Reply:
    """Suspend an organisation: from now on none of its keys opens anything."""
    keep_organisations.suspend_organisation(
        call.path["organisation_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)


@audience.route(
    "POST",
    "/v1/organisations/{organisation_id}/reinstatement",
    roles=OPERATOR,
    replies={200: Organisation},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def reinstate_organisation(call: Call) -> Reply:
    """Let a suspended organisation in again, with the keys that have not ended meanwhile."""
    return Reply(
        keep_organisations.reinstate_organisation(
            call.path["organisation_id"], by=call.by, deps=call.deps
        )
    )


@audience.route(
    "POST",
    "/v1/organisations/{organisation_id}/users",
    roles=ADMINISTRATORS,
    body=UserFields,
    replies={201: User},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"role": "auditor", "name": "Field team"},
)
def add_user(call: Call) -> Reply:
    """Add somebody to an organisation. A supervisor adds intake staff to her own."""
    user = keep_users.add_user(call.path["organisation_id"], call.body, by=call.by, deps=call.deps)
    return Reply(user, 201)


@audience.route(
    "GET",
    "/v1/organisations/{organisation_id}/users",
    roles=ADMINISTRATORS,
    query=Paging,
    replies={200: Listing[User]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_users(call: Call) -> Reply:
    """List an organisation's users, those who have ended included."""
    organisation_id = call.path["organisation_id"]
    return list_reply(
        call,
        Listing[User],
        lambda limit, start: keep_users.list_users(
            organisation_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda user: user,
        f"/v1/organisations/{organisation_id}/users",
    )


@audience.route(
    "DELETE",
    "/v1/organisations/{organisation_id}/users/{user_id}",
    roles=ADMINISTRATORS,
    replies={204: ""},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def end_user(call: Call) -> Reply:
    """Shut somebody out, at once and for good. All her keys end."""
    keep_users.end_user(
        call.path["organisation_id"], call.path["user_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)
