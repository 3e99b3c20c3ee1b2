"""A brand's subscriptions to its own topic: made, read and ended by its desk.

SNS is the record of them. Whoever is not engaged now may still look at them and end them.
"""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.digest import due_after, period_start
from chalicelib.domain.alerting.subscription import (
    MOST_SUBSCRIPTIONS,
    NewSubscription,
    Rhythm,
    Subscription,
    SubscriptionStatus,
)
from chalicelib.errors import (
    AlreadyExists,
    FieldError,
    NotFound,
    StateConflict,
    ValidationFailed,
)
from chalicelib.store.faults import LimitReached, NoSuchThing, RefusedByStore
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.engaged import active_engagements


class Subscribed(NamedTuple):
    """A subscription, and whether it is new."""

    subscription: Subscription
    created: bool


def subscribe(wish: NewSubscription, *, by: Principal, deps: Deps) -> Subscribed:
    """Subscribe an endpoint to the caller's topic. The same again changes nothing; an endpoint that
    has not confirmed is asked once more.

    Raises EngagementNotActive, AlreadyExists (with another filter), StateConflict (no topic, or no
    room in it), ValidationFailed (SNS does not take the endpoint), Unavailable.
    """
    active_engagements(by=by, deps=deps)
    brand_id = by.organisation
    known = deps.subscriptions.of_endpoint(brand_id, wish.protocol, wish.endpoint)
    if known is not None and known.status is SubscriptionStatus.CONFIRMED:
        if known.wanted != wish.wanted:
            raise AlreadyExists("This endpoint has a subscription. Delete it to make another one.")
        _have_digests_written(wish.digest, brand_id, deps)
        return Subscribed(known, created=False)
    if known is None and deps.subscriptions.count(brand_id) >= MOST_SUBSCRIPTIONS:
        raise StateConflict(_FULL)
    _have_digests_written(wish.digest, brand_id, deps)
    return Subscribed(_added(wish, known, brand_id, deps), created=known is None)


_FULL = "Your topic has as many subscriptions as SNS takes. Delete one that you do not need."


def _have_digests_written(rhythm: Rhythm, brand_id: str, deps: Deps) -> None:
    """Before SNS is asked: a note that nobody needs goes by itself, one that is missing would never
    come."""
    if rhythm is not Rhythm.NONE:
        now = deps.now()
        since = period_start(rhythm, now)
        deps.digests.ask_for(brand_id, rhythm, now, since=since, due_at=due_after(rhythm, since))


def _added(
    wish: NewSubscription, known: Subscription | None, brand_id: str, deps: Deps
) -> Subscription:
    try:
        new = deps.subscriptions.add(brand_id, wish.protocol, wish.endpoint, wish.wanted)
    except NoSuchThing:
        raise StateConflict("Your brand has no topic yet. Ask the operator for it.") from None
    except LimitReached:
        raise StateConflict(_FULL) from None
    except RefusedByStore:
        if known is not None:
            raise AlreadyExists(_WAITS) from None
        detail = "SNS does not take this endpoint. Check that it exists and is written correctly."
        raise ValidationFailed(errors=[FieldError("endpoint", "not_taken", detail)]) from None
    return read_subscription_of(brand_id, new, deps=deps)


_WAITS = (
    "This endpoint has not confirmed yet, with another filter. Confirm it and delete it, or wait"
    " two days until SNS has forgotten it."
)


def list_subscriptions(
    *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Subscription]:
    """A page of the subscriptions of the caller's topic, whoever made them."""
    return deps.subscriptions.page(by.organisation, limit, start)


def read_subscription(subscription_id: str, *, by: Principal, deps: Deps) -> Subscription:
    """A subscription of the caller's topic. NotFound."""
    return read_subscription_of(by.organisation, subscription_id, deps=deps)


def read_subscription_of(brand_id: str, subscription_id: str, *, deps: Deps) -> Subscription:
    """A subscription of a brand's topic. NotFound."""
    found = deps.subscriptions.get(brand_id, subscription_id)
    if found is None:
        raise NotFound()
    return found


def unsubscribe(subscription_id: str, *, by: Principal, deps: Deps) -> None:
    """End a subscription of the caller's topic.

    Raises NotFound, StateConflict (SNS ends none that is not confirmed: it forgets it by itself).
    """
    found = read_subscription(subscription_id, by=by, deps=deps)
    if found.status is SubscriptionStatus.PENDING:
        raise StateConflict(
            "It is not confirmed, so nothing is sent to it. SNS ends only what was confirmed, and"
            " forgets the rest after two days: leave it unconfirmed."
        )
    deps.subscriptions.remove(by.organisation, subscription_id)
