"""What auditors reach: exports."""

from typing import Any

from chalicelib import errors
from chalicelib.api.audiences import AUDITOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.jobs import ExportView, export_view
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.work.job import JobKind
from chalicelib.usecases.record.request_export import read_export as use_read_export
from chalicelib.usecases.record.request_export import request_export as use_request_export
from chalicelib.usecases.record.run_export import ExportRequest
from chalicelib.usecases.work.request_job import list_jobs

audience = Audience(__name__, "Auditors")
blueprint = audience.blueprint

_EXAMPLE: dict[str, Any] = {
    "format": "csv",
    "received_from": "2026-01-01",
    "received_to": "2026-12-31",
    "countries": ["CN", "BD"],
}


@audience.route(
    "POST",
    "/v1/exports",
    roles=AUDITOR,
    body=ExportRequest,
    replies={202: ExportView},
    raises=[errors.EngagementNotActive],
    example=_EXAMPLE,
    reply_headers=["Location"],
)
def request_export(call: Call) -> Reply:
    """Ask for an export. It is made in the background: read it until `status` is `done`.

    It holds what your engagement covers, and of that what you ask for. What lies outside of the
    engagement is refused. Every request and every reading stands in the access log with the
    engagement's purpose.
    """
    job = use_request_export(call.body, by=call.by, deps=call.deps)
    return Reply(export_view(job, call.deps), 202, {"Location": f"/v1/exports/{job.job_id}"})


@audience.route(
    "GET",
    "/v1/exports",
    roles=AUDITOR,
    query=Paging,
    replies={200: Listing[ExportView]},
    raises=[errors.InvalidCursor],
)
def list_exports(call: Call) -> Reply:
    """List your exports, newest first. Read one to get its download links."""
    return list_reply(
        call,
        Listing[ExportView],
        lambda limit, start: list_jobs(
            JobKind.EXPORT, call.by.organisation, limit=limit, start=start, deps=call.deps
        ),
        lambda job: export_view(job, None),
        "/v1/exports",
    )


@audience.route(
    "GET",
    "/v1/exports/{export_id}",
    roles=AUDITOR,
    replies={200: ExportView},
    raises=[errors.NotFound, errors.EngagementNotActive],
)
def read_export(call: Call) -> Reply:
    """Read an export. When it is done: its manifest, and links that work for five minutes."""
    job = use_read_export(call.path["export_id"], by=call.by, deps=call.deps)
    return Reply(export_view(job, call.deps))
