"""Many grievances at once: a file in, its progress, the rows that came back."""

import csv
import io
from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.factories.imports import LARGEST_LIST, LIST_TYPES
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.deps import Deps
from chalicelib.domain.helpline.grievance_import import (
    COLUMNS,
    FILED,
    GrievanceImportCounts,
    GrievanceImportRequest,
    refused_name,
)
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.work.job import Job, JobKind, JobStatus, Progress
from chalicelib.store.grievance_lists import KEPT_DAYS, URL_SECONDS
from chalicelib.usecases.work.request_job import list_jobs, own_job
from chalicelib.usecases.work.request_job import request_grievance_import as use_request

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint

FILE_TYPES = (*LIST_TYPES, "application/x-ndjson")


class GrievanceImportView(Value):
    """An import of grievances: how far it is, what came of it, where the rows are."""

    import_id: str
    status: JobStatus
    request: GrievanceImportRequest
    created_at: Moment
    finished_at: Moment | None
    progress: Progress
    counts: GrievanceImportCounts
    error: Annotated[str | None, Field(description="Why the rest of the file could not be read.")]
    error_detail: str | None
    filed_url: Annotated[
        str | None,
        Field(
            description="CSV: line, your reference, and the case of each row that has one, with "
            "the `receipt_code` for the worker."
        ),
    ]
    refused_url: Annotated[
        str | None,
        Field(
            description="The rows that came back, each with what is wrong, in the format they came "
            f"in. Both links work for {URL_SECONDS} seconds, the files are kept {KEPT_DAYS} days."
        ),
    ]


@audience.route(
    "POST",
    "/v1/grievance-imports",
    roles=STAFF,
    body_types=FILE_TYPES,
    largest_body=LARGEST_LIST,
    query=GrievanceImportRequest,
    replies={202: GrievanceImportView},
    raises=[errors.UnreadableFile],
    reply_headers=["Location"],
)
def request_grievance_import(call: Call) -> Reply:
    """Upload a file of grievances: CSV, XLSX, XLS, ODS or JSON Lines, up to 4 MiB.

    Headings are those of the template; a line of JSON Lines is what `POST /v1/grievances` takes.
    Every good row becomes a case, whatever the others are; the bad ones come back with what is
    wrong. The same file twice opens no second case: a row is known by its `partner_ref`, else by
    what it says. At most 5,000 rows.
    """
    if not call.raw_body:
        raise errors.UnreadableFile("The body is empty. Send the file itself as the body.")
    content_type = call.headers.get("content-type", "application/octet-stream")
    job = use_request(call.raw_body, content_type, call.query, by=call.by, deps=call.deps)
    location = {"Location": f"/v1/grievance-imports/{job.job_id}"}
    return Reply(grievance_import_view(job, None), 202, location)


@audience.route(
    "GET",
    "/v1/grievance-imports",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[GrievanceImportView]},
    raises=[errors.InvalidCursor],
)
def list_grievance_imports(call: Call) -> Reply:
    """List your organisation's imports of grievances, newest first."""
    return list_reply(
        call,
        Listing[GrievanceImportView],
        lambda limit, start: list_jobs(
            JobKind.GRIEVANCE_IMPORT,
            call.by.organisation,
            limit=limit,
            start=start,
            deps=call.deps,
        ),
        lambda job: grievance_import_view(job, None),
        "/v1/grievance-imports",
    )


@audience.route(
    "GET",
    "/v1/grievance-imports/{grievance_import_id}",
    roles=STAFF,
    replies={200: GrievanceImportView},
    raises=[errors.NotFound],
)
def read_grievance_import(call: Call) -> Reply:
    """Read an import of grievances: its progress, what came of it, the rows that came back."""
    job_id, owner = call.path["grievance_import_id"], call.by.organisation
    job = own_job(job_id, JobKind.GRIEVANCE_IMPORT, owner, deps=call.deps)
    return Reply(grievance_import_view(job, call.deps))


@audience.route("GET", "/v1/grievance-import-template", replies={200: "text/plain"})
def read_grievance_import_template(_: Call) -> Reply:
    """Read the headings of a file of grievances, as CSV to be filled in."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(COLUMNS)
    headers = {
        # Not text/csv: API Gateway takes that for binary, and would send it in base64.
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="grievances.csv"',
        "Cache-Control": "public, max-age=3600",
    }
    return Reply(text.getvalue(), headers=headers)


def grievance_import_view(job: Job, deps: Deps | None) -> GrievanceImportView:
    """An import; links only where `deps` is given to make them, and while the files are there."""
    counts = GrievanceImportCounts.model_validate(job.result.get("counts", {}))
    linked = deps if deps is not None and job.finished_at is not None else None

    def link(there: int, name: str) -> str | None:
        return linked.grievance_lists.link(job.job_id, name) if linked and there else None

    return GrievanceImportView(
        import_id=job.job_id,
        status=job.status,
        request=GrievanceImportRequest.model_validate(job.params["request"]),
        created_at=job.created_at,
        finished_at=job.finished_at,
        progress=job.progress,
        counts=counts,
        error=job.error,
        error_detail=job.result.get("detail"),
        filed_url=link(counts.filed + counts.repeated, FILED),
        refused_url=link(counts.refused, refused_name(job.result)),
    )
