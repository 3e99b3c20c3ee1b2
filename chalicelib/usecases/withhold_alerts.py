"""An alert that waits while its brand's engagement ends is not sent any more."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.alert import Alert
from chalicelib.domain.case import SYSTEM, Case
from chalicelib.domain.ledger import Action, commitment
from chalicelib.domain.routing import NOT_ENGAGED
from chalicelib.errors import VersionConflict
from chalicelib.usecases.committer import committer
from chalicelib.usecases.engaged import Engaged
from chalicelib.usecases.publish_alerts import Outgoing


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
        stays = alert.is_recall or not (alert.attempts == 0 or alert.surely_unsent)
        if stays or engaged.may_be_alerted(alert.brand_id, alert.payload.country):
            going.append(out)
        else:
            _withheld(alert, now, deps)
    return going


def _withheld(alert: Alert, now: datetime, deps: Deps) -> None:
    """Suppressed, in one transaction with its entry; where somebody else changed the case just
    now, it is due again all the same."""
    case = deps.cases.head(alert.grievance_id)
    if case is None:
        return
    changed = case.recorded(
        Action.ALERT_WITHHELD,
        by=SYSTEM,
        at=now,
        data=_why(alert, case, deps),
        private={"alert_id": alert.alert_id},
    )
    try:
        deps.cases.save(changed.case, changed.entry, [deps.alerts.suppressed_row(alert)])
    except VersionConflict:
        return


def _why(alert: Alert, case: Case, deps: Deps) -> dict[str, object]:
    named = commitment("alert_id", alert.alert_id, committer(case, deps.keyring))
    return {"alert_id": named, "reason": NOT_ENGAGED}
