"""Examples of what a brand reads of its subscriptions: one to a mailbox, a dry run, a test, and a
day on which an endpoint was out of order."""

from datetime import timedelta

from pydantic import BaseModel

from chalicelib.api.alerting.subscriptions import (
    AlertTestView,
    DeliveriesView,
    DryRun,
    SubscriptionView,
)
from chalicelib.api.description.story import AT, BRAND, IDEMPOTENCY_KEY, request_of
from chalicelib.api.views import AlertRow
from chalicelib.domain.alerting.delivery import DAYS_SHOWN, Counted, by_day
from chalicelib.domain.alerting.subscription import (
    DAYS_LOOKED_BACK,
    NewSubscription,
    SubscriptionStatus,
    explained,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.work.job import JobStatus
from chalicelib.texts import FALLBACK, catalogue
from chalicelib.usecases.alerting.send_test_alert import alert_id_of


def subscription_id() -> str:
    """The subscription of the story."""
    return "3f6c9a3e-6d0c-4f7a-9b57-0d2b4c1a8e21"


def examples(row: AlertRow) -> list[BaseModel]:
    """One of each view; the dry run finds an alert."""
    wish = NewSubscription.model_validate(request_of("subscribe"), strict=False)
    words = explained(wish.filter, catalogue(FALLBACK))
    today = AT.date()
    counted = {Counted.DELIVERED: 3, Counted.FAILED: 1, Counted.KEPT: 1}
    return [
        SubscriptionView(
            subscription_id=subscription_id(),
            protocol=wish.protocol,
            endpoint=wish.endpoint,
            status=SubscriptionStatus.PENDING,
            filter=wish.filter,
            digest=wish.digest,
            explanation=words,
            keeps_undelivered=False,
        ),
        DryRun(
            since=AT - timedelta(days=DAYS_LOOKED_BACK),
            looked_at=1,
            would_receive=1,
            in_digests=0,
            digests=0,
            recalled=0,
            explanation=words,
            items=[row],
            next_cursor=None,
        ),
        DeliveriesView(days=by_day({today: counted}, today - timedelta(days=DAYS_SHOWN - 1))),
        AlertTestView(
            alert_id=alert_id_of(derive_id("ta", BRAND, IDEMPOTENCY_KEY)),
            status=JobStatus.QUEUED,
            created_at=AT,
            finished_at=None,
            error=None,
        ),
    ]
