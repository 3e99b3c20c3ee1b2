"""A brand's scorecard of a quarter: computed by whoever first asks for it, and then kept.

So the brand and the public read the same row, and nobody's later deed changes a past quarter.
"""

from collections.abc import Iterator, Sequence

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert, grievance_of
from chalicelib.domain.alerting.scorecard import Quarter, Scorecard, Told, scorecard_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.errors import NotFound, StateConflict
from chalicelib.store import keys
from chalicelib.store.paging import Start

_PAGE = 100


def read_own_scorecard(quarter: str, *, by: Principal, deps: Deps) -> Scorecard:
    """The caller's own card. StateConflict before it is computed, NotFound, Unavailable."""
    asked = _named(quarter)
    if deps.now() < asked.computed_from:
        raise StateConflict(
            f"The scorecard of {asked} is computed on {asked.computed_from:%Y-%m-%d}, when the"
            " clocks of its last alerts have run out."
        )
    return _card(by.organisation, asked, deps)


def read_scorecard(brand_id: str, quarter: str, *, deps: Deps) -> Scorecard:
    """A brand's card as anybody may read it. NotFound before it is public, Unavailable."""
    asked = _named(quarter)
    if deps.now() < asked.public_from:
        raise NotFound()
    return _card(brand_id, asked, deps)


def _named(quarter: str) -> Quarter:
    try:
        return Quarter.named(quarter)
    except ValueError as unknown:
        raise NotFound() from unknown


def _card(brand_id: str, quarter: Quarter, deps: Deps) -> Scorecard:
    kept = deps.scorecards.get(brand_id, quarter)
    if kept is not None:
        return kept
    if deps.registry.brand(brand_id) is None:
        raise NotFound()
    card = scorecard_of(brand_id, quarter, _told(brand_id, quarter, deps), at=deps.now())
    if deps.scorecards.keep(card):
        return card
    return deps.scorecards.get(brand_id, quarter) or card


def _told(brand_id: str, quarter: Quarter, deps: Deps) -> Iterator[Told]:
    """What the brand was told in a quarter, read a page at a time."""
    start: Start | None = None
    while True:
        page = deps.alerts.alerted_between(brand_id, quarter.begins, quarter.last, _PAGE, start)
        yield from _with_cases(page.items, deps)
        if (start := page.next_start) is None:
            return


def _with_cases(alert_ids: Sequence[str], deps: Deps) -> Iterator[Told]:
    if not alert_ids:
        return
    alerts = deps.alerts.get_many([(grievance_of(each), keys.alert(each)) for each in alert_ids])
    cases = deps.cases.heads([alert.grievance_id for alert in alerts])
    for alert in alerts:
        case = cases.get(alert.grievance_id)
        if case is not None:
            yield Told(alert, case, _plans(alert, case, deps))


def _plans(alert: Alert, case: Case, deps: Deps) -> Sequence[RemediationPlan]:
    """The brand's plans about the case; most have none, which their case says."""
    if case.plan_at is None:
        return ()
    return deps.plans.all_of(case.grievance_id, brand_id=alert.brand_id)
