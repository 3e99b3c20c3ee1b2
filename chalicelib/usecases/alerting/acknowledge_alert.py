"""A brand says that it has seen an alert."""

from datetime import datetime
from typing import Any

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.rules import ClockKind
from chalicelib.usecases.alerting.own_alert import AlertRead, own_alert_with_record
from chalicelib.usecases.cases.records import record_in, save_record
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor


def acknowledge_alert(alert_id: str, *, by: Principal, deps: Deps) -> AlertRead:
    """Record that the brand has seen the alert; stops the case's acknowledgement clock.

    What a reminder asks about is acknowledged with it. A recall stops no clock of the case: that
    the brand forgets is no answer to it. A recall's clock, and a coalition's, is the alert's own. A
    second acknowledgement changes nothing. Raises NotFound (also for another brand's alert),
    VersionConflict.
    """
    alert, record = own_alert_with_record(alert_id, by=by, deps=deps)
    if alert.acknowledged_at is not None:
        return AlertRead(alert, record)
    at = deps.now()
    changed = record.recorded(
        Action.ALERT_ACKNOWLEDGED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={
            "alert_id": commitment("alert_id", alert_id, committer(record, deps.keyring)),
            "kind": alert.payload.kind,
        },
        private={"alert_id": alert_id},
        **_acknowledges(record, alert, at),
    )
    seen = [alert_id] if alert.asks_for is None else [alert_id, alert.asks_for]
    rows = [deps.alerts.acknowledged_row(each, at) for each in seen]
    save_record(changed, rows, deps=deps)
    return AlertRead(alert.acknowledged(at), record_in(changed))


def _acknowledges(case: Record, alert: Alert, at: datetime) -> dict[str, Any]:
    if alert.is_recall or isinstance(case, Coalition):
        return {}
    return {
        "brand_acknowledged_at": case.brand_acknowledged_at or at,
        "clocks": case.with_clock_met(ClockKind.BRAND_ACKNOWLEDGES, at),
    }
