"""A brand says that it has seen an alert."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.alert import Alert
from chalicelib.domain.ledger import Action, commitment
from chalicelib.domain.rules import ClockKind
from chalicelib.usecases.correct_grievance import committer
from chalicelib.usecases.own_alert import own_alert_with_case
from chalicelib.usecases.pseudonyms import ledger_actor


def acknowledge_alert(alert_id: str, *, by: Principal, deps: Deps) -> Alert:
    """Record that the brand has seen the alert; stops its acknowledgement clock.

    A second acknowledgement changes nothing. Raises NotFound (also for another brand's alert),
    VersionConflict.
    """
    alert, case = own_alert_with_case(alert_id, by=by, deps=deps)
    if alert.acknowledged_at is not None:
        return alert
    at = deps.now()
    changed = case.recorded(
        Action.ALERT_ACKNOWLEDGED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={"alert_id": commitment(alert_id, committer(case, deps.keyring))},
        private={"alert_id": alert_id},
        brand_acknowledged_at=case.brand_acknowledged_at or at,
        clocks=case.with_clock_met(ClockKind.BRAND_ACKNOWLEDGES, at),
    )
    deps.cases.save(changed.case, changed.entry, [deps.alerts.acknowledged_row(alert_id, at)])
    return alert.acknowledged(at)
