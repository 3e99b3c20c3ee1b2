"""An alert that waits while its brand's engagement ends is not sent any more."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.cases.case import SYSTEM
from chalicelib.domain.cases.routing import NOT_ENGAGED
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.errors import VersionConflict
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.alerting.publish_alerts import Outgoing
from chalicelib.usecases.cases.records import record_of, save_record
from chalicelib.usecases.record.committer import committer

LAPSED = "coalition_lapsed"
"""Why an alert of a coalition is withheld that too few are left of."""

RECALLED = "recalled"
"""Why an alert is withheld that the worker took back before its brand had it."""


def withhold_alerts(
    waiting: Sequence[Outgoing], *, now: datetime, deps: Deps
) -> Sequence[Outgoing]:
    """Those alerts that may still go out. The others are suppressed, and the ledger says why.

    A recall goes out always: it takes back what was told while the brand was engaged. So does what
    may have come through already.
    """
    engaged, going = Engaged(deps), []
    for out in waiting:
        alert = out.alert
        stays = not (alert.attempts == 0 or alert.surely_unsent)
        if stays or may_be_told(alert, engaged):
            going.append(out)
        else:
            _withheld(alert, now, deps)
    return going


def lay_to_rest(alert_id: str, *, deps: Deps) -> None:
    """Let an alert go whose sending was given up, and which would not be sent again anyway: it was
    recalled, or its brand is not engaged any more. Otherwise nothing is done.

    Raises VersionConflict.
    """
    alert, case = deps.alerts.with_case(alert_id)
    if alert is None or case is None or alert.status is not AlertStatus.QUARANTINED:
        return
    if alert.recalled_at is not None:
        _save_withheld(alert, case, RECALLED, deps.now(), deps)
    elif isinstance(case, Coalition) and not case.still_stands(alert):
        _save_withheld(alert, case, LAPSED, deps.now(), deps)
    elif not may_be_told(alert, Engaged(deps)):
        _save_withheld(alert, case, NOT_ENGAGED, deps.now(), deps)


def may_be_told(alert: Alert, engaged: Engaged) -> bool:
    """A recall takes back what was told while the brand was engaged, whatever it is now."""
    return alert.is_recall or engaged.may_be_alerted(alert.brand_id, alert.payload.country)


def _withheld(alert: Alert, now: datetime, deps: Deps) -> None:
    """Where somebody else changed the case just now, it is due again all the same."""
    case = record_of(alert, deps=deps)
    if case is None:
        return
    try:
        _save_withheld(alert, case, NOT_ENGAGED, now, deps)
    except VersionConflict:
        return


def _save_withheld(alert: Alert, case: Record, reason: str, now: datetime, deps: Deps) -> None:
    """Suppressed, in one transaction with its entry."""
    named = commitment("alert_id", alert.alert_id, committer(case, deps.keyring))
    changed = case.recorded(
        Action.ALERT_WITHHELD,
        by=SYSTEM,
        at=now,
        data={"alert_id": named, "reason": reason},
        private={"alert_id": alert.alert_id},
    )
    save_record(changed, [deps.alerts.suppressed_row(alert)], deps=deps)
