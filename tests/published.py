"""Every alert that a test publishes, as it is handed to SNS; each must match the published schema.

What other processes publish (killed forks, the local stack) is not seen here.
"""

import json
from typing import Any

from chalicelib.store.clients import client


class Published:
    """What was published since the last `clear`."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def watch(self) -> None:
        """Look at every batch from now on, before botocore makes a request of it."""
        client("sns").meta.events.register("before-parameter-build.sns.PublishBatch", self._note)

    def clear(self) -> None:
        """Forget them."""
        self.entries.clear()

    def payloads(self) -> list[dict[str, Any]]:
        """The alerts as queues and endpoints get them."""
        return [json.loads(texts["default"]) for texts in self.texts()]

    def texts(self) -> list[dict[str, str]]:
        """Each alert's texts by protocol."""
        return [json.loads(entry["Message"]) for entry in self.entries]

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.entries += params["PublishBatchRequestEntries"]
