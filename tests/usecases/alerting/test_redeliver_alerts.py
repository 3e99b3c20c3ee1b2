"""An operator has alerts sent again: under the same id, if consent still allows it."""

import json
from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.domain.work.job import JobStatus
from infra.local.gateway import Answer
from tests.service import START, Service
from tests.usecases.stories import alerted, case_of, consented, covered, ended, refusal, submitted

SINCE = {"brand_id": "acme", "since": "2026-11-22T00:00:00Z"}


def alert_of(service: Service, grievance_id: str) -> Any:
    (alert,) = service.alert_rows(grievance_id)
    return alert


def history(service: Service, grievance_id: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (
        service.partner().get(f"/v1/grievances/{grievance_id}/history").json()["items"]
    )
    return entries


def redelivered(service: Service, alert_id: str) -> Answer:
    return service.operator().post(f"/v1/alerts/{alert_id}/redeliver")


def withdraw(service: Service, grievance_id: str) -> None:
    partner = service.partner()
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200


def test_an_alert_that_was_sent_is_sent_again_under_its_id_and_the_ledger_says_so(
    service: Service,
) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    alert = alert_of(service, grievance_id)
    (first,) = service.received_alerts()
    service.clock.forward(hours=1)

    answer = redelivered(service, alert.alert_id)

    assert (answer.status, answer.json()) == (
        202,
        {
            "alert_id": alert.alert_id,
            "brand_id": "acme",
            "status": "pending",
            "attempts": 1,
            "outcome": "sent",
            "last_error": None,
            "sent_at": "2026-11-22T08:00:00.000Z",
            "next_attempt_at": "2026-11-22T09:00:00.000Z",
        },
    )
    service.tick()
    (again,) = service.received_alerts()
    assert again["Message"] == first["Message"]
    assert again["MessageId"] != first["MessageId"]
    row = alert_of(service, grievance_id)
    assert (row.status, row.attempts, row.sent_at) == (AlertStatus.SENT, 2, service.clock())
    entries = service.deps.cases.entries(
        service.deps.cases.head(grievance_id),  # type: ignore[arg-type]
        100,
        None,
    ).items
    assert first_bad_entry(entries) is None
    last = history(service, grievance_id)[-1]
    assert (last["action"], last["private"]) == ("alert_redelivered", {"alert_id": alert.alert_id})
    assert "operator" in last["actor"]
    assert alert.alert_id not in str(last["data"])


def test_an_alert_on_its_way_is_not_sent_twice(service: Service) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    alert_id = alert_of(service, grievance_id).alert_id
    assert redelivered(service, alert_id).status == 202
    service.received_alerts()
    before = service.all_items()

    answer = redelivered(service, alert_id)

    assert refusal(answer) == (409, "state_conflict")
    assert "pending" in answer.json()["detail"]
    assert service.all_items() == before


def test_an_alert_whose_sending_was_given_up_gets_as_many_attempts_as_a_new_one(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        for _ in range(9):
            service.tick()
            service.clock.forward(hours=6)
        alert = alert_of(service, grievance_id)
        assert (alert.status, alert.attempts) == (AlertStatus.QUARANTINED, 8)
        assert alert.outcome is not None
        assert redelivered(service, alert.alert_id).status == 202
        for failed in range(9, 12):
            service.tick()
            row = alert_of(service, grievance_id)
            assert (row.status, row.attempts) == (AlertStatus.PENDING, failed)
            waits = (row.due_at - service.clock()).total_seconds() / 60
            assert waits <= 2 ** (failed - 9)
            service.clock.forward(minutes=2 ** (failed - 9))
    service.tick()

    (received,) = service.received_alerts()
    assert received["Subject"].startswith("[S")
    row = alert_of(service, grievance_id)
    assert (row.status, row.attempts, row.last_error) == (AlertStatus.SENT, 12, None)
    (shown,) = partner.get(f"/v1/grievances/{grievance_id}/alerts").json()["items"]
    assert (shown["attempts"], shown["outcome"], shown["status"]) == (12, "sent", "sent")


def test_what_the_worker_took_back_is_not_sent_again(service: Service) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    alert_id = alert_of(service, grievance_id).alert_id
    withdraw(service, grievance_id)
    service.tick()
    service.received_alerts()

    answer = redelivered(service, alert_id)

    assert refusal(answer) == (409, "state_conflict")
    assert "took back" in answer.json()["detail"]
    service.tick()
    assert service.received_alerts() == []


def test_consent_that_ends_before_the_tick_recalls_and_nothing_is_sent_again(
    service: Service,
) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    alert = alert_of(service, grievance_id)
    service.received_alerts()
    assert redelivered(service, alert.alert_id).status == 202
    withdraw(service, grievance_id)

    service.tick()

    (recall,) = service.received_alerts()
    assert json.loads(recall["Message"])["kind"] == "recall"
    assert alert.alert_id in recall["Message"]
    row = {row.alert_id: row for row in service.alert_rows(grievance_id)}[alert.alert_id]
    assert row.status is AlertStatus.SENT  # its brand had it, and is shown the recall
    assert row.recalled_at is not None


def test_an_alert_that_is_not_there_is_not_found(service: Service) -> None:
    assert refusal(redelivered(service, f"a_{'0' * 26}_{'0' * 26}")) == (404, "not_found")


# All of a brand's


def test_all_alerts_of_a_brand_since_a_moment_are_sent_again(service: Service) -> None:
    covered(service, "acme", "bolt")
    before = alerted(service, service.partner(), "k-0")
    service.clock.forward(days=1)
    since = [alerted(service, service.partner(), f"k-{number}") for number in (1, 2, 3)]
    withdraw(service, since[0])
    service.tick()
    for brand in ("acme", "bolt"):
        service.received_alerts(brand)

    asked = service.operator().post("/v1/redeliveries", {**SINCE, "since": "2026-11-23T00:00:00Z"})

    assert asked.status == 202
    view = asked.json()
    assert asked.headers["Location"] == f"/v1/redeliveries/{view['redelivery_id']}"
    assert view == {
        "redelivery_id": view["redelivery_id"],
        "status": "queued",
        "request": {
            "brand_id": "acme",
            "since": "2026-11-23T00:00:00.000Z",
            "until": "2026-11-23T08:00:00.000Z",
        },
        "created_at": "2026-11-23T08:00:00.000Z",
        "finished_at": None,
        "redelivered": 0,
        "left_alone": 0,
        "error": None,
    }
    service.drain()
    done = service.operator().get(asked.headers["Location"]).json()
    # of the case whose worker took it back, neither the alert; the recall goes out again, too
    assert (done["status"], done["redelivered"], done["left_alone"]) == ("done", 3, 1)
    service.tick()
    received = [json.loads(e["Message"])["kind"] for e in service.received_alerts("acme")]
    assert sorted(received) == ["new", "new", "recall"]
    assert service.received_alerts("bolt") == []
    attempts = {row.attempts for row in service.alert_rows(before)}
    assert attempts == {1}
    assert service.operator().get("/v1/redeliveries").json()["items"] == [done]


def test_a_redelivery_that_runs_twice_sends_no_alert_twice(service: Service) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    service.received_alerts()
    asked = service.operator().post("/v1/redeliveries", SINCE).json()
    service.drain()
    service.tick()
    job = service.deps.jobs.get(asked["redelivery_id"])
    assert job is not None
    service.deps.jobs.save(job.model_copy(update={"status": JobStatus.QUEUED, "due_at": START}))

    service.tick()
    service.tick()

    assert len(service.received_alerts()) == 1
    assert [e["action"] for e in history(service, grievance_id)].count("alert_redelivered") == 1


def test_a_redelivery_needs_a_brand_and_a_time_in_order(service: Service) -> None:
    operator = service.operator()
    assert refusal(operator.post("/v1/redeliveries", SINCE)) == (404, "not_found")
    service.brand()
    backwards = {**SINCE, "until": "2026-11-21T00:00:00Z"}
    assert refusal(operator.post("/v1/redeliveries", backwards)) == (422, "validation_failed")
    assert operator.get("/v1/redeliveries").json()["items"] == []


@pytest.mark.parametrize("until", [{}, {"until": None}, {"until": "2026-11-25T00:00:00Z"}])
def test_a_redelivery_of_what_is_yet_to_be_written_is_refused(
    service: Service, until: dict[str, Any]
) -> None:
    operator = service.operator()
    service.brand()
    answer = operator.post(
        "/v1/redeliveries", {"brand_id": "acme", "since": "2026-11-24T00:00:00Z", **until}
    )
    assert refusal(answer) == (422, "validation_failed")
    assert answer.json()["errors"] == [
        {
            "field": "since",
            "code": "in_future",
            "detail": "Give a moment that has passed: what is written later is sent anyway.",
        }
    ]
    assert operator.get("/v1/redeliveries").json()["items"] == []


def test_nothing_but_a_recall_is_sent_again_to_a_brand_that_is_not_engaged_any_more(
    service: Service,
) -> None:
    covered(service)
    service.brand_desk("acme")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    told = alert_of(service, grievance_id)
    consented(partner, grievance_id, case_of(partner, grievance_id)["version"], level="C0")
    service.tick()
    (recall,) = [row for row in service.alert_rows(grievance_id) if row.is_recall]
    other = alerted(service, partner, "k-2")
    ended(service)
    operator = service.operator()

    refused = operator.post(f"/v1/alerts/{alert_of(service, other).alert_id}/redeliver")
    asked = operator.post("/v1/redeliveries", SINCE).json()
    service.drain()

    assert refusal(refused) == (409, "state_conflict")
    job = operator.get(f"/v1/redeliveries/{asked['redelivery_id']}").json()
    assert (job["status"], job["redelivered"], job["left_alone"]) == ("done", 1, 2)
    statuses = {row.alert_id: row.redelivery_id for row in service.alert_rows(grievance_id)}
    assert statuses == {told.alert_id: None, recall.alert_id: asked["redelivery_id"]}
    assert alert_of(service, other).redelivery_id is None
