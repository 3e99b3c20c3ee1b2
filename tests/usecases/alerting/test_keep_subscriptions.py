"""A brand subscribes to its own topic, by itself: what it asks for is what arrives."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.backends import get_backend

from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.service import Caller, Service, but_for_the_count
from tests.usecases.stories import refusal, submitted

MAIL = {"protocol": "email", "endpoint": "desk@brand.example"}
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:desk-of-its-own"
DEAD_LETTERS = "arn:aws:sqs:eu-central-1:123456789012:handshake-test-delivery-dead"
EVERYTHING: dict[str, None] = dict.fromkeys(("kinds", "severities", "categories", "countries"))
ABSENT = "/v1/subscriptions/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def desk(service: Service) -> Caller:
    """Acme's desk; its topic has no subscription yet."""
    service.brand(subscribe=False)
    return service.brand_desk()


def made(desk: Caller, **wish: Any) -> dict[str, Any]:
    """A new subscription."""
    answer = desk.post("/v1/subscriptions", {**MAIL, **wish})
    assert answer.status == 201, answer.body
    created: dict[str, Any] = answer.json()
    return created


def path_of(subscription: dict[str, Any]) -> str:
    return f"/v1/subscriptions/{subscription['subscription_id']}"


def in_sns(subscription: dict[str, Any]) -> Any:
    """The subscription as moto keeps it."""
    subscriptions = get_backend("sns")["123456789012"]["eu-central-1"].subscriptions
    (arn,) = [arn for arn in subscriptions if arn.endswith(subscription["subscription_id"])]
    return subscriptions[arn]


def left_unconfirmed(subscription: dict[str, Any]) -> None:
    """moto confirms by itself; SNS waits for whoever has the endpoint."""
    in_sns(subscription).attributes["PendingConfirmation"] = True


def test_a_subscription_is_read_as_it_was_made(service: Service, desk: Caller) -> None:
    wish = {"severities": ["S2", "S3"], "countries": ["BD"]}

    answer = desk.post("/v1/subscriptions", {**MAIL, "filter": wish})

    made = answer.json()
    assert answer.status == 201
    assert answer.headers["Location"] == path_of(made)
    assert made == {
        "subscription_id": made["subscription_id"],
        **MAIL,
        "status": "confirmed",
        "filter": {**EVERYTHING, **wish},
        "digest": "none",
        "explanation": (
            "You get the alerts that match all of this:\nSeverity: S2 (high), S3 (medium)\n"
            "Country: BD\nRecalls, critical alerts (S1) and tests come always."
        ),
        "keeps_undelivered": False,
    }
    assert desk.get(path_of(made)).json() == made
    assert desk.get("/v1/subscriptions").json() == {"items": [made], "next_cursor": None}


def test_the_filter_that_sns_gets_lets_through_what_comes_always(desk: Caller) -> None:
    wish = {"kinds": ["new"], "severities": ["S2"], "countries": ["BD", "CN"]}
    attributes = in_sns(made(desk, filter=wish)).attributes

    assert json.loads(attributes["FilterPolicy"]) == {
        "kind": ["new", "always"],
        "severity": ["S2", "always"],
        "country": ["BD", "CN", "always"],
    }
    assert attributes["FilterPolicyScope"] == "MessageAttributes"


def test_without_a_filter_every_alert_comes(desk: Caller) -> None:
    subscription = made(desk)

    assert (subscription["filter"], subscription["digest"]) == (EVERYTHING, "none")
    assert subscription["explanation"] == "You get every alert."
    assert json.loads(in_sns(subscription).attributes["FilterPolicy"]) == {
        "kind": [{"anything-but": ["digest_daily", "digest_weekly"]}]
    }


@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
def test_a_digest_is_read_as_it_was_asked_for(desk: Caller, rhythm: str) -> None:
    subscription = made(desk, digest=rhythm)

    day = {"daily": "morning", "weekly": "Monday"}[rhythm]
    assert (subscription["filter"], subscription["digest"]) == (EVERYTHING, rhythm)
    assert subscription["explanation"] == (
        f"You get one digest each {day}, if anything happened.\n"
        "Recalls, critical alerts (S1) and tests come always."
    )
    assert desk.get(path_of(subscription)).json() == subscription
    assert json.loads(in_sns(subscription).attributes["FilterPolicy"]) == {
        "kind": [f"digest_{rhythm}", "always"]
    }


