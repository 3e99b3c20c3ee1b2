"""What an operator has sent and tried again."""

from chalicelib.domain.alert import grievance_of
from chalicelib.domain.ledger import Action, first_bad_entry
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.store import keys
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import alerted, case_id_of, later_ticks, submitted, then_ticks
from tests.service import Caller, Service

_SINCE = {"brand_id": "acme", "since": "2026-11-22T00:00:00Z"}


def _redeliver(service: Service, alert_id: str) -> None:
    service.operator().post(f"/v1/alerts/{alert_id}/redeliver")


def _redelivered(service: Service, alert_id: str) -> None:
    """Sent again, once or (the caller repeats) twice; each time stands in the ledger."""
    alert = service.deps.alerts.get(alert_id)
    assert alert is not None
    times = _times_in_the_ledger(service, alert_id)
    assert alert.status is AlertStatus.SENT
    assert alert.attempts >= 1 + times
    assert 1 <= times <= 2
    assert len(service.received_alerts("acme")) == alert.attempts


def _times_in_the_ledger(service: Service, alert_id: str) -> int:
    case = service.deps.cases.head(grievance_of(alert_id))
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    return [entry.action for entry in entries].count(Action.ALERT_REDELIVERED)


def _redelivery_asked_for(service: Service) -> str:
    alert_id = alerted(service)
    service.operator().post("/v1/redeliveries", _SINCE)
    return alert_id


def _all_redelivered_once(service: Service, alert_id: str) -> None:
    (job,) = service.operator().get("/v1/redeliveries").json()["items"]
    assert (job["status"], job["redelivered"]) == ("done", 1)
    assert _times_in_the_ledger(service, alert_id) == 1
    service.tick()
    assert len(service.received_alerts("acme")) >= 2
    assert len(service.received_alerts("bolt")) == 1


def _quarantined(service: Service) -> Caller:
    """Two alerts as the worker leaves them when their sending has failed too often."""
    partner = submitted(service)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
    case_id = case_id_of(partner)
    given_up = {
        "status": AlertStatus.QUARANTINED,
        "attempts": 8,
        "work_queue": keys.quarantine(case_id),
    }
    for alert in service.alert_rows(case_id):
        service.set_attributes(case_id, keys.alert(alert.alert_id), **given_up)
    return partner


def _retry(service: Service, _: Caller) -> None:
    service.operator().post("/v1/quarantine/retry")


def _all_tried_again(service: Service, partner: Caller) -> None:
    assert service.operator().get("/v1/quarantine").json()["items"] == []
    rows = service.alert_rows(case_id_of(partner))
    statuses = {alert.brand_id: alert.status for alert in rows}
    assert statuses == {"acme": AlertStatus.SENT, "bolt": AlertStatus.SENT}
    for brand in ("acme", "bolt"):
        assert len(service.received_alerts(brand)) >= 1


SCENARIOS = [
    Scenario(
        "redelivery of an alert",
        alerted,
        _redeliver,
        then_ticks(_redeliver),
        _redelivered,
        at_least_calls=3,
    ),
    Scenario(
        "redelivery of all alerts of a brand",
        _redelivery_asked_for,
        lambda service, _: service.drain(),
        later_ticks,
        _all_redelivered_once,
        at_least_calls=6,
    ),
    Scenario(
        "another try of what is in quarantine",
        _quarantined,
        _retry,
        then_ticks(_retry),
        _all_tried_again,
        at_least_calls=12,
    ),
]
