"""Where a brand has its alerts sent: subscriptions to its topic, a dry run, a test alert, and
whether they arrive."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import DESK
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.listing import Listing, Paging, list_reply, read_from_cursor
from chalicelib.api.parsing import parse_idempotency_key
from chalicelib.api.views import AlertRow, alert_row
from chalicelib.domain.alerting.delivery import DayOfDeliveries
from chalicelib.domain.alerting.subscription import (
    AlertFilter,
    NewSubscription,
    Rhythm,
    Subscription,
    SubscriptionStatus,
    WantedOfAlerts,
    explained,
)
from chalicelib.domain.factories.registry import Brand
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.work.job import Job, JobStatus
from chalicelib.errors import MissingIdempotencyKey
from chalicelib.store.paging import Page, Start
from chalicelib.texts import FALLBACK, Texts, best_language, catalogue
from chalicelib.usecases.alerting.keep_subscriptions import (
    list_subscriptions as use_list_subscriptions,
)
from chalicelib.usecases.alerting.keep_subscriptions import (
    read_subscription as use_read_subscription,
)
from chalicelib.usecases.alerting.keep_subscriptions import subscribe as use_subscribe
from chalicelib.usecases.alerting.keep_subscriptions import unsubscribe as use_unsubscribe
from chalicelib.usecases.alerting.read_deliveries import read_deliveries as use_read_deliveries
from chalicelib.usecases.alerting.send_test_alert import alert_id_of
from chalicelib.usecases.alerting.send_test_alert import send_test_alert as use_send_test_alert
from chalicelib.usecases.alerting.try_filter import Tried
from chalicelib.usecases.alerting.try_filter import try_filter as use_try_filter

audience = Audience(__name__, "Brands")
blueprint = audience.blueprint

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "A key of your own for this test, 1 to 255 printable ASCII characters. It must be there: with "
    "the same key you read how far the test is.",
    pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$",
)


class SubscriptionPaging(Paging):
    """The query of the list: SNS is asked about each subscription by itself."""

    limit: Annotated[int, Field(ge=1, le=50)] = 20


class SubscriptionView(Value):
    """A subscription to your topic, as SNS has it."""

    subscription_id: Annotated[
        str | None,
        Field(description="Null in a list until it is confirmed: SNS tells it only who asked."),
    ]
    protocol: Annotated[
        str, Field(description="`email`, `https`, `sqs`, `sms`; another, if it was made elsewhere.")
    ]
    endpoint: str
    status: Annotated[
        SubscriptionStatus,
        Field(description="Nothing is sent while it is `pending`: see how to confirm it."),
    ]
    filter: Annotated[
        AlertFilter | None, Field(description="Null: not known, or not made with this API.")
    ]
    digest: Annotated[
        Rhythm | None,
        Field(description="Null: not known, or whatever is published comes, digests as well."),
    ]
    explanation: Annotated[
        str, Field(description="What comes, in words, in your brand's language.")
    ]
    keeps_undelivered: Annotated[
        bool,
        Field(
            description="What SNS cannot deliver is kept, and the operator hears of it: queues and"
            " HTTPS endpoints. Of others SNS tells nobody which message was lost."
        ),
    ]


class FilterTrial(WantedOfAlerts):
    """A filter, or a digest, to try out."""


class DryRun(Value):
    """What would have come of a part of your alerts, newest first."""

    since: Annotated[Moment, Field(description="Ninety days ago: older alerts are not looked at.")]
    looked_at: int
    would_receive: Annotated[int, Field(description="Each by itself.")]
    in_digests: Annotated[
        int, Field(description="Listed in a digest; critical ones (S1) came by themselves, too.")
    ]
    digests: Annotated[int, Field(description="That have been written since: 0 without `digest`.")]
    recalled: Annotated[
        int, Field(description="Looked at, but what they were about is not to be told any more.")
    ]
    explanation: str
    items: Annotated[
        list[AlertRow], Field(description="The first that would have come, up to `limit`.")
    ]
    next_cursor: Annotated[
        str | None,
        Field(description="Send it as `cursor` to go on with older alerts, and add the counts."),
    ]


class DeliveriesView(Value):
    """Whether your alerts arrive: what SNS has counted of your topic."""

    days: Annotated[
        tuple[DayOfDeliveries, ...], Field(description="Fourteen, oldest first, with today.")
    ]


class AlertTestView(Value):
    """How far a test alert is."""

    alert_id: Annotated[str, Field(description="Of the alert that arrives at your endpoints.")]
    status: Annotated[JobStatus, Field(description="`done`: SNS has taken it.")]
    created_at: Moment
    finished_at: Moment | None
    error: Annotated[
        str | None, Field(description="`no_topic`, `not_taken`, `gave_up`: ask the operator.")
    ]


@audience.route(
    "POST",
    "/v1/subscriptions",
    roles=DESK,
    body=NewSubscription,
    replies={201: SubscriptionView, 200: SubscriptionView},
    raises=[errors.EngagementNotActive, errors.AlreadyExists, errors.StateConflict],
    example={
        "protocol": "email",
        "endpoint": "desk@brand.example",
        "filter": {"severities": ["S2"], "countries": ["CN", "BD"]},
    },
    reply_headers=["Location"],
)
def subscribe(call: Call) -> Reply:
    """Have your alerts sent somewhere: all of them, those that match a filter, or a digest.

    Whoever has the endpoint must confirm it, by a link that SNS sends there (within two days). The
    same again gets the same subscription, and another link if it waits. Recalls, critical alerts
    and tests come singly, whatever the filter or the digest says.
    """
    done = use_subscribe(call.body, by=call.by, deps=call.deps)
    location = {"Location": f"/v1/subscriptions/{done.subscription.subscription_id}"}
    return Reply(_view(done.subscription, _texts(call)), 201 if done.created else 200, location)


@audience.route(
    "GET",
    "/v1/subscriptions",
    roles=DESK,
    query=SubscriptionPaging,
    replies={200: Listing[SubscriptionView]},
    raises=[errors.InvalidCursor],
)
def list_subscriptions(call: Call) -> Reply:
    """List the subscriptions to your topic, whoever made them."""
    texts = _texts(call)
    return list_reply(
        call,
        Listing[SubscriptionView],
        lambda limit, start: use_list_subscriptions(
            limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda subscription: _view(subscription, texts),
        "/v1/subscriptions",
    )


@audience.route(
    "GET",
    "/v1/subscriptions/{subscription_id}",
    roles=DESK,
    replies={200: SubscriptionView},
    raises=[errors.NotFound],
)
def read_subscription(call: Call) -> Reply:
    """Read a subscription: whether it is confirmed, and what it lets through."""
    found = use_read_subscription(call.path["subscription_id"], by=call.by, deps=call.deps)
    return Reply(_view(found, _texts(call)))


@audience.route(
    "DELETE",
    "/v1/subscriptions/{subscription_id}",
    roles=DESK,
    replies={204: ""},
    raises=[errors.NotFound, errors.StateConflict],
)
def unsubscribe(call: Call) -> Reply:
    """End a subscription: nothing more is sent there. One that waits cannot be ended."""
    use_unsubscribe(call.path["subscription_id"], by=call.by, deps=call.deps)
    return Reply(status=204)


@audience.route(
    "POST",
    "/v1/subscriptions/dry-run",
    roles=DESK,
    body=FilterTrial,
    query=Paging,
    replies={200: DryRun},
    raises=[errors.EngagementNotActive, errors.InvalidCursor],
    example={"filter": {"severities": ["S2"], "countries": ["CN", "BD"]}},
)
def try_filter(call: Call) -> Reply:
    """Try out a filter or a digest: which alerts of the last ninety days would have come.

    It looks at a thousand alerts at a time; nothing is sent, nothing changed.
    """
    trial: FilterTrial = call.body
    explanation = explained(trial.filter, _texts(call), trial.digest)

    def read(limit: int, start: Start | None) -> Page[Tried]:
        tried = use_try_filter(
            trial.wanted, examples=limit, start=start, by=call.by, deps=call.deps
        )
        return Page([tried], tried.next_start)

    query = {"path": "/v1/subscriptions/dry-run", "trial": trial.model_dump_json()}
    (tried,), next_cursor = read_from_cursor(call, read, query)
    return Reply(_dry_run(tried, explanation, next_cursor))


@audience.route("GET", "/v1/deliveries", roles=DESK, replies={200: DeliveriesView})
def read_deliveries(call: Call) -> Reply:
    """Read what SNS counted of your topic, by day: delivered, failed, filtered out, kept.

    Of all your subscriptions together: SNS tells no more. The numbers come some minutes late.
    Which of your endpoints fails, a test alert shows.
    """
    return Reply(DeliveriesView(days=use_read_deliveries(by=call.by, deps=call.deps)))


@audience.route(
    "POST",
    "/v1/test-alerts",
    roles=DESK,
    headers=[IDEMPOTENCY_KEY],
    replies={202: AlertTestView, 200: AlertTestView},
    raises=[
        errors.EngagementNotActive,
        errors.MissingIdempotencyKey,
        errors.InvalidIdempotencyKey,
        errors.StateConflict,
    ],
)
def send_test_alert(call: Call) -> Reply:
    """Have a test alert sent to every endpoint of yours, whatever its filter. Needs no body.

    It has the kind `test`, no case behind it, and nobody waits for an answer. Ask with the same key
    again to see how far it is.
    """
    key = parse_idempotency_key(call.headers.get("idempotency-key"))
    if key is None:
        raise MissingIdempotencyKey(IDEMPOTENCY_KEY.description)
    asked = use_send_test_alert(key, by=call.by, deps=call.deps)
    return Reply(_test_view(asked.job), 202 if asked.created else 200)


def _texts(call: Call) -> Texts:
    brand: Brand | None = call.deps.registry.brand(call.by.organisation)
    return catalogue(best_language(brand.language if brand else FALLBACK))


def _view(subscription: Subscription, texts: Texts) -> SubscriptionView:
    return SubscriptionView(
        subscription_id=subscription.subscription_id,
        protocol=subscription.protocol,
        endpoint=subscription.endpoint,
        status=subscription.status,
        filter=subscription.filter,
        digest=subscription.digest,
        explanation=explained(subscription.filter, texts, subscription.digest),
        keeps_undelivered=subscription.keeps_undelivered,
    )


def _dry_run(tried: Tried, explanation: str, next_cursor: str | None) -> DryRun:
    return DryRun(
        since=tried.since,
        looked_at=tried.looked_at,
        would_receive=tried.received,
        in_digests=tried.in_digests,
        digests=tried.digests,
        recalled=tried.recalled,
        explanation=explanation,
        items=[alert_row(row) for row in tried.examples],
        next_cursor=next_cursor,
    )


def _test_view(job: Job) -> AlertTestView:
    return AlertTestView(
        alert_id=alert_id_of(job.job_id),
        status=job.status,
        created_at=job.created_at,
        finished_at=job.finished_at,
        error=job.error,
    )
