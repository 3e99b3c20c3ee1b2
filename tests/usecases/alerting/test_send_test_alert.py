"""A test alert arrives as alerts do, once for each key, and is an alert of nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.published import Published
from tests.service import Caller, Service
from tests.usecases.stories import ended, refusal

PATH = "/v1/test-alerts"


@pytest.fixture
def desk(service: Service) -> Caller:
    """Acme's desk; a queue is subscribed to its topic."""
    service.brand()
    return service.brand_desk()


def asked(desk: Caller, key: str = "try-1") -> Answer:
    return desk.post(PATH, Idempotency_Key=key)


def test_it_arrives_and_says_that_it_is_a_test(
    service: Service, desk: Caller, published: Published
) -> None:
    answer = asked(desk)
    service.drain()

    view = answer.json()
    assert answer.status == 202
    assert view == {
        "alert_id": view["alert_id"],
        "status": "queued",
        "created_at": "2026-11-22T08:00:00.000Z",
        "finished_at": None,
        "error": None,
    }
    (envelope,) = service.received_alerts()
    alert = json.loads(envelope["Message"])
    assert alert == {
        "alert_id": view["alert_id"],
        "schema_version": "1.0",
        "kind": "test",
        "public_ref": f"TEST-{view['alert_id'][-8:].upper()}",
        "brand_id": "acme",
        "consent_level": "C0",
        "category": "other",
        "categories": ["other"],
        "ilo_indicators": [],
        "severity": "S4",
        "received_month": "2026-11",
        "acknowledge_by": "2026-11-22T08:00:00.000Z",
        "respond_by": "2026-11-22T08:00:00.000Z",
        "actions_required": [],
        "link_dates_known": True,
        "link": "https://handshake.test/v1/subscriptions",
        "sequence": 1,
        "content_hash": alert["content_hash"],
    }
    assert envelope["Subject"] == f"[S4] test grievance alert {alert['public_ref']}: other"
    (texts,) = published.texts()
    assert texts["email"].startswith(f"This is a test alert ({alert['public_ref']}).")
    assert len(texts["sms"]) <= 140
    done = asked(desk)
    assert (done.status, done.json()) == (
        200,
        {**view, "status": "done", "finished_at": "2026-11-22T08:00:00.000Z"},
    )


def test_it_is_in_the_brands_language(service: Service, published: Published) -> None:
    service.brand(language="bn")
    asked(service.brand_desk())
    service.drain()

    (texts,) = published.texts()
    assert texts["sms"].startswith("পরীক্ষা")


def test_the_same_key_is_the_same_alert_and_another_key_another_one(
    service: Service, desk: Caller
) -> None:
    for key in ("try-1", "try-1", "try-2"):
        asked(desk, key)
        service.drain()

    ids = [json.loads(envelope["Message"])["alert_id"] for envelope in service.received_alerts()]
    assert len(ids) == len(set(ids)) == 2


def test_two_brands_with_one_key_have_two_tests(service: Service, desk: Caller) -> None:
    service.brand("bolt")

    assert asked(desk).json()["alert_id"] != asked(service.brand_desk("bolt")).json()["alert_id"]


def test_no_filter_holds_it_back(service: Service, desk: Caller) -> None:
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    desk.delete(f"/v1/subscriptions/{row['subscription_id']}")
    narrow = {"kinds": ["retro"], "severities": ["S2"], "countries": ["BD"]}
    wish = {"protocol": "sqs", "endpoint": row["endpoint"], "filter": narrow}
    desk.post("/v1/subscriptions", wish)

    asked(desk)
    service.drain()

    assert len(service.received_alerts()) == 1


def test_it_is_sent_later_where_sns_does_not_answer(service: Service, desk: Caller) -> None:
    with service.refusing("PublishBatch"):
        asked(desk)
        service.drain()
    assert asked(desk).json()["status"] == "running"

    service.clock.forward(minutes=30)
    service.tick()

    assert asked(desk).json()["status"] == "done"
    assert len(service.received_alerts()) == 1


@contextmanager
def sns_takes_none_of_it() -> Iterator[None]:
    """SNS refuses each message of a batch as our fault."""

    def hook(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        class Answered:
            status_code = 200

        failed = [{"Id": "0", "Code": "InvalidParameter", "SenderFault": True}]
        return Answered(), {"Successful": [], "Failed": failed}

    events = client("sns").meta.events
    events.register("before-call.sns.PublishBatch", hook)
    try:
        yield
    finally:
        events.unregister("before-call.sns.PublishBatch", hook)


def test_what_sns_does_not_take_has_failed_and_is_not_tried_for_ever(
    service: Service, desk: Caller
) -> None:
    with sns_takes_none_of_it():
        asked(desk)
        service.drain()

    view = asked(desk).json()
    assert (view["status"], view["error"]) == ("failed", "not_taken")


def test_a_brand_that_has_lost_its_topic_is_told_so(service: Service, desk: Caller) -> None:
    client("sns").delete_topic(TopicArn=service.deps.topics.arn("acme"))

    asked(desk)
    service.drain()

    view = asked(desk).json()
    assert (view["status"], view["error"]) == ("failed", "no_topic")


def test_a_brand_that_is_deleted_meanwhile_gets_none(service: Service, desk: Caller) -> None:
    asked(desk)
    assert service.operator().delete("/v1/brands/acme", If_Match='"1"').status == 204
    service.drain()

    view = asked(desk).json()
    assert (view["status"], view["error"]) == ("failed", "no_topic")


def test_it_needs_a_key_a_topic_and_an_engagement(service: Service, desk: Caller) -> None:
    assert refusal(desk.post(PATH)) == (400, "idempotency_key_missing")
    assert refusal(asked(desk, "é")) == (400, "idempotency_key_invalid")
    assert refusal(asked(service.brand_desk("bolt"))) == (409, "state_conflict")
    ended(service)
    assert refusal(asked(desk)) == (403, "engagement_not_active")


def test_it_is_no_case_and_no_alert_of_one(service: Service, desk: Caller) -> None:
    view = asked(desk).json()
    service.drain()

    assert service.all_items() == []
    assert desk.get("/v1/alerts").json()["items"] == []
    assert refusal(desk.get(f"/v1/alerts/{view['alert_id']}")) == (404, "not_found")