def test_an_endpoint_has_one_rhythm(desk: Caller) -> None:
    subscription = made(desk, digest="daily")

    for other in ({}, {"digest": "weekly"}):
        answer = desk.post("/v1/subscriptions", {**MAIL, **other})
        assert refusal(answer) == (409, "already_exists")
    assert desk.get(path_of(subscription)).json() == subscription


def test_one_without_any_filter_is_said_to_get_digests_as_well(
    service: Service, desk: Caller
) -> None:
    client("sns").subscribe(
        TopicArn=service.deps.topics.arn("acme"), Protocol="email", Endpoint=MAIL["endpoint"]
    )

    (row,) = desk.get("/v1/subscriptions").json()["items"]

    assert (row["filter"], row["digest"]) == (EVERYTHING, None)
    assert row["explanation"] == (
        "You get everything: each alert, and digests too where another subscription asks for them."
    )
    assert refusal(desk.post("/v1/subscriptions", MAIL)) == (409, "already_exists")


def test_the_explanation_is_in_the_brands_language(service: Service) -> None:
    service.brand(subscribe=False, language="zh-CN")

    explanation = made(service.brand_desk(), filter={"severities": ["S2"]})["explanation"]

    assert explanation.startswith("您会收到同时符合以下各项的警报：\n严重程度：S2")


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        (MAIL, False),
        ({"protocol": "sms", "endpoint": "+12025550123"}, False),
        ({"protocol": "https", "endpoint": "https://brand.example/alerts"}, True),
        ({"protocol": "sqs", "endpoint": QUEUE}, True),
    ],
    ids=lambda part: part["protocol"] if isinstance(part, dict) else "",
)
def test_what_cannot_be_delivered_to_a_machine_is_kept(
    desk: Caller, wish: dict[str, Any], kept: bool
) -> None:
    subscription = made(desk, **wish)

    redrive = in_sns(subscription).attributes.get("RedrivePolicy")
    assert subscription["keeps_undelivered"] is kept
    assert (json.loads(redrive) if redrive else None) == (
        {"deadLetterTargetArn": DEAD_LETTERS} if kept else None
    )


def test_the_same_again_is_the_same_subscription(desk: Caller) -> None:
    wish = {**MAIL, "filter": {"severities": ["S2"]}}
    first = desk.post("/v1/subscriptions", wish)

    again = desk.post("/v1/subscriptions", wish)

    assert (first.status, again.status) == (201, 200)
    assert again.json() == first.json()
    assert len(desk.get("/v1/subscriptions").json()["items"]) == 1


def test_an_endpoint_has_one_filter(desk: Caller) -> None:
    subscription = made(desk, filter={"severities": ["S2"]})

    other = desk.post("/v1/subscriptions", {**MAIL, "filter": {"severities": ["S3"]}})

    assert refusal(other) == (409, "already_exists")
    assert desk.get(path_of(subscription)).json() == subscription


def test_one_that_is_not_confirmed_says_so_and_is_asked_once_more(desk: Caller) -> None:
    subscription = made(desk)
    left_unconfirmed(subscription)

    again = desk.post("/v1/subscriptions", MAIL)

    assert again.status == 200
    assert again.json() == {**subscription, "status": "pending"}
    assert desk.get(path_of(subscription)).json() == {**subscription, "status": "pending"}


def test_one_that_is_not_confirmed_cannot_be_ended_but_lapses(desk: Caller) -> None:
    subscription = made(desk)
    left_unconfirmed(subscription)

    answer = desk.delete(path_of(subscription))

    assert refusal(answer) == (409, "state_conflict")
    assert "forgets the rest after two days" in answer.json()["detail"]


def test_an_ended_subscription_is_gone(desk: Caller) -> None:
    subscription = made(desk)

    assert desk.delete(path_of(subscription)).status == 204

    assert desk.get("/v1/subscriptions").json()["items"] == []
    gone = [desk.get(path_of(subscription)), desk.delete(path_of(subscription))]
    assert [refusal(answer) for answer in gone] == [(404, "not_found")] * 2


def test_another_brands_subscription_is_answered_like_one_that_is_not_there(
    service: Service, desk: Caller
) -> None:
    service.brand("bolt", subscribe=False)
    theirs = made(service.brand_desk("bolt"))

    def bare(answer: Answer) -> Answer:
        return but_for_the_count(answer)

    assert bare(desk.get(path_of(theirs))) == bare(desk.get(ABSENT))
    assert bare(desk.delete(path_of(theirs))) == bare(desk.delete(ABSENT))
    assert desk.get("/v1/subscriptions").json()["items"] == []
    assert service.brand_desk("bolt").get(path_of(theirs)).json() == theirs


