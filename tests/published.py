"""Every alert that a test publishes, as it is handed to SNS; each must match the published schema.

What other processes publish (killed forks, the local stack) is not seen here.
"""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from chalicelib.api.alert_schema import alert_schema
from chalicelib.store.clients import client


@cache
def _validator() -> Draft202012Validator:
    schema = alert_schema()
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def is_alert(payload: dict[str, Any]) -> None:
    """Raise ValidationError if the schema says that it is none."""
    _validator().validate(payload)


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
                is_alert(json.loads(json.loads(entry["Message"])["default"]))
            except (KeyError, ValueError, ValidationError) as error:
                # Raised here, it would be taken for trouble with SNS.
                self.against_the_schema.append(str(error)[:500])
