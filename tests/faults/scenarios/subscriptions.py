"""What a brand does about where its alerts go, killed anywhere and asked again."""

import json
from datetime import timedelta

from chalicelib.domain.alerting.digest import digest_id
from chalicelib.domain.alerting.subscription import Rhythm
from chalicelib.store.clients import client
from tests.faults.kills import Scenario
from tests.faults.scenarios.asked import Asked, repeated
from tests.faults.scenarios.steps import later_ticks, tick
from tests.service import Caller, Service
from tests.usecases.digests import MONDAY, arrived, digesting, notes
from tests.usecases.stories import alerted

_MAIL = {
    "protocol": "email",
    "endpoint": "desk@brand.example",
    "filter": {"severities": ["S2"]},
}
_KEY = {"Idempotency_Key": "try-1"}


def _in_sns(service: Service) -> list[tuple[str, list[str]]]:
    """The endpoints of acme's topic, each with the severities that it gets."""
    sns = client("sns")
    found = sns.list_subscriptions_by_topic(TopicArn=service.deps.topics.arn("acme"))
    arns = [one["SubscriptionArn"] for one in found["Subscriptions"]]
    attributes = [sns.get_subscription_attributes(SubscriptionArn=a)["Attributes"] for a in arns]
    return [(a["Endpoint"], json.loads(a["FilterPolicy"])["severity"]) for a in attributes]


def _to_subscribe(service: Service) -> Asked:
    service.brand(subscribe=False)
    desk = service.brand_desk()
    return Asked(lambda: desk.post("/v1/subscriptions", _MAIL), lambda: _in_sns(service))


def _to_subscribe_to_digests(service: Service) -> Asked:
    service.brand(subscribe=False)
    desk = service.brand_desk()
    wish = {"protocol": "email", "endpoint": "desk@brand.example", "digest": "daily"}

    def seen() -> list[tuple[str, int]]:
        """Who asks, and that there is a note by which the digest comes."""
        (row,) = desk.get("/v1/subscriptions").json()["items"]
        return [(row["digest"], len(notes(service)))]

    return Asked(lambda: desk.post("/v1/subscriptions", wish), seen)


def _digest_due(service: Service) -> str:
    """A case that was alerted on, and the morning after; the id that its digest must have."""
    digesting(service)
    alerted(service, service.partner())
    service.clock.now = MONDAY
    return digest_id("acme", Rhythm.DAILY, MONDAY - timedelta(days=1, minutes=15))


def _a_day_later(service: Service, _: object) -> None:
    """Whoever died, died long ago: what it began is not what a new run would begin."""
    for hours in (1, 24):
        service.clock.forward(hours=hours)
        service.tick()


def _one_digest_came(service: Service, expected: str) -> None:
    """Once, or (who died had sent it) twice, under one id and with the same in it."""
    got = arrived(service)
    assert 1 <= len(got) <= 2
    assert {each["digest_id"] for each in got} == {expected}
    assert all(len(each["alerts"]) == 1 and each == got[0] for each in got)
    (note,) = notes(service)
    assert (note["begins_at"], "ends_at" in note) == ("2026-11-24T06:00:00.000Z", False)


def _nobody_asks(service: Service) -> None:
    desk = digesting(service)
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    desk.delete(f"/v1/subscriptions/{row['subscription_id']}")
    service.clock.now = MONDAY + timedelta(days=7)


def _no_note_is_left(service: Service, _: object) -> None:
    assert notes(service) == []
    assert arrived(service) == []


def _to_unsubscribe(service: Service) -> Asked:
    service.brand(subscribe=False)
    desk = service.brand_desk()
    made = desk.post("/v1/subscriptions", _MAIL).json()["subscription_id"]
    return Asked(lambda: desk.delete(f"/v1/subscriptions/{made}"), lambda: _in_sns(service))


def _to_ask_for_a_test(service: Service) -> Asked:
    service.brand()
    desk = service.brand_desk()

    def seen() -> set[str]:
        service.clock.forward(minutes=2)  # what the queue was not told of, the tick finds
        service.tick()
        got = service.received_alerts()
        assert desk.post("/v1/test-alerts", **_KEY).json()["status"] == "done"
        return {json.loads(envelope["Message"])["kind"] for envelope in got}

    return Asked(lambda: desk.post("/v1/test-alerts", **_KEY), seen)


def _test_asked_for(service: Service) -> Caller:
    service.brand()
    desk = service.brand_desk()
    desk.post("/v1/test-alerts", **_KEY)
    return desk


def _one_test_was_sent(service: Service, desk: Caller) -> None:
    """Once, or (who died had sent it) twice under one id."""
    view = desk.post("/v1/test-alerts", **_KEY).json()
    assert (view["status"], view["error"]) == ("done", None)
    got = [json.loads(envelope["Message"]) for envelope in service.received_alerts()]
    assert 1 <= len(got) <= 2
    assert {alert["alert_id"] for alert in got} == {view["alert_id"]}
    assert len({alert["content_hash"] for alert in got}) == 1


SCENARIOS = [
    repeated("subscription", _to_subscribe, [("desk@brand.example", ["S2", "always"])], calls=4),
    repeated("subscription to digests", _to_subscribe_to_digests, [("daily", 1)], calls=5),
    Scenario("digest", _digest_due, tick, _a_day_later, _one_digest_came, at_least_calls=10),
    Scenario(
        "digest that nobody asks for",
        _nobody_asks,
        tick,
        _a_day_later,
        _no_note_is_left,
        at_least_calls=3,
    ),
    repeated("end of a subscription", _to_unsubscribe, [], calls=3, done={"not_found"}),
    repeated("request for a test alert", _to_ask_for_a_test, {"test"}, calls=4),
    Scenario(
        "test alert",
        _test_asked_for,
        lambda service, _: service.drain(),
        later_ticks,
        _one_test_was_sent,
        at_least_calls=4,
    ),
]
