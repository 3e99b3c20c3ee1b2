"""OS IDs that Open Supply Hub has merged: what one is now."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR, READERS
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import IF_MATCH, etag, required_version
from chalicelib.domain.factories.os_id_merge import OsIdMergeFields
from chalicelib.domain.values import Moment
from chalicelib.usecases.factories import keep_os_id_merges
from chalicelib.usecases.factories.keep_os_id_merges import Followed

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint


class OsIdMergeView(OsIdMergeFields):
    """A merge, and what its OS ID is now."""

    os_id: str
    current_os_id: Annotated[str, Field(description="What it is now, by all merges.")]
    way: Annotated[
        tuple[str, ...], Field(description="From the one to the other, each id that lies between.")
    ]
    updated_at: Moment
    version: int


@audience.route(
    "PUT",
    "/v1/os-id-merges/{os_id}",
    roles=OPERATOR,
    body=OsIdMergeFields,
    replies={201: OsIdMergeView, 200: OsIdMergeView},
    raises=[errors.AlreadyExists, errors.VersionConflict],
    example={
        "into": "CN2019303BQ3FZP",
        "source": "Open Supply Hub, merged facilities of June 2026",
        "merged_on": "2026-06-12",
    },
    reply_headers=["ETag"],
)
def put_os_id_merge(call: Call) -> Reply:
    """Say that an OS ID was merged into another. Open cases go to the factory that has that one."""
    kept = keep_os_id_merges.put_os_id_merge(call.path["os_id"], call.body, deps=call.deps)
    headers = etag(kept.followed.merge.version)
    return Reply(_view(kept.followed), 201 if kept.created else 200, headers)


@audience.route(
    "GET",
    "/v1/os-id-merges",
    roles=READERS,
    query=Paging,
    replies={200: Listing[OsIdMergeView]},
    raises=[errors.InvalidCursor],
)
def list_os_id_merges(call: Call) -> Reply:
    """List merges of OS IDs, each with what the id is now."""
    return list_reply(
        call,
        Listing[OsIdMergeView],
        lambda limit, start: keep_os_id_merges.list_os_id_merges(limit, start, deps=call.deps),
        _view,
        "/v1/os-id-merges",
    )


@audience.route(
    "GET",
    "/v1/os-id-merges/{os_id}",
    roles=READERS,
    replies={200: OsIdMergeView},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_os_id_merge(call: Call) -> Reply:
    """Read into what an OS ID was merged, and what it is now."""
    followed = keep_os_id_merges.read_os_id_merge(call.path["os_id"], deps=call.deps)
    return Reply(_view(followed), headers=etag(followed.merge.version))


@audience.route(
    "DELETE",
    "/v1/os-id-merges/{os_id}",
    roles=OPERATOR,
    headers=[IF_MATCH],
    replies={204: ""},
    raises=[
        errors.NotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.VersionConflict,
    ],
)
def delete_os_id_merge(call: Call) -> Reply:
    """Take a merge back that was wrong. Cases that went to another factory by it stay there: its
    brands were told. What waits for a reviewer is matched anew."""
    version = required_version(call)
    keep_os_id_merges.delete_os_id_merge(
        call.path["os_id"], expected_version=version, deps=call.deps
    )
    return Reply(status=204)


def _view(followed: Followed) -> OsIdMergeView:
    merge = followed.merge
    return OsIdMergeView(
        **{name: getattr(merge, name) for name in OsIdMergeFields.model_fields},
        os_id=merge.os_id,
        current_os_id=followed.way[-1],
        way=followed.way,
        updated_at=merge.updated_at,
        version=merge.version,
    )