def test_a_list_comes_in_pages(desk: Caller) -> None:
    wanted = [made(desk, endpoint=f"desk-{n}@brand.example") for n in range(7)]

    found: list[dict[str, Any]] = []
    path: str | None = "/v1/subscriptions?limit=3"
    sizes = []
    while path is not None:
        page = desk.get(path).json()
        sizes.append(len(page["items"]))
        found += page["items"]
        cursor = page["next_cursor"]
        path = f"/v1/subscriptions?limit=3&cursor={cursor}" if cursor else None

    assert sizes == [3, 3, 1]
    assert sorted(found, key=lambda s: str(s["endpoint"])) == wanted
    assert "desk-" not in desk.get("/v1/subscriptions?limit=3").headers["Link"]


def test_more_than_sns_lists_at_a_time_come_all(desk: Caller) -> None:
    for number in range(110):
        client("sns").subscribe(
            TopicArn="arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-acme",
            Protocol="email",
            Endpoint=f"desk-{number}@brand.example",
        )
    found, cursor = [], ""
    while cursor is not None:
        page = desk.get(f"/v1/subscriptions?limit=50{cursor and f'&cursor={cursor}'}").json()
        found += [row["endpoint"] for row in page["items"]]
        cursor = page["next_cursor"]

    assert len(found) == len(set(found)) == 110


def test_a_list_shows_what_sns_does_not_tell_the_id_of(desk: Caller) -> None:
    subscription = made(desk, filter={"severities": ["S2"]})

    with listed_without_its_arn("PendingConfirmation"):
        (row,) = desk.get("/v1/subscriptions").json()["items"]

    assert row == {
        **subscription,
        "subscription_id": None,
        "status": "pending",
        "filter": None,
        "digest": None,
        "explanation": "A filter that was not made here, or is not known until the endpoint is"
        " confirmed.",
    }


def test_one_that_has_just_ended_is_not_listed(desk: Caller) -> None:
    made(desk)

    with listed_without_its_arn("Deleted"):
        assert desk.get("/v1/subscriptions").json()["items"] == []


@contextmanager
def listed_without_its_arn(word: str) -> Iterator[None]:
    """SNS lists what is not confirmed, or has just ended, with a word in the place of its ARN."""

    def hook(parsed: dict[str, Any], **_: Any) -> None:
        for subscription in parsed.get("Subscriptions", []):
            subscription["SubscriptionArn"] = word

    events = client("sns").meta.events
    events.register("after-call.sns.ListSubscriptionsByTopic", hook)
    try:
        yield
    finally:
        events.unregister("after-call.sns.ListSubscriptionsByTopic", hook)


def test_a_filter_that_somebody_made_elsewhere_is_shown_as_such(
    service: Service, desk: Caller
) -> None:
    arn = client("sns").subscribe(
        TopicArn=service.deps.topics.arn("acme"),
        Protocol="email",
        Endpoint=MAIL["endpoint"],
        Attributes={"FilterPolicy": json.dumps({"kind": [{"prefix": "re"}]})},
    )["SubscriptionArn"]

    found = desk.get(f"/v1/subscriptions/{arn.rsplit(':', 1)[1]}").json()

    assert (found["filter"], found["digest"], found["status"]) == (None, None, "confirmed")


def test_a_topic_has_as_many_subscriptions_as_sns_takes(desk: Caller, service: Service) -> None:
    for number in range(200):
        client("sns").subscribe(
            TopicArn=service.deps.topics.arn("acme"),
            Protocol="email",
            Endpoint=f"desk-{number}@brand.example",
        )

    answer = desk.post("/v1/subscriptions", MAIL)

    assert refusal(answer) == (409, "state_conflict")
    assert answer.json()["detail"].endswith("Delete one that you do not need.")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("FilterPolicyLimitExceeded", (409, "state_conflict")),
        ("SubscriptionLimitExceeded", (409, "state_conflict")),
        ("InvalidParameter", (422, "validation_failed")),
        ("Throttled", (503, "unavailable")),
        ("AuthorizationError", (503, "unavailable")),
    ],
)
def test_what_sns_refuses_is_said_in_our_words(
    desk: Caller, code: str, expected: tuple[int, str]
) -> None:
    with sns_refuses("Subscribe", code):
        answer = desk.post("/v1/subscriptions", MAIL)

    assert refusal(answer) == expected
    assert MAIL["endpoint"] not in answer.body.decode()
    assert desk.get("/v1/subscriptions").json()["items"] == []


