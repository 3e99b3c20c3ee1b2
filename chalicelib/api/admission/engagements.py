"""Engagements of auditors and brands, and the log of who was let in and what was taken out."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib import errors
from chalicelib.api.audiences import ENGAGED, OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.admission.access import OrganisationId
from chalicelib.domain.admission.access_log import AccessLogEntry
from chalicelib.domain.admission.engagement import Engagement, EngagementFields
from chalicelib.usecases.admission import keep_engagements

audience = Audience(__name__, "Access")
blueprint = audience.blueprint

_PATH = "/v1/organisations/{organisation_id}/engagements"


class AccessLogQuery(Paging):
    """Which part of the log."""

    month: Annotated[
        str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$"), Field(examples=["2026-11"])
    ]
    organisation: Annotated[
        OrganisationId | None, Field(description="Only what is about its access.")
    ] = None


@audience.route(
    "POST",
    _PATH,
    roles=OPERATOR,
    body=EngagementFields,
    replies={201: Engagement},
    raises=[errors.NotFound, errors.VersionConflict],
    example={
        "purpose": "due_diligence_audit",
        "purpose_text": "Yearly audit of remediation at two brands' suppliers.",
        "brands": ["acme"],
        "countries": ["CN", "BD"],
        "received_from": "2026-01-01",
        "received_to": "2026-12-31",
        "valid_from": "2026-11-01T00:00:00Z",
        "valid_until": "2027-02-01T00:00:00Z",
    },
)
def make_engagement(call: Call) -> Reply:
    """Let an auditor or a brand see something, for a time and a purpose.

    An auditor's exports are narrowed to it; a brand's desk reads its alerts under it. `null` as
    `brands` or `countries` sets no limit.
    """
    engagement = keep_engagements.make_engagement(
        call.path["organisation_id"], call.body, by=call.by, deps=call.deps
    )
    return Reply(engagement, 201)


@audience.route(
    "GET",
    _PATH,
    roles=ENGAGED,
    query=Paging,
    replies={200: Listing[Engagement]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_engagements(call: Call) -> Reply:
    """List an organisation's engagements, those that are over included."""
    organisation_id = call.path["organisation_id"]
    return list_reply(
        call,
        Listing[Engagement],
        lambda limit, start: keep_engagements.list_engagements(
            organisation_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda engagement: engagement,
        f"/v1/organisations/{organisation_id}/engagements",
    )


@audience.route(
    "GET",
    f"{_PATH}/{{engagement_id}}",
    roles=ENGAGED,
    replies={200: Engagement},
    raises=[errors.NotFound],
)
def read_engagement(call: Call) -> Reply:
    """Read an engagement."""
    return Reply(
        keep_engagements.read_engagement(
            call.path["organisation_id"], call.path["engagement_id"], by=call.by, deps=call.deps
        )
    )


@audience.route(
    "DELETE",
    f"{_PATH}/{{engagement_id}}",
    roles=OPERATOR,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def end_engagement(call: Call) -> Reply:
    """End an engagement. From now on nothing can be read under it."""
    keep_engagements.end_engagement(
        call.path["organisation_id"], call.path["engagement_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)


@audience.route(
    "GET",
    "/v1/access-log",
    roles=OPERATOR,
    query=AccessLogQuery,
    replies={200: Listing[AccessLogEntry]},
    raises=[errors.InvalidCursor],
)
def list_access_log(call: Call) -> Reply:
    """List who was let in or out, and what auditors took out and why, newest first."""
    query: AccessLogQuery = call.query
    return list_reply(
        call,
        Listing[AccessLogEntry],
        lambda limit, start: call.deps.access.log(
            query.month, limit, start, organisation=query.organisation
        ),
        lambda entry: entry,
        "/v1/access-log",
    )
