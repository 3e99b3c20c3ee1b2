"""Factories in the registry."""

from typing import Annotated

from pydantic import Field

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
    Factory,
    FactoryFields,
)
from chalicelib.domain.text import CountryCode, Line
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.factories import keep_factories

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint


class FactoryQuery(Paging):
    """Narrows the list of factories."""

    country: CountryCode | None = None
    os_id: Annotated[
        Line | None, Field(description="Those that have it, or what it was merged into.")
    ] = None


@audience.route(
    "POST",
    "/v1/factories",
    roles=OPERATOR,
    body=FactoryFields,
    replies={201: Factory, 200: Factory},
    raises=[errors.AlreadyExists],
    example={
        "name": "Yi Chang Tai (Shenzhen) Garment Factory",
        "aliases": ["怡昌泰（深圳）制衣厂"],
        "address": "48 Kangzheng Road, Danzhutou, Nanwan",
        "city": "Shenzhen",
        "country": "CN",
        "os_id": "CN2019303BQ3FZP",
    },
    reply_headers=["ETag", "Location"],
)
def create_factory(call: Call) -> Reply:
    """Add a factory. Its id follows from its OS ID, or from country, name and address."""
    kept = keep_factories.create_factory(call.body, deps=call.deps)
    headers = {
        **etag(kept.factory.version),
        "Location": f"/v1/factories/{kept.factory.factory_id}",
    }
    return Reply(kept.factory, 201 if kept.created else 200, headers)


@audience.route(
    "GET",
    "/v1/factories",
    roles=READERS,
    query=FactoryQuery,
    replies={200: Listing[Factory]},
    raises=[errors.InvalidCursor],
)
def list_factories(call: Call) -> Reply:
    """List factories, of one country if given, or those that an OS ID means now."""
    query: FactoryQuery = call.query

    def read(limit: int, start: Start | None) -> Page[Factory]:
        if query.os_id is not None:
            return keep_factories.find_factories(query.os_id, query.country, deps=call.deps)
        return call.deps.registry.list_factories(query.country, limit, start)

    return list_reply(call, Listing[Factory], read, lambda factory: factory, "/v1/factories")


@audience.route(
    "GET",
    "/v1/factories/{factory_id}",
    roles=READERS,
    replies={200: Factory},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_factory(call: Call) -> Reply:
    """Read a factory."""
    factory = keep_factories.read_factory(call.path["factory_id"], deps=call.deps)
    return Reply(factory, headers=etag(factory.version))


@audience.route(
    "PUT",
    "/v1/factories/{factory_id}",
    roles=OPERATOR,
    body=FactoryFields,
    headers=[IF_MATCH],
    replies={200: Factory},
    raises=[
        errors.NotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.VersionConflict,
    ],
    example={"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"},
    reply_headers=["ETag"],
)
def replace_factory(call: Call) -> Reply:
    """Replace what is known about a factory. Cases that could not be routed are looked at again."""
    factory = keep_factories.replace_factory(
        call.path["factory_id"],
        call.body,
        expected_version=required_version(call),
        deps=call.deps,
    )
    return Reply(factory, headers=etag(factory.version))


@audience.route(
    "DELETE",
    "/v1/factories/{factory_id}",
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
def delete_factory(call: Call) -> Reply:
    """Delete a factory that no link, no case and no poster refers to."""
    version = required_version(call)
    keep_factories.delete_factory(call.path["factory_id"], expected_version=version, deps=call.deps)
    return Reply(status=204)
