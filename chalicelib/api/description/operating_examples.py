"""Examples of what an operator reads: schedules that run, a queue, an alert that is sent again."""

from datetime import timedelta

from pydantic import BaseModel

from chalicelib.api.description.story import AT, BRAND, story
from chalicelib.api.work.operations import DeliveryView, RedeliveryView, RetriedView
from chalicelib.api.work.reconciliations import (
    FindingView,
    KindCount,
    ReconciliationReport,
    ReconciliationView,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import AlertStatus, DeliveryOutcome
from chalicelib.domain.work.job import JobStatus
from chalicelib.domain.work.operations import (
    DueWork,
    Quarantined,
    QueueDepth,
    RowKind,
    Schedule,
    schedule_run,
)
from chalicelib.domain.work.reconciliation import FindingKind
from chalicelib.usecases.alerting.redeliver_alerts import RedeliveryRequest
from chalicelib.usecases.work.read_operations import Operations
from chalicelib.usecases.work.reconcile import ReconciliationRequest


def redelivery_id() -> str:
    """The redelivery of the story."""
    return derive_id("r", BRAND, "example")


def reconciliation_id() -> str:
    """The reconciliation of the story."""
    return derive_id("rc", "example")


def examples() -> list[BaseModel]:
    """One of each view."""
    return [
        _operations(),
        _quarantined(),
        RetriedView(retried=1, more=False),
        _delivery(),
        _all(),
        _reconciliation(),
        _finding(),
        ReconciliationReport(**dict(_reconciliation()), findings=(_finding(),)),
    ]


def _operations() -> Operations:
    queues = (
        QueueDepth(queue="work", waiting=2, in_flight=1, dead_letters=0),
        QueueDepth(queue="jobs", waiting=0, in_flight=0, dead_letters=0),
        QueueDepth(queue="attachments", waiting=0, in_flight=0, dead_letters=0),
        QueueDepth(queue="schedules", waiting=0, in_flight=0, dead_letters=0),
        QueueDepth(queue="deliveries", waiting=0, in_flight=0, dead_letters=0),
    )
    return Operations(
        at=AT,
        schedules=tuple(schedule_run(s, AT - timedelta(seconds=30), AT) for s in Schedule),
        queues=queues,
        due_work=DueWork(shards=1, oldest_due_at=AT - timedelta(seconds=20), jobs=0),
        quarantined=1,
        quarantined_counted_to_the_end=True,
    )


def _quarantined() -> Quarantined:
    return Quarantined(
        kind=RowKind.ALERT,
        id=story().alert.alert_id,
        attempts=8,
        last_error="NoSuchThing",
        since=AT,
    )


def _delivery() -> DeliveryView:
    alert = story().alert
    return DeliveryView(
        alert_id=alert.alert_id,
        brand_id=BRAND,
        status=AlertStatus.PENDING,
        attempts=1,
        outcome=DeliveryOutcome.SENT,
        last_error=None,
        sent_at=alert.sent_at,
        next_attempt_at=AT + timedelta(hours=1),
    )


def _all() -> RedeliveryView:
    return RedeliveryView(
        redelivery_id=redelivery_id(),
        status=JobStatus.DONE,
        request=RedeliveryRequest(brand_id=BRAND, since=AT, until=AT + timedelta(hours=1)),
        created_at=AT + timedelta(hours=1),
        finished_at=AT + timedelta(hours=1, seconds=20),
        redelivered=12,
        left_alone=1,
        error=None,
    )


def _reconciliation() -> ReconciliationView:
    asked = ReconciliationRequest(received_from=AT.date(), received_to=AT.date(), repair=True)
    return ReconciliationView(
        reconciliation_id=reconciliation_id(),
        status=JobStatus.DONE,
        request=asked,
        created_at=AT + timedelta(hours=1),
        finished_at=AT + timedelta(hours=1, seconds=20),
        looked_at=204,
        counts=(KindCount(kind=FindingKind.ALERT_MISPLACED, found=1, repaired=1, left=0),),
        next_day=None,
        error=None,
    )


def _finding() -> FindingView:
    alert_id = story().alert.alert_id
    return FindingView(kind=FindingKind.ALERT_MISPLACED, id=alert_id, entry=None, repaired=True)
