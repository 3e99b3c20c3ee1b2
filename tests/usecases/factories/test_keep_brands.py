"""A brand's AWS account: who may subscribe to its topic, and nothing more than that."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.store.clients import client
from tests.service import Service
from tests.usecases.stories import fields

ARN = "arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-acme"
OWN = {
    "Sid": "OwnAccount",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": [
        "sns:GetTopicAttributes",
        "sns:SetTopicAttributes",
        "sns:DeleteTopic",
        "sns:Subscribe",
        "sns:ListSubscriptionsByTopic",
        "sns:Publish",
    ],
    "Resource": ARN,
}
ITS_OWN = {
    "Sid": "BrandSubscribes",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
    "Action": ["sns:Subscribe"],
    "Resource": ARN,
    "Condition": {
        "StringEquals": {"sns:Protocol": ["sqs", "lambda"]},
        "StringLike": {
            "sns:Endpoint": [
                "arn:aws:sqs:*:210987654321:*",
                "arn:aws:lambda:*:210987654321:function:*",
            ]
        },
    },
}
WITH_ACCOUNT = {"name": "Acme Outdoor", "aws_account_id": "210987654321"}


def statements() -> list[dict[str, Any]]:
    """Who may use acme's topic."""
    attributes = client("sns").get_topic_attributes(TopicArn=ARN)["Attributes"]
    found: list[dict[str, Any]] = json.loads(attributes["Policy"])["Statement"]
    return found


def test_a_brands_account_may_subscribe_its_own_queues_and_functions(service: Service) -> None:
    answer = service.operator().put("/v1/brands/acme", WITH_ACCOUNT)

    assert answer.status == 201
    assert answer.json()["aws_account_id"] == "210987654321"
    assert statements() == [OWN, ITS_OWN]


def test_without_an_account_nobody_else_may(service: Service) -> None:
    service.brand(subscribe=False)

    assert statements() == [OWN]


def test_an_account_that_is_taken_away_may_not_subscribe_any_more(service: Service) -> None:
    operator = service.operator()
    operator.put("/v1/brands/acme", WITH_ACCOUNT)

    answer = operator.put("/v1/brands/acme", {"name": "Acme Outdoor"}, If_Match='"1"')

    assert (answer.status, answer.json()["aws_account_id"]) == (200, None)
    assert statements() == [OWN]


def test_the_same_again_mends_the_topic(service: Service) -> None:
    operator = service.operator()
    with service.refusing("SetTopicAttributes"):
        assert operator.put("/v1/brands/acme", WITH_ACCOUNT).status == 503

    assert operator.put("/v1/brands/acme", WITH_ACCOUNT).status == 200
    assert statements() == [OWN, ITS_OWN]


def test_an_account_that_aws_does_not_know_is_said_to_be_none(service: Service) -> None:
    with the_account_is_unknown():
        answer = service.operator().put("/v1/brands/acme", WITH_ACCOUNT)

    assert fields(answer) == {"aws_account_id": "unknown_account"}
    assert "210987654321" not in answer.body.decode()


@contextmanager
def the_account_is_unknown() -> Iterator[None]:
    """As SNS answers a policy that names an account there is not."""

    def hook(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        class Refused:
            status_code = 400

        message = "Invalid parameter: Policy Error: PrincipalNotFound"
        return Refused(), {"Error": {"Code": "InvalidParameter", "Message": message}}

    events = client("sns").meta.events
    events.register("before-call.sns.SetTopicAttributes", hook)
    try:
        yield
    finally:
        events.unregister("before-call.sns.SetTopicAttributes", hook)


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x"])
def test_an_account_has_twelve_digits(service: Service, account: str) -> None:
    body = {"name": "Acme Outdoor", "aws_account_id": account}

    assert fields(service.operator().put("/v1/brands/acme", body)) == {
        "aws_account_id": "string_pattern_mismatch"
    }


def test_a_partner_does_not_learn_which_account_a_brand_has(service: Service) -> None:
    service.operator().put("/v1/brands/acme", WITH_ACCOUNT)
    partner = service.partner()

    assert partner.get("/v1/brands/acme").json()["aws_account_id"] is None
    assert [b["aws_account_id"] for b in partner.get("/v1/brands").json()["items"]] == [None]
    assert service.operator().get("/v1/brands/acme").json()["aws_account_id"] == "210987654321"