@contextmanager
def sns_refuses(operation: str, code: str) -> Iterator[None]:
    """SNS answers a call with an error."""

    def skip(model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        class Refused:
            status_code = 400

        return Refused(), {"Error": {"Code": code, "Message": f"Invalid: {MAIL['endpoint']}"}}

    events = client("sns").meta.events
    events.register(f"before-call.sns.{operation}", skip)
    try:
        yield
    finally:
        events.unregister(f"before-call.sns.{operation}", skip)


def test_a_brand_without_a_topic_is_told_so(service: Service) -> None:
    desk = service.brand_desk("nowhere")

    assert refusal(desk.post("/v1/subscriptions", MAIL)) == (409, "state_conflict")
    assert desk.get("/v1/subscriptions").json()["items"] == []
    assert refusal(desk.get(ABSENT)) == (404, "not_found")


def test_who_is_not_engaged_makes_none_but_may_end_what_there_is(
    service: Service, desk: Caller
) -> None:
    subscription = made(desk)
    service.clock.forward(days=1001)

    assert refusal(desk.post("/v1/subscriptions", MAIL)) == (403, "engagement_not_active")
    assert desk.get("/v1/subscriptions").json()["items"] == [subscription]
    assert desk.delete(path_of(subscription)).status == 204


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"endpoint": "https://brand.example/"}, "endpoint", "value_error"),
        ({"protocol": "lambda"}, "protocol", "enum"),
        ({"filter": {"severities": []}}, "filter.severities", "too_short"),
        ({"filter": {"severities": ["S5"]}}, "filter.severities.0", "enum"),
        ({"filter": {"severities": ["S2", "S2"]}}, "filter.severities", "value_error"),
        ({"filter": {"countries": [f"A{c}" for c in "ABCDEFGHIJKLMNOPQRSTUVWXY"],
                     "severities": ["S1", "S2", "S3", "S4"], "kinds": ["new"]}},
         "filter", "value_error"),
    ],
    ids=["of another protocol", "no protocol", "nothing", "no severity", "twice", "too many"],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    desk: Caller, wish: dict[str, Any], field: str, code: str
) -> None:
    answer = desk.post("/v1/subscriptions", {**MAIL, **wish})

    assert refusal(answer) == (422, "validation_failed")
    error, *_ = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert "brand.example" not in error["detail"].replace("desk@brand.example", "")


def test_what_was_filtered_out_does_not_arrive_and_what_comes_always_does(
    service: Service, desk: Caller
) -> None:
    """Through SNS, as far as moto reads filters."""
    service.subscribe("acme")
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    desk.delete(path_of(row))
    wish = {"protocol": "sqs", "endpoint": row["endpoint"], "filter": {"countries": ["BD"]}}
    made(desk, **wish)
    service.link(service.factory())
    partner = service.partner()
    calm = submitted(partner, "calm")
    submitted(partner, "urgent", categories=["forced_labour"], ilo_indicators=["debt_bondage"])
    service.tick()

    (envelope,) = service.received_alerts()
    assert json.loads(envelope["Message"])["severity"] == "S1"
    assert envelope["MessageAttributes"]["severity"] == {
        "Type": "String.Array",
        "Value": '["S1", "always"]',
    }

    etag = partner.get(f"/v1/grievances/{calm}").headers["ETag"]
    less = {"level": "C0", "script_version": "withdrawal-zh-2"}
    partner.put(f"/v1/grievances/{calm}/consent", less, If_Match=etag)
    service.tick()

    (recall,) = service.received_alerts()
    assert json.loads(recall["Message"])["kind"] == "recall"


def test_no_endpoint_is_logged(desk: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    made(desk)
    desk.post("/v1/subscriptions", {**MAIL, "filter": {"severities": ["S3"]}})
    with sns_refuses("Subscribe", "InvalidParameter"):
        desk.post("/v1/subscriptions", {**MAIL, "endpoint": "other@brand.example"})
    desk.get("/v1/subscriptions")

    written = capsys.readouterr()
    assert "brand.example" not in written.out + written.err
