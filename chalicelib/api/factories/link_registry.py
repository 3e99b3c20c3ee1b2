"""Sourcing links in the registry: which brand sources from which factory, and when."""

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR, READERS
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import (
    IF_MATCH,
    etag,
    required_version,
)
from chalicelib.domain.factories.registry import (
    BrandId,
    LinkFields,
    SourcingLink,
)
from chalicelib.usecases.factories import keep_factories, keep_links

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint


class LinkQuery(Paging):
    """Whose links to list."""

    brand_id: BrandId


@audience.route(
    "PUT",
    "/v1/factories/{factory_id}/links/{brand_id}",
    roles=OPERATOR,
    body=LinkFields,
    replies={201: SourcingLink, 200: SourcingLink},
    raises=[errors.NotFound, errors.VersionConflict],
    example={
        "tier": 1,
        "valid_from": "2024-01-01",
        "source": "acme-factory-list",
        "disclosed_at": "2026-06-30",
    },
    reply_headers=["ETag"],
)
def put_link(call: Call) -> Reply:
    """Say that a brand sources from a factory. Cases that waited for that are routed after all."""
    kept = keep_links.put_link(
        call.path["factory_id"], call.path["brand_id"], call.body, deps=call.deps
    )
    return Reply(kept.link, 201 if kept.created else 200, etag(kept.link.version))


@audience.route(
    "GET",
    "/v1/factories/{factory_id}/links",
    roles=READERS,
    query=Paging,
    replies={200: Listing[SourcingLink]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_factory_links(call: Call) -> Reply:
    """List the brands that source from a factory, past links included."""
    factory = keep_factories.read_factory(call.path["factory_id"], deps=call.deps)
    return list_reply(
        call,
        Listing[SourcingLink],
        lambda limit, start: call.deps.registry.page_of_factory_links(
            factory.factory_id, limit, start
        ),
        lambda link: link,
        f"/v1/factories/{factory.factory_id}/links",
    )


@audience.route(
    "GET",
    "/v1/links",
    roles=READERS,
    query=LinkQuery,
    replies={200: Listing[SourcingLink]},
    raises=[errors.InvalidCursor],
)
def list_brand_links(call: Call) -> Reply:
    """List the factories a brand sources from, past links included."""
    query: LinkQuery = call.query
    return list_reply(
        call,
        Listing[SourcingLink],
        lambda limit, start: call.deps.registry.page_of_brand_links(query.brand_id, limit, start),
        lambda link: link,
        "/v1/links",
    )


@audience.route(
    "GET",
    "/v1/factories/{factory_id}/links/{brand_id}",
    roles=READERS,
    replies={200: SourcingLink},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_link(call: Call) -> Reply:
    """Read a sourcing link."""
    link = keep_links.read_link(call.path["factory_id"], call.path["brand_id"], deps=call.deps)
    return Reply(link, headers=etag(link.version))


@audience.route(
    "DELETE",
    "/v1/factories/{factory_id}/links/{brand_id}",
    roles=OPERATOR,
    headers=[IF_MATCH],
    replies={204: ""},
    raises=[errors.NotFound, errors.PreconditionRequired, errors.PreconditionFailed],
)
def delete_link(call: Call) -> Reply:
    """Delete a link that was wrong from the start. One that has ended gets a `valid_to` instead."""
    keep_links.delete_link(
        call.path["factory_id"],
        call.path["brand_id"],
        expected_version=required_version(call),
        deps=call.deps,
    )
    return Reply(status=204)
