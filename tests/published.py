"""Every alert and digest that a test publishes, as it is handed to SNS; each must match the
published schema of its kind, and what SNS takes.

What other processes publish (killed forks, the local stack) is not seen here.
"""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from chalicelib.api.description.alert_schema import alert_schema
from chalicelib.api.description.digest_schema import digest_schema
from chalicelib.store.clients import client


@cache
def _validators() -> tuple[Draft202012Validator, Draft202012Validator]:
    checker = Draft202012Validator.FORMAT_CHECKER
    alert, digest = (
        Draft202012Validator(schema, format_checker=checker)
        for schema in (alert_schema(), digest_schema())
    )
    return alert, digest


def is_alert(payload: dict[str, Any]) -> None:
    """Raise ValidationError if the schema says that it is none."""
    _validators()[0].validate(payload)


def is_digest(payload: dict[str, Any]) -> None:
    """The same of a digest."""
    _validators()[1].validate(payload)


class Published:
    """What was published since the last `clear`."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.against_the_schema: list[str] = []

    def watch(self) -> None:
        """Look at every batch from now on, before botocore makes a request of it.

        To be said again for each test: one that lets the service begin anew leaves other clients.
        """
        client("sns").meta.events.register(
            "before-parameter-build.sns.PublishBatch", self._note, unique_id="published"
        )

    def clear(self) -> None:
        """Forget them."""
        self.entries.clear()
        self.against_the_schema.clear()

    def payloads(self) -> list[dict[str, Any]]:
        """The alerts as queues and endpoints get them."""
        return [json.loads(texts["default"]) for texts in self.texts()]

    def texts(self) -> list[dict[str, str]]:
        """Each alert's texts by protocol."""
        return [json.loads(entry["Message"]) for entry in self.entries]

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        entries = params["PublishBatchRequestEntries"]
        self.entries += entries
        for entry in entries:
            try:
                payload = json.loads(json.loads(entry["Message"])["default"])
                check = is_digest if payload["kind"].startswith("digest_") else is_alert
                check(payload)
            except (KeyError, ValueError, ValidationError) as error:
                # Raised here, it would be taken for trouble with SNS.
                self.against_the_schema.append(str(error)[:500])
