"""A brand says that it has seen an alert."""

from datetime import datetime
from typing import Any

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.alert import Alert
from chalicelib.domain.case import Case
from chalicelib.domain.ledger import Action, commitment
from chalicelib.domain.rules import ClockKind
from chalicelib.usecases.committer import committer
from chalicelib.usecases.own_alert import AlertOfCase, own_alert_with_case
from chalicelib.usecases.pseudonyms import ledger_actor


def acknowledge_alert(alert_id: str, *, by: Principal, deps: Deps) -> AlertOfCase:
    """Record that the brand has seen the alert; stops the case's acknowledgement clock.

    What a reminder asks about is acknowledged with it. A recall stops no clock: that the brand
    forgets is no answer to the case. A second acknowledgement changes nothing. Raises NotFound
    (also for another brand's alert), VersionConflict.
    """
    alert, case = own_alert_with_case(alert_id, by=by, deps=deps)
    if alert.acknowledged_at is not None:
        return AlertOfCase(alert, case)
    at = deps.now()
    changed = case.recorded(
        Action.ALERT_ACKNOWLEDGED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={
            "alert_id": commitment("alert_id", alert_id, committer(case, deps.keyring)),
            "kind": alert.payload.kind,
        },
        private={"alert_id": alert_id},
        **_acknowledges(case, alert, at),
    )
    seen = [alert_id] if alert.asks_for is None else [alert_id, alert.asks_for]
    rows = [deps.alerts.acknowledged_row(each, at) for each in seen]
    deps.cases.save(changed.case, changed.entry, rows)
    return AlertOfCase(alert.acknowledged(at), changed.case)


def _acknowledges(case: Case, alert: Alert, at: datetime) -> dict[str, Any]:
    if alert.is_recall:
        return {}
    return {
        "brand_acknowledged_at": case.brand_acknowledged_at or at,
        "clocks": case.with_clock_met(ClockKind.BRAND_ACKNOWLEDGES, at),
    }
