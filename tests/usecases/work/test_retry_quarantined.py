"""What failed too often is listed for the operator, and tried again at her word."""

import json

import pytest

from chalicelib.domain.vocabulary import AlertStatus
from tests.service import Service
from tests.usecases.stories import case_of, consented, covered, ended, submitted


def quarantined(service: Service) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = service.operator().get("/v1/quarantine").json()["items"]
    return rows


def give_up(service: Service) -> None:
    for _ in range(9):
        service.tick()
        service.clock.forward(hours=6)


def many_quarantined(service: Service, count: int) -> list[str]:
    """So many cases in quarantine, as the worker leaves them there, in two shards; their ids."""
    grievance_id = submitted(service.partner())
    copies = []
    for shard, number in enumerate((count // 2, count - count // 2 - 1)):
        service.set_attributes(grievance_id, "CASE", work_queue=f"quarantine#{shard}", attempts=8)
        copies += service.multiply(grievance_id, number, f"{shard}")
    return [grievance_id, *copies]


def test_a_case_that_cannot_be_read_is_listed_and_mended_is_worked_at_her_word(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)
    severity = service.head_item(grievance_id)["severity"]
    service.poison(grievance_id)
    give_up(service)
    (row,) = quarantined(service)
    assert row == {
        "kind": "case",
        "id": grievance_id,
        "attempts": 8,
        "last_error": "LookupError",
        "since": row["since"],
    }
    service.set_attributes(grievance_id, "CASE", severity=severity)

    answer = service.operator().post("/v1/quarantine/retry")

    assert (answer.status, answer.json()) == (202, {"retried": 1, "more": False})
    assert quarantined(service) == []
    assert service.failed_attempts(grievance_id) == 0
    service.tick()
    assert len(service.received_alerts()) == 1


def test_one_that_still_cannot_be_read_is_set_aside_again_after_as_many_attempts(
    service: Service,
) -> None:
    grievance_id = submitted(service.partner())
    service.poison(grievance_id)
    give_up(service)
    service.operator().post("/v1/quarantine/retry")
    for _ in range(7):
        service.tick()
        service.clock.forward(hours=6)
    assert quarantined(service) == []

    service.tick()

    assert [row["id"] for row in quarantined(service)] == [grievance_id]


def test_an_alert_whose_sending_was_given_up_is_redelivered_on_record(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        give_up(service)
    (alert,) = service.alert_rows(grievance_id)
    (row,) = quarantined(service)
    assert (row["kind"], row["id"], row["attempts"]) == ("alert", alert.alert_id, 8)

    assert service.operator().post("/v1/quarantine/retry").json() == {"retried": 1, "more": False}

    service.tick()
    assert len(service.received_alerts()) == 1
    (alert,) = service.alert_rows(grievance_id)
    assert (alert.status, alert.last_error) == (AlertStatus.SENT, None)
    history = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"]
    assert history[-1]["action"] == "alert_redelivered"


@pytest.mark.parametrize("why", ["recalled", "brand_not_engaged"])
def test_an_alert_that_may_not_be_sent_any_more_leaves_the_quarantine_on_record(
    service: Service, why: str
) -> None:
    covered(service)
    service.brand_desk("acme")
    partner = service.partner()
    grievance_id = submitted(partner)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        give_up(service)
    if why == "recalled":
        consented(partner, grievance_id, case_of(partner, grievance_id)["version"], level="C0")
        service.tick()
    else:
        ended(service)

    answer = service.operator().post("/v1/quarantine/retry")

    assert answer.json() == {"retried": 0, "more": False}
    assert quarantined(service) == []
    service.clock.forward(minutes=1)
    service.tick()
    assert service.operator().get("/v1/operations").json()["due_work"]["shards"] == 0
    kinds = [json.loads(e["Message"])["kind"] for e in service.received_alerts()]
    assert "new" not in kinds
    (alert,) = [row for row in service.alert_rows(grievance_id) if not row.is_recall]
    assert (alert.status, alert.sent_at) == (AlertStatus.SUPPRESSED, None)
    history = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"]
    assert (history[-1]["action"], history[-1]["data"]["reason"]) == ("alert_withheld", why)


def test_a_hundred_are_tried_at_once_and_she_is_told_that_there_are_more(service: Service) -> None:
    many_quarantined(service, 105)
    assert service.operator().get("/v1/operations").json()["quarantined"] == 105

    first = service.operator().post("/v1/quarantine/retry").json()
    second = service.operator().post("/v1/quarantine/retry").json()
    third = service.operator().post("/v1/quarantine/retry").json()

    assert first == {"retried": 100, "more": True}
    assert second == {"retried": 5, "more": False}
    assert third == {"retried": 0, "more": False}


def test_the_list_is_paged_and_holds_each_row_once(service: Service) -> None:
    expected = many_quarantined(service, 25)

    found, path = [], "/v1/quarantine?limit=7"
    while path:
        page = service.operator().get(path).json()
        found += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        path = f"/v1/quarantine?limit=7&cursor={cursor}" if cursor else ""

    assert sorted(found) == sorted(expected)
