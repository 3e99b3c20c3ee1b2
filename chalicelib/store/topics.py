"""One SNS topic for each brand."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.errors import Unavailable
from chalicelib.store.faults import in_our_words

BATCH = 10
BATCH_BYTES = 256 * 1024


class Notice(NamedTuple):
    """A message for a topic: its id within the batch, its texts by protocol, its attributes."""

    notice_id: str
    subject: str
    message: str
    attributes: dict[str, str]


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

    def ensure(self, brand_id: str) -> str:
        """Make a brand's topic, encrypted with the service's key, or find it."""
        name = self.arn(brand_id).rsplit(":", 1)[1]
        attributes = {"KmsMasterKeyId": self._key}
        with in_our_words():
            arn: str = self._client.create_topic(Name=name, Attributes=attributes)["TopicArn"]
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


def _batches(notices: Sequence[Notice]) -> list[list[Notice]]:
    batches: list[list[Notice]] = []
    size = 0
    for notice in notices:
        weight = len(f"{notice.message}{notice.subject}{notice.attributes}".encode())
        if not batches or len(batches[-1]) == BATCH or size + weight > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(notice)
        size += weight
    return batches


def _entry(notice: Notice) -> dict[str, Any]:
    return {
        "Id": notice.notice_id,
        "Subject": notice.subject,
        "Message": notice.message,
        "MessageStructure": "json",
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in notice.attributes.items()
        },
    }


def _unknown(notice: Notice, failure: Unavailable) -> Delivery:
    return Delivery(notice.notice_id, None, type(failure).__name__, our_fault=False)


def _deliveries(answer: dict[str, Any]) -> list[Delivery]:
    sent = [Delivery(e["Id"], e["MessageId"], None, False) for e in answer.get("Successful", [])]
    failed = [
        Delivery(e["Id"], None, e["Code"], bool(e.get("SenderFault")))
        for e in answer.get("Failed", [])
    ]
    return sent + failed
