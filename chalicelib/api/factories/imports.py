"""Supplier lists as brands publish them: upload, progress, report."""

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.jobs import ImportView, import_view
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.vocabulary import Role
from chalicelib.domain.work.job import JobKind
from chalicelib.usecases.factories import keep_brands
from chalicelib.usecases.factories.import_disclosure import ImportRequest
from chalicelib.usecases.work.request_job import list_jobs, own_job
from chalicelib.usecases.work.request_job import request_import as use_request_import

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint

LARGEST_LIST = 4 * 1024 * 1024
LIST_TYPES = (
    "text/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)


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
