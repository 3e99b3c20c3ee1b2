"""A brand's own reader of its queue, as somebody else would write it.

It knows what Amazon publishes of a notification in a queue ("Amazon SNS message formats"), and what
this service publishes of an alert (its JSON Schema, docs/messages.md). Nothing of the service is
imported here, and nothing may be: a test says so.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
from jsonschema import Draft202012Validator

ENVELOPE = {
    "Type": r"Notification",
    "MessageId": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "TopicArn": r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}",
    "Subject": r"[ -~]{1,99}",
    "Timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "SignatureVersion": r"[12]",
    "Signature": r"[A-Za-z0-9+/]+={0,2}",
}


class QueueReader:
    """What a brand keeps: alerts by their ids, and which of them it must forget."""

    def __init__(self, queue_url: str, schema: Mapping[str, Any]) -> None:
        self._sqs = boto3.client("sqs")
        self._queue = queue_url
        self._schema = Draft202012Validator(schema)
        self.alerts: dict[str, dict[str, Any]] = {}
        self.forgotten: set[str] = set()
        self.repeats = 0

    def read(self) -> int:
        """Take everything from the queue; how many messages there were."""
        count = 0
        while found := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                self._take(_notification(message["Body"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )
                count += 1
        return count

    def _take(self, envelope: Mapping[str, Any]) -> None:
        alert = json.loads(envelope["Message"])
        self._schema.validate(alert)
        self._agree(envelope, alert)
        if alert["alert_id"] in self.alerts:
            self.repeats += 1
            return
        self.alerts[alert["alert_id"]] = alert
        for recalled in alert.get("recalls", []):
            self.alerts.pop(recalled, None)
            self.forgotten.add(recalled)

    def _agree(self, envelope: Mapping[str, Any], alert: Mapping[str, Any]) -> None:
        """What subscriptions filter on is what the alert says."""
        attributes = envelope["MessageAttributes"]
        assert set(attributes) == {"brand_id", "kind", "severity", "category", "country"}
        comes_always = alert["kind"] in ("recall", "test") or alert["severity"] == "S1"
        for name, attribute in attributes.items():
            said = alert.get(name, "unknown")
            if comes_always and name != "brand_id":
                assert attribute["Type"] == "String.Array"
                assert json.loads(attribute["Value"]) == [said, "always"]
            else:
                assert attribute == {"Type": "String", "Value": said}
        assert alert["public_ref"] in envelope["Subject"]


def _notification(body: str) -> Mapping[str, Any]:
    envelope: dict[str, Any] = json.loads(body)
    for name, pattern in ENVELOPE.items():
        assert re.fullmatch(pattern, envelope[name]), name
    for name in ("SigningCertURL", "UnsubscribeURL"):
        assert urlsplit(envelope[name]).scheme == "https", name
    return envelope
