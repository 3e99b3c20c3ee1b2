"""The subscriptions of brands' topics. SNS itself is the record of them; there is no other."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.alerting.subscription import (
    AlertFilter,
    Protocol,
    Rhythm,
    Subscription,
    SubscriptionStatus,
    Wanted,
    policy_of,
    wanted_in,
)
from chalicelib.store.faults import NoSuchThing, in_our_words
from chalicelib.store.paging import Page, Start
from chalicelib.store.topics import Topics

_PENDING = "PendingConfirmation"
_KEEP_UNDELIVERED = (Protocol.HTTPS, Protocol.SQS)
"""What SNS says of others it could not deliver, it says to nobody."""


class Subscriptions:
    """What each brand's topic is subscribed to.

    `dead_letters` is the ARN of the queue that gets what SNS could not deliver.
    """

    def __init__(self, client: Any, topics: Topics, *, dead_letters: str) -> None:
        self._client = client
        self._topics = topics
        self._dead_letters = dead_letters

    def add(self, brand_id: str, protocol: Protocol, endpoint: str, wanted: Wanted) -> str:
        """Subscribe an endpoint; the subscription's id. The same again changes nothing, but has an
        endpoint that has not confirmed asked once more.

        Raises NoSuchThing (no topic), RefusedByStore (SNS does not take this endpoint, or has it
        with another filter), LimitReached.
        """
        attributes = {
            "FilterPolicyScope": "MessageAttributes",
            "FilterPolicy": json.dumps(policy_of(wanted)),
        }
        if protocol in _KEEP_UNDELIVERED:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": self._dead_letters})
        with in_our_words():
            answer = self._client.subscribe(
                TopicArn=self._topics.arn(brand_id),
                Protocol=protocol,
                Endpoint=endpoint,
                Attributes=attributes,
                ReturnSubscriptionArn=True,
            )
        return _id_in(answer["SubscriptionArn"])

    def get(self, brand_id: str, subscription_id: str) -> Subscription | None:
        """One subscription of the brand's topic; None when there is none."""
        arn = f"{self._topics.arn(brand_id)}:{subscription_id}"
        try:
            with in_our_words():
                found = self._client.get_subscription_attributes(SubscriptionArn=arn)
        except NoSuchThing:
            return None
        return _subscription(subscription_id, found["Attributes"])

    def remove(self, brand_id: str, subscription_id: str) -> None:
        """End a subscription that is confirmed; one that is not there is ended already."""
        arn = f"{self._topics.arn(brand_id)}:{subscription_id}"
        with in_our_words():
            self._client.unsubscribe(SubscriptionArn=arn)

    def page(self, brand_id: str, limit: int, start: Start | None) -> Page[Subscription]:
        """A page of the subscriptions of a brand's topic, in SNS's order; none without a topic.

        One call for a hundred, and one for each that is confirmed.
        """
        token, skipped = (start["token"], start["skipped"]) if start else (None, 0)
        found, next_token = self._listed(brand_id, token)
        shown = found[skipped : skipped + limit]
        if len(found) > skipped + limit:
            next_start = {"token": token, "skipped": skipped + limit}
        else:
            next_start = {"token": next_token, "skipped": 0} if next_token else {}
        whole = (self._whole(brand_id, listed) for listed in shown)
        return Page([one for one in whole if one is not None], next_start or None)

    def of_endpoint(self, brand_id: str, protocol: Protocol, endpoint: str) -> Subscription | None:
        """The subscription of an endpoint to the brand's topic, as far as SNS tells."""
        for listed in self._every_one(brand_id):
            if (listed["Protocol"], listed["Endpoint"]) == (protocol, endpoint):
                return self._whole(brand_id, listed)
        return None

    def asks_for(self, brand_id: str, rhythm: Rhythm) -> bool:
        """Whether anybody has confirmed a subscription to the brand's digests of this rhythm."""
        return any(
            found.digest is rhythm and found.status is SubscriptionStatus.CONFIRMED
            for found in (self._whole(brand_id, listed) for listed in self._every_one(brand_id))
            if found is not None
        )

    def count(self, brand_id: str) -> int:
        """How many the brand's topic has."""
        return sum(1 for _ in self._every_one(brand_id))

    def _every_one(self, brand_id: str) -> Iterator[Mapping[str, str]]:
        token: str | None = None
        while True:
            found, token = self._listed(brand_id, token)
            yield from found
            if token is None:
                return

    def _listed(
        self, brand_id: str, token: str | None
    ) -> tuple[list[Mapping[str, str]], str | None]:
        more = {"NextToken": token} if token else {}
        try:
            with in_our_words():
                answer = self._client.list_subscriptions_by_topic(
                    TopicArn=self._topics.arn(brand_id), **more
                )
        except NoSuchThing:
            return [], None
        # One that has just ended is listed for a while, with a word in the place of its ARN.
        there = [one for one in answer["Subscriptions"] if one["SubscriptionArn"] != "Deleted"]
        return there, answer.get("NextToken")

    def _whole(self, brand_id: str, listed: Mapping[str, str]) -> Subscription | None:
        if listed["SubscriptionArn"] != _PENDING:
            return self.get(brand_id, _id_in(listed["SubscriptionArn"]))
        return Subscription(
            subscription_id=None,
            protocol=listed["Protocol"],
            endpoint=listed["Endpoint"],
            status=SubscriptionStatus.PENDING,
            filter=None,
            digest=None,
            keeps_undelivered=False,
        )


def _subscription(subscription_id: str, attributes: Mapping[str, str]) -> Subscription:
    pending = attributes[_PENDING] == "true"
    wish, digest = _filter(attributes)
    return Subscription(
        subscription_id=subscription_id,
        protocol=attributes["Protocol"],
        endpoint=attributes["Endpoint"],
        status=SubscriptionStatus.PENDING if pending else SubscriptionStatus.CONFIRMED,
        filter=wish,
        digest=digest,
        keeps_undelivered=bool(attributes.get("RedrivePolicy")),
    )


def _filter(attributes: Mapping[str, str]) -> tuple[AlertFilter | None, Rhythm | None]:
    """The filter and the rhythm of a subscription; without any filter everything comes."""
    policy = attributes.get("FilterPolicy")
    if not policy:
        return AlertFilter(), None
    if attributes.get("FilterPolicyScope", "MessageAttributes") != "MessageAttributes":
        return None, None
    return wanted_in(json.loads(policy)) or (None, None)


def _id_in(arn: str) -> str:
    return arn.rsplit(":", 1)[1]
