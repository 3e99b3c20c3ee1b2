"""What the operator reaches to keep the service at work: how it stands, what to try again."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import AlertStatus, DeliveryOutcome, Role
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.domain.work.operations import Quarantined
from chalicelib.usecases.alerting.redeliver_alerts import (
    Redelivered,
    RedeliveryRequest,
    redelivery_asked_for,
)
from chalicelib.usecases.alerting.redeliver_alerts import redeliver_alert as use_redeliver_alert
from chalicelib.usecases.alerting.redeliver_alerts import (
    request_redelivery as use_request_redelivery,
)
from chalicelib.usecases.work.read_operations import Operations
from chalicelib.usecases.work.read_operations import read_operations as use_read_operations
from chalicelib.usecases.work.request_job import list_jobs, own_job
from chalicelib.usecases.work.retry_quarantined import list_quarantine as use_list_quarantine
from chalicelib.usecases.work.retry_quarantined import retry_quarantined as use_retry_quarantined

audience = Audience(__name__, "Operations")
blueprint = audience.blueprint


class DeliveryView(Value):
    """How the sending of an alert stands. It says nothing of what the alert tells."""

    alert_id: str
    brand_id: str
    status: AlertStatus
    attempts: Annotated[int, Field(description="All of them, those before a redelivery, too.")]
    outcome: Annotated[
        DeliveryOutcome | None, Field(description="Of the last attempt; null before the first.")
    ]
    last_error: str | None
    sent_at: Moment | None
    next_attempt_at: Moment | None


class RetriedView(Value):
    """What is due again."""

    retried: int
    more: Annotated[bool, Field(description="Ask again: a call takes a hundred rows at most.")]


class RedeliveryView(Value):
    """The sending again of all that a brand was to be told in a time: how far it is."""

    redelivery_id: str
    status: JobStatus
    request: RedeliveryRequest
    created_at: Moment
    finished_at: Moment | None
    redelivered: Annotated[int, Field(description="On their way again; the tick sends them.")]
    left_alone: Annotated[
        int,
        Field(description="On their way already, or no longer for the brand (recalled, withheld)."),
    ]
    error: str | None


@audience.route(
    "GET",
    "/v1/operations",
    roles=OPERATOR,
    replies={200: Operations},
)
def read_operations(call: Call) -> Reply:
    """See whether the service does its work: schedules, queues, due work, what is in quarantine.

    A schedule is `late` when three runs in a row have not come to their end. SQS counts
    approximately.
    """
    return Reply(use_read_operations(deps=call.deps))


@audience.route(
    "GET",
    "/v1/quarantine",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[Quarantined]},
    raises=[errors.InvalidCursor],
)
def list_quarantine(call: Call) -> Reply:
    """List what failed too often and waits for you: cases, alerts, changes to follow up.

    `last_error` is the name of what went wrong; docs/runbook.md says what to do about each.
    """
    return list_reply(
        call,
        Listing[Quarantined],
        lambda limit, start: use_list_quarantine(limit=limit, start=start, deps=call.deps),
        lambda row: row,
        "/v1/quarantine",
    )


@audience.route(
    "POST",
    "/v1/quarantine/retry",
    roles=OPERATOR,
    replies={202: RetriedView},
)
def retry_quarantined(call: Call) -> Reply:
    """Have what is in quarantine tried again, once its cause is mended. Needs no body.

    Rows get as many attempts as new ones; those that still fail are quarantined again.
    """
    done = use_retry_quarantined(by=call.by, deps=call.deps)
    return Reply(RetriedView(retried=done.retried, more=done.more), 202)


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/redeliver",
    roles=OPERATOR,
    replies={202: DeliveryView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def redeliver_alert(call: Call) -> Reply:
    """Have an alert sent again: one in quarantine, or that its brand has lost. Needs no body.

    The next tick sends it, under the same `alert_id`, if consent still allows it. The case's ledger
    says so.
    """
    alert = use_redeliver_alert(call.path["alert_id"], by=call.by, deps=call.deps)
    return Reply(_delivery_view(alert), 202)


@audience.route(
    "POST",
    "/v1/redeliveries",
    roles=OPERATOR,
    body=RedeliveryRequest,
    replies={202: RedeliveryView},
    raises=[errors.NotFound],
    example={"brand_id": "acme", "since": "2026-11-20T00:00:00Z"},
    reply_headers=["Location"],
)
def request_redelivery(call: Call) -> Reply:
    """Have all alerts of a brand sent again that were written since a moment.

    It runs in the background: read it until `status` is `done`. Brands know repeats by their
    `alert_id`.
    """
    job = use_request_redelivery(call.body, by=call.by, deps=call.deps)
    return Reply(_redelivery_view(job), 202, {"Location": f"/v1/redeliveries/{job.job_id}"})


@audience.route(
    "GET",
    "/v1/redeliveries",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[RedeliveryView]},
    raises=[errors.InvalidCursor],
)
def list_redeliveries(call: Call) -> Reply:
    """List redeliveries, newest first."""
    return list_reply(
        call,
        Listing[RedeliveryView],
        lambda limit, start: list_jobs(
            JobKind.REDELIVERY, Role.OPERATOR, limit=limit, start=start, deps=call.deps
        ),
        _redelivery_view,
        "/v1/redeliveries",
    )


@audience.route(
    "GET",
    "/v1/redeliveries/{redelivery_id}",
    roles=OPERATOR,
    replies={200: RedeliveryView},
    raises=[errors.NotFound],
)
def read_redelivery(call: Call) -> Reply:
    """Read a redelivery: how many alerts are on their way again."""
    redelivery_id = call.path["redelivery_id"]
    return Reply(
        _redelivery_view(own_job(redelivery_id, JobKind.REDELIVERY, Role.OPERATOR, deps=call.deps))
    )


def _delivery_view(alert: Alert) -> DeliveryView:
    same = ("alert_id", "brand_id", "status", "attempts", "outcome", "last_error", "sent_at")
    shown = {name: getattr(alert, name) for name in same}
    return DeliveryView(**shown, next_attempt_at=alert.due_at)


def _redelivery_view(job: Job) -> RedeliveryView:
    same = ("status", "created_at", "finished_at", "error")
    shown = {name: getattr(job, name) for name in same}
    counts = Redelivered(**job.result)
    return RedeliveryView(
        **shown,
        redelivery_id=job.job_id,
        request=redelivery_asked_for(job),
        redelivered=counts.redelivered,
        left_alone=counts.left_alone,
    )
