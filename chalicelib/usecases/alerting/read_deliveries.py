"""A brand looks at whether its alerts arrive: what SNS counted of its topic."""

from datetime import UTC, timedelta

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.delivery import DAYS_SHOWN, DayOfDeliveries, by_day


def read_deliveries(*, by: Principal, deps: Deps) -> tuple[DayOfDeliveries, ...]:
    """The last fourteen days of the caller's topic, today included, oldest first; engaged or not,
    as with its subscriptions. Unavailable."""
    first = deps.now().astimezone(UTC).date() - timedelta(days=DAYS_SHOWN - 1)
    return by_day(deps.deliveries.by_day(by.organisation, first, DAYS_SHOWN), first)
