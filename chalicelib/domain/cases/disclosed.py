"""What brands have been told of a case, held against what the worker agrees to now."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from chalicelib.domain.alerting.alert import Alert, allowed_now
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, told_at
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.vocabulary import AlertStatus, Routing


def by_brand(alerts: Iterable[Alert]) -> list[list[Alert]]:
    """The alerts of each brand, in the order of the brands' ids."""
    ordered = sorted(alerts, key=lambda alert: alert.brand_id)
    return [list(group) for _, group in groupby(ordered, key=lambda alert: alert.brand_id)]


def told_too_much(case: Case, alerts: Iterable[Alert]) -> list[list[Alert]]:
    """By brand, the alerts that show more than is allowed now.

    One that is still to be sent counts, too: whether an attempt to send it has come through cannot
    be known.
    """
    return by_brand(alert for alert in alerts if alert.exceeds(allowed_now(case, alert.payload)))


def may_be_told_more(case: Case, alerts: Iterable[Alert]) -> list[str]:
    """The brands that know less than the worker now agrees to, of those that were alerted."""
    if case.routing is not Routing.ALERTED or case.state in ENDED:
        return []
    return [told[0].brand_id for told in by_brand(alerts) if _knows_less(case, told)]


def _knows_less(case: Case, told: Sequence[Alert]) -> bool:
    allowed = allowed_now(case, told[-1].payload)
    return allowed.level is not None and allowed.detail > max(_known(case, a) for a in told)


def _known(case: Case, alert: Alert) -> Detail:
    """What the brand will know from this alert once what is due is sent, what exceeds recalled."""
    allowed = allowed_now(case, alert.payload)
    if alert.status is AlertStatus.PENDING and not alert.is_recall:
        goes_out = alert.recalled_at is None and not alert.payload.exceeds(allowed)
        return told_at(alert.payload.consent_level) if goes_out else Detail.NOTHING
    return min(alert.still_told, allowed.detail)
