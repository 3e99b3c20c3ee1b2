"""Brands in the registry, each with its alert topic. No case, no person."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR, READERS
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import (
    IF_MATCH,
    IF_MATCH_TO_REPLACE,
    etag,
    optional_version,
    required_version,
)
from chalicelib.api.views import shown
from chalicelib.domain.factories.registry import (
    Brand,
    BrandFields,
)
from chalicelib.domain.vocabulary import Role
from chalicelib.usecases.factories import keep_brands

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint


class BrandView(Brand):
    """A brand with its topic."""

    topic_arn: Annotated[str, Field(description="Where its alerts are published.")]


@audience.route(
    "PUT",
    "/v1/brands/{brand_id}",
    roles=OPERATOR,
    body=BrandFields,
    headers=[IF_MATCH_TO_REPLACE],
    replies={201: BrandView, 200: BrandView},
    raises=[errors.PreconditionRequired, errors.PreconditionFailed, errors.VersionConflict],
    example={
        "name": "Acme Outdoor",
        "language": "en",
        "code_of_conduct": {
            "version": "2025-03",
            "clauses": [{"category": "compensation", "clause": "4.2 Wages are paid on time"}],
        },
    },
    reply_headers=["ETag"],
)
def put_brand(call: Call) -> Reply:
    """Create a brand with its alert topic, or replace it."""
    kept = keep_brands.put_brand(
        call.path["brand_id"],
        call.body,
        expected_version=optional_version(call),
        deps=call.deps,
    )
    return Reply(_view(call, kept.brand), 201 if kept.created else 200, etag(kept.brand.version))


@audience.route(
    "GET",
    "/v1/brands",
    roles=READERS,
    query=Paging,
    replies={200: Listing[BrandView]},
    raises=[errors.InvalidCursor],
)
def list_brands(call: Call) -> Reply:
    """List brands."""
    return list_reply(
        call,
        Listing[BrandView],
        call.deps.registry.list_brands,
        lambda brand: _view(call, brand),
        "/v1/brands",
    )


@audience.route(
    "GET",
    "/v1/brands/{brand_id}",
    roles=READERS,
    replies={200: BrandView},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_brand(call: Call) -> Reply:
    """Read a brand."""
    brand = keep_brands.read_brand(call.path["brand_id"], deps=call.deps)
    return Reply(_view(call, brand), headers=etag(brand.version))


@audience.route(
    "DELETE",
    "/v1/brands/{brand_id}",
    roles=OPERATOR,
    headers=[IF_MATCH],
    replies={204: ""},
    raises=[
        errors.NotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.StillReferenced,
    ],
)
def delete_brand(call: Call) -> Reply:
    """Delete a brand that has no sourcing links. Its topic stays."""
    version = required_version(call)
    keep_brands.delete_brand(call.path["brand_id"], expected_version=version, deps=call.deps)
    return Reply(status=204)


def _view(call: Call, brand: Brand) -> BrandView:
    """A partner looks brands up; which account a brand has with AWS is not its business."""
    account = brand.aws_account_id if call.by.role is Role.OPERATOR else None
    topic_arn = call.deps.topics.arn(brand.brand_id)
    return shown(BrandView, brand, topic_arn=topic_arn, aws_account_id=account)
