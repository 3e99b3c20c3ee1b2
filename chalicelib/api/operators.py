"""What operators reach: the registry of brands, factories and links. No case, no person."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.jobs import ImportView, import_view
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.parsing import parse_if_match
from chalicelib.api.views import shown
from chalicelib.domain.job import JobKind
from chalicelib.domain.registry import (
    Brand,
    BrandFields,
    BrandId,
    Factory,
    FactoryFields,
    LinkFields,
    SourcingLink,
)
from chalicelib.domain.text import CountryCode
from chalicelib.domain.vocabulary import Role
from chalicelib.usecases import keep_brands, keep_factories, keep_links
from chalicelib.usecases.import_disclosure import ImportRequest
from chalicelib.usecases.request_job import list_jobs, own_job
from chalicelib.usecases.request_job import request_import as use_request_import

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint

OPERATOR = (Role.OPERATOR,)
READERS = (Role.OPERATOR, Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR)
IF_MATCH = Header("If-Match", "The `ETag` of the version the change is based on.", required=True)
IF_MATCH_TO_REPLACE = Header("If-Match", "Needed to replace a brand that exists: its `ETag`.")
LARGEST_LIST = 4 * 1024 * 1024
LIST_TYPES = (
    "text/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)


class BrandView(Brand):
    """A brand with its topic."""

    topic_arn: Annotated[str, Field(description="Where its alerts are published.")]


class FactoryQuery(Paging):
    """Narrows the list of factories."""

    country: CountryCode | None = None


class LinkQuery(Paging):
    """Whose links to list."""

    brand_id: BrandId


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
    header = call.headers.get("if-match")
    kept = keep_brands.put_brand(
        call.path["brand_id"],
        call.body,
        expected_version=None if header is None else parse_if_match(header),
        deps=call.deps,
    )
    view = shown(BrandView, kept.brand, topic_arn=kept.topic_arn)
    return Reply(view, 201 if kept.created else 200, _etag(kept.brand.version))


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
        lambda brand: shown(BrandView, brand, topic_arn=call.deps.topics.arn(brand.brand_id)),
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
    view = shown(BrandView, brand, topic_arn=call.deps.topics.arn(brand.brand_id))
    return Reply(view, headers=_etag(brand.version))


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
    version = parse_if_match(call.headers.get("if-match"))
    keep_brands.delete_brand(call.path["brand_id"], expected_version=version, deps=call.deps)
    return Reply(status=204)


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
        **_etag(kept.factory.version),
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
    """List factories, of one country if given."""
    query: FactoryQuery = call.query
    return list_reply(
        call,
        Listing[Factory],
        lambda limit, start: call.deps.registry.list_factories(query.country, limit, start),
        lambda factory: factory,
        "/v1/factories",
    )


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
    return Reply(factory, headers=_etag(factory.version))


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
        expected_version=parse_if_match(call.headers.get("if-match")),
        deps=call.deps,
    )
    return Reply(factory, headers=_etag(factory.version))


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
    """Delete a factory that no link and no case refers to."""
    version = parse_if_match(call.headers.get("if-match"))
    keep_factories.delete_factory(call.path["factory_id"], expected_version=version, deps=call.deps)
    return Reply(status=204)


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
    return Reply(kept.link, 201 if kept.created else 200, _etag(kept.link.version))


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
    return Reply(link, headers=_etag(link.version))


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
        expected_version=parse_if_match(call.headers.get("if-match")),
        deps=call.deps,
    )
    return Reply(status=204)


@audience.route(
    "POST",
    "/v1/imports",
    roles=OPERATOR,
    body_types=LIST_TYPES,
    largest_body=LARGEST_LIST,
    query=ImportRequest,
    replies={202: ImportView},
    raises=[errors.NotFound, errors.UnreadableFile],
    reply_headers=["Location"],
)
def request_import(call: Call) -> Reply:
    """Upload a supplier list as a brand published it: CSV, XLSX, XLS or ODS, up to 4 MiB.

    Columns are recognised by their headings. The list is read in the background: read the import
    until `status` is `done`, then its report, which names every line that could not be read. The
    same list twice changes nothing; a newer one closes the links that it no longer has.
    """
    request: ImportRequest = call.query
    keep_brands.read_brand(request.brand_id, deps=call.deps)
    if not call.raw_body:
        raise errors.UnreadableFile("The body is empty. Send the file itself as the body.")
    job = use_request_import(
        call.raw_body,
        call.headers.get("content-type", "application/octet-stream"),
        request.model_dump(mode="json"),
        deps=call.deps,
    )
    return Reply(import_view(job, None), 202, {"Location": f"/v1/imports/{job.job_id}"})


@audience.route(
    "GET",
    "/v1/imports",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[ImportView]},
    raises=[errors.InvalidCursor],
)
def list_imports(call: Call) -> Reply:
    """List imports, newest first."""
    return list_reply(
        call,
        Listing[ImportView],
        lambda limit, start: list_jobs(
            JobKind.IMPORT, Role.OPERATOR, limit=limit, start=start, deps=call.deps
        ),
        lambda job: import_view(job, None),
        "/v1/imports",
    )


@audience.route(
    "GET",
    "/v1/imports/{import_id}",
    roles=OPERATOR,
    replies={200: ImportView},
    raises=[errors.NotFound],
)
def read_import(call: Call) -> Reply:
    """Read an import: its progress, what it changed, and the link to its report."""
    job = own_job(call.path["import_id"], JobKind.IMPORT, Role.OPERATOR, deps=call.deps)
    return Reply(import_view(job, call.deps))


def _etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
