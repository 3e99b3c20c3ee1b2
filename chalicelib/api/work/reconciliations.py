"""An operator has the store looked through for what does not agree, and repaired if asked."""

from datetime import date
from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Role
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.domain.work.reconciliation import FindingKind
from chalicelib.usecases.work.reconcile import Noted, ReconciliationRequest, Report, report_of
from chalicelib.usecases.work.reconcile import request_reconciliation as use_request_reconciliation
from chalicelib.usecases.work.request_job import list_jobs, own_job

audience = Audience(__name__, "Operations")
blueprint = audience.blueprint


class KindCount(Value):
    """How many findings there are of a kind."""

    kind: FindingKind
    found: int
    repaired: int
    left: int


class FindingView(Value):
    """One thing that does not agree, named as the quarantine names it."""

    kind: FindingKind
    id: Annotated[
        str, Field(description="Of the grievance, the alert, the attachment or the message.")
    ]
    entry: Annotated[
        int | None, Field(description="Of a ledger: the first entry that is wrong or missing.")
    ]
    repaired: bool


class ReconciliationView(Value):
    """A reconciliation: how far it is, and how much it has found."""

    reconciliation_id: str
    status: JobStatus
    request: ReconciliationRequest
    created_at: Moment
    finished_at: Moment | None
    looked_at: Annotated[int, Field(description="Cases of the days that are done.")]
    counts: tuple[KindCount, ...]
    next_day: Annotated[
        date | None,
        Field(description="Ask again from this day: no more findings fit. Null when all is done."),
    ]
    error: str | None


class ReconciliationReport(ReconciliationView):
    """The same with what it has found, one by one."""

    findings: tuple[FindingView, ...]


@audience.route(
    "POST",
    "/v1/reconciliations",
    roles=OPERATOR,
    body=ReconciliationRequest,
    replies={202: ReconciliationView},
    example={"received_from": "2026-11-01", "received_to": "2026-11-22", "repair": True},
    reply_headers=["Location"],
)
def request_reconciliation(call: Call) -> Reply:
    """Have cases looked through for what does not agree: rows, queues, files, ledgers.

    Without `repair` it only reports. It runs in the background: read it until `status` is `done`.
    docs/runbook.md says when to ask, and what each finding means.
    """
    job = use_request_reconciliation(call.body, by=call.by, deps=call.deps)
    return Reply(_view(job), 202, {"Location": f"/v1/reconciliations/{job.job_id}"})


@audience.route(
    "GET",
    "/v1/reconciliations",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[ReconciliationView]},
    raises=[errors.InvalidCursor],
)
def list_reconciliations(call: Call) -> Reply:
    """List reconciliations, newest first."""
    return list_reply(
        call,
        Listing[ReconciliationView],
        lambda limit, start: list_jobs(
            JobKind.RECONCILIATION, Role.OPERATOR, limit=limit, start=start, deps=call.deps
        ),
        _view,
        "/v1/reconciliations",
    )


@audience.route(
    "GET",
    "/v1/reconciliations/{reconciliation_id}",
    roles=OPERATOR,
    replies={200: ReconciliationReport},
    raises=[errors.NotFound],
)
def read_reconciliation(call: Call) -> Reply:
    """Read a reconciliation: what was found, what was repaired, what is left."""
    job_id = call.path["reconciliation_id"]
    job = own_job(job_id, JobKind.RECONCILIATION, Role.OPERATOR, deps=call.deps)
    listed = tuple(_finding_view(noted) for noted in report_of(job).noted)
    return Reply(ReconciliationReport(**dict(_view(job)), findings=listed))


def _view(job: Job) -> ReconciliationView:
    same = ("status", "created_at", "finished_at", "error")
    report = report_of(job)
    return ReconciliationView(
        **{name: getattr(job, name) for name in same},
        reconciliation_id=job.job_id,
        request=ReconciliationRequest.model_validate(job.params),
        looked_at=report.looked_at,
        counts=_counts(report),
        next_day=report.next_day if report.is_full else None,
    )


def _counts(report: Report) -> tuple[KindCount, ...]:
    repaired, left = report.count(repaired=True), report.count(repaired=False)
    return tuple(
        KindCount(
            kind=kind,
            found=repaired.get(kind, 0) + left.get(kind, 0),
            repaired=repaired.get(kind, 0),
            left=left.get(kind, 0),
        )
        for kind in FindingKind
        if kind in repaired or kind in left
    )


def _finding_view(noted: Noted) -> FindingView:
    return FindingView(kind=noted.kind, id=noted.id, entry=noted.entry, repaired=noted.repaired)
