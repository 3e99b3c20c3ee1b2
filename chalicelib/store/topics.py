"""One SNS topic for each brand."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.errors import Unavailable
from chalicelib.store.faults import in_our_words

BATCH = 10
BATCH_BYTES = 256 * 1024


class Notice(NamedTuple):
    """A message for a topic: its id within the batch, its texts by protocol, its attributes, each
    with one value or several."""

    notice_id: str
    subject: str
    message: str
    attributes: Mapping[str, Sequence[str]]


class Delivery(NamedTuple):
    """What SNS said of one notice: a message id, or an error and whether it was our fault."""

    notice_id: str
    message_id: str | None
    error: str | None
    our_fault: bool


class Topics:
    """The brands' topics; a topic's ARN is the prefix and the brand's id."""

    def __init__(self, client: Any, arn_prefix: str, *, key: str) -> None:
        self._client = client
        self._prefix = arn_prefix
        self._key = key

    def arn(self, brand_id: str) -> str:
        """The ARN of a brand's topic."""
        return f"{self._prefix}{brand_id}"

    def ensure(self, brand_id: str, *, subscriber: str | None = None) -> str:
        """Make a brand's topic, encrypted with the service's key, or find it.

        From now on the AWS account `subscriber` may subscribe its queues and functions, and no
        other account. Raises RefusedByStore (AWS knows no such account).
        """
        name = self.arn(brand_id).rsplit(":", 1)[1]
        attributes = {"KmsMasterKeyId": self._key}
        with in_our_words():
            arn: str = self._client.create_topic(Name=name, Attributes=attributes)["TopicArn"]
            policy = json.dumps(topic_policy(arn, subscriber))
            self._client.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=policy
            )
        return arn

    def publish(self, brand_id: str, notices: Sequence[Notice]) -> list[Delivery]:
        """Publish to a brand's topic, as many calls as SNS's limits for a batch ask for.

        Where SNS does not answer, nothing is known about that batch: it and those after it have
        failed and must be sent again, what went out before is not. Raises NoSuchThing without a
        topic.
        """
        deliveries: list[Delivery] = []
        batches = _batches(notices)
        for position, batch in enumerate(batches):
            try:
                deliveries += self._sent(brand_id, batch)
            except Unavailable as failure:
                unsent = [notice for later in batches[position:] for notice in later]
                return deliveries + [_unknown(notice, failure) for notice in unsent]
        return deliveries

    def _sent(self, brand_id: str, batch: Sequence[Notice]) -> list[Delivery]:
        with in_our_words():
            answer = self._client.publish_batch(
                TopicArn=self.arn(brand_id),
                PublishBatchRequestEntries=[_entry(notice) for notice in batch],
            )
        return _deliveries(answer)


def topic_policy(arn: str, subscriber: str | None) -> dict[str, Any]:
    """Who may use a brand's topic: our own account, and the brand's to subscribe to it.

    A brand's account may bring its own queues and functions alone: whatever else alerts go to is
    subscribed here, where it is checked and listed.
    """
    _, partition, _, _, account, _ = arn.split(":")
    statements = [_statement("OwnAccount", account, _OWN_ACTIONS, arn, partition)]
    if subscriber is not None:
        statement = _statement("BrandSubscribes", subscriber, ["sns:Subscribe"], arn, partition)
        statement["Condition"] = {
            "StringEquals": {"sns:Protocol": ["sqs", "lambda"]},
            "StringLike": {
                "sns:Endpoint": [
                    f"arn:{partition}:sqs:*:{subscriber}:*",
                    f"arn:{partition}:lambda:*:{subscriber}:function:*",
                ]
            },
        }
        statements.append(statement)
    return {"Version": "2012-10-17", "Id": "brand-topic", "Statement": statements}


_OWN_ACTIONS = [
    "sns:GetTopicAttributes",
    "sns:SetTopicAttributes",
    "sns:DeleteTopic",
    "sns:Subscribe",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
]


def _statement(
    sid: str, account: str, actions: list[str], arn: str, partition: str
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": actions,
        "Resource": arn,
    }


def _batches(notices: Sequence[Notice]) -> list[list[Notice]]:
    batches: list[list[Notice]] = []
    size = 0
    for notice in notices:
        weight = _weight(notice)
        if not batches or len(batches[-1]) == BATCH or size + weight > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(notice)
        size += weight
    return batches


def _weight(notice: Notice) -> int:
    """The bytes that SNS counts: texts, and of each attribute its name, its type and its value."""
    attributes = {name: _attribute(values) for name, values in notice.attributes.items()}
    parts = [notice.message, notice.subject, *attributes]
    parts += [text for attribute in attributes.values() for text in attribute.values()]
    return len("".join(parts).encode())


def _entry(notice: Notice) -> dict[str, Any]:
    return {
        "Id": notice.notice_id,
        "Subject": notice.subject,
        "Message": notice.message,
        "MessageStructure": "json",
        "MessageAttributes": {
            name: _attribute(values) for name, values in notice.attributes.items()
        },
    }


def _attribute(values: Sequence[str]) -> dict[str, str]:
    """A filter lets an array through that has one of its values."""
    if len(values) == 1:
        return {"DataType": "String", "StringValue": values[0]}
    return {"DataType": "String.Array", "StringValue": json.dumps(list(values))}


def _unknown(notice: Notice, failure: Unavailable) -> Delivery:
    return Delivery(notice.notice_id, None, type(failure).__name__, our_fault=False)


def _deliveries(answer: dict[str, Any]) -> list[Delivery]:
    sent = [Delivery(e["Id"], e["MessageId"], None, False) for e in answer.get("Successful", [])]
    failed = [
        Delivery(e["Id"], None, e["Code"], bool(e.get("SenderFault")))
        for e in answer.get("Failed", [])
    ]
    return sent + failed
