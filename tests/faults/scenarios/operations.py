"""What an operator has sent and tried again."""

from chalicelib.domain.alerting.alert import grievance_of
from chalicelib.domain.record.ledger import Action, first_bad_entry
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.domain.work.reconciliation import findings
from chalicelib.store import keys
from chalicelib.store.clients import client
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import alerted, case_id_of, later_ticks, submitted, then_ticks
from tests.helpline import on_its_way
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


def _out_of_step(service: Service) -> str:
    """One case and what lies beside it, damaged in every way that can be repaired; its id."""
    partner = submitted(service)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
    case_id = case_id_of(partner)
    path = f"/v1/grievances/{case_id}"
    file = {"kind": "photo", "content_type": "image/png", "bytes": 9, "sha256": "0" * 64}
    its_id = partner.post(f"{path}/attachments", file).json()["attachment_id"]
    partner.post(f"{path}/erasure-requests", {"reason": "worker_request"})
    asked = _asked_the_factory(service, case_id)
    closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    partner.post(f"{path}/transitions", closing)
    lost: dict[str, str] = {"work_queue": "nowhere"}
    waiting = keys.outbound(on_its_way(service, case_id).outbound_id)
    for row in (keys.HEAD, keys.ERASURE_REQUEST, keys.attachment(its_id), waiting):
        service.set_attributes(case_id, row, **lost, due_at=_LONG_AGO)
    for alert in service.alert_rows(case_id):
        service.set_attributes(case_id, keys.alert(alert.alert_id), **lost)
    service.set_attributes(case_id, keys.question(asked), waiting="nowhere")
    service.set_attributes(case_id, keys.RETENTION, **lost)
    service.set_attributes(case_id, keys.ERASURE, **lost, due_at=_LONG_AGO)
    client("s3").put_object(
        Bucket=service.deps.settings.attachments_bucket,
        Key=f"clean/{case_id}/{derive_id('at', case_id, 'nobody')}",
        Body=b"left",
    )
    wish = {"received_from": "2026-11-22", "received_to": "2026-11-22", "repair": True}
    service.operator().post("/v1/reconciliations", wish)
    return case_id


def _asked_the_factory(service: Service, case_id: str) -> str:
    alert_id = next(a.alert_id for a in service.alert_rows(case_id) if a.brand_id == "acme")
    wish = {"text": "Which months?", "to": "factory"}
    answer = service.brand_desk().post(f"/v1/alerts/{alert_id}/questions", wish)
    return str(answer.json()["question_id"])


def _reconcile(service: Service, _: str) -> None:
    """The job alone: what it has made due is worked afterwards."""
    service._work_queue("run_job", service.deps.settings.jobs_queue_url, 300)


def _in_step_and_on_record(service: Service, case_id: str) -> None:
    (job,) = service.operator().get("/v1/reconciliations").json()["items"]
    report = service.operator().get(f"/v1/reconciliations/{job['reconciliation_id']}").json()
    assert (report["status"], report["looked_at"]) == ("done", 1)
    kinds = [(finding["kind"], finding["repaired"]) for finding in report["findings"]]
    assert sorted(kinds) == sorted((kind, True) for kind in _REPAIRED)
    service.tick()
    assert findings(service.deps.whole_cases.read(case_id)) == []
    for brand in ("acme", "bolt"):
        assert len(service.received_alerts(brand)) >= 1


_LONG_AGO = "2026-11-22T07:00:00.000Z"
_REPAIRED = [
    *("case_misplaced", "alert_misplaced", "alert_misplaced", "attachment_misplaced"),
    *("file_without_row", "retention_misplaced", "request_misplaced", "erasure_misplaced"),
    *("question_misplaced", "outbound_misplaced"),
]

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
    Scenario(
        "reconciliation",
        _out_of_step,
        _reconcile,
        later_ticks,
        _in_step_and_on_record,
        at_least_calls=20,
    ),
]
