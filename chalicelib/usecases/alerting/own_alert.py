"""A brand's own alert, or nothing at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.alerting.alert import Alert, grievance_of, is_of_coalition
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.cases.case import Case
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.errors import NotFound, StateConflict
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.engaged import active_engagements


class AlertOfCase(NamedTuple):
    """An alert and the case it is about."""

    alert: Alert
    case: Case


class AlertRead(NamedTuple):
    """An alert and the case, or the coalition, that it is about."""

    alert: Alert
    record: Record


def own_alert(alert_id: str, *, by: Principal, deps: Deps) -> Alert:
    """The alert, if it is for the caller's brand.

    NotFound, also for another brand's, for one that no active engagement covers, and for one that
    was suppressed: the worker withdrew her consent before it was sent, so the brand never had it.
    EngagementNotActive where none is active.
    """
    alert = deps.alerts.get(alert_id)
    if alert is None or not _is_own(alert, by):
        raise NotFound()
    _refuse_unless_engaged(alert, by=by, deps=deps)
    return alert


def _refuse_unless_engaged(alert: Alert, *, by: Principal, deps: Deps) -> None:
    """A recall is for who was told, engaged or not: it takes back, and wants to be acknowledged."""
    if alert.is_recall:
        return
    engagements = active_engagements(by=by, deps=deps)
    if not _covered(engagements, alert.alerted_at, alert.payload.country):
        raise NotFound()


def _is_own(alert: Alert, by: Principal) -> bool:
    return alert.brand_id == by.organisation and alert.status is not AlertStatus.SUPPRESSED


def own_alert_with_case(alert_id: str, *, by: Principal, deps: Deps) -> AlertOfCase:
    """The same with its case, for a change that both must record.

    StateConflict for an alert of a coalition: nobody stands behind it to be talked to.
    """
    alert, record = own_alert_with_record(alert_id, by=by, deps=deps)
    return AlertOfCase(alert, the_one_case(record))


def the_one_case(record: Record) -> Case:
    """The case that an alert is about. StateConflict where it is about a coalition."""
    if isinstance(record, Coalition):
        raise StateConflict(
            "This alert is about no one case, so that nobody is named by it. Acknowledge it, and"
            " look into the matter at the factory."
        )
    return record


def own_alert_with_record(alert_id: str, *, by: Principal, deps: Deps) -> AlertRead:
    """The same for an alert of whatever it is about.

    That is read first: who saves it at its version knows that the alert was not answered since.
    """
    record = _head_of(alert_id, deps)
    alert = own_alert(alert_id, by=by, deps=deps)
    if record is None:
        raise NotFound()
    return AlertRead(alert, record)


def _head_of(alert_id: str, deps: Deps) -> Record | None:
    of = deps.coalitions if is_of_coalition(alert_id) else deps.cases
    return of.head(grievance_of(alert_id))


def read_alert(alert_id: str, *, by: Principal, deps: Deps) -> AlertRead:
    """The alert with its case, whose consent says how much of it may be shown. One call,
    and one for the engagement.

    Raises NotFound as `own_alert` does.
    """
    alert, case = deps.alerts.with_case(alert_id)
    if alert is None or case is None or not _is_own(alert, by):
        raise NotFound()
    _refuse_unless_engaged(alert, by=by, deps=deps)
    return AlertRead(alert, case)


def list_alerts(
    *, open_only: bool, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[dict[str, object]]:
    """A page of the brand's alerts as list rows, newest first: those that an active engagement
    covers, so a page may be shorter than asked. EngagementNotActive."""
    engagements = active_engagements(by=by, deps=deps)
    page = deps.alerts.of_brand(by.organisation, open_only=open_only, limit=limit, start=start)
    covered = [row for row in page.items if row_covered(engagements, row)]
    return Page(covered, page.next_start)


def row_covered(engagements: Sequence[Engagement], row: Mapping[str, Any]) -> bool:
    """Whether one of the engagements covers an alert, by its row in a list."""
    alerted_at = datetime.fromisoformat(str(row["alerted_at"]))
    return _covered(engagements, alerted_at, row.get("country"))


def _covered(engagements: Sequence[Engagement], alerted_at: datetime, country: str | None) -> bool:
    return any(engagement.covers_alert(alerted_at, country) for engagement in engagements)
