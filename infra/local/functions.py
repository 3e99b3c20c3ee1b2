"""Invoke the app's functions as Lambda does: an event, and a context that knows the time left."""

import time
from dataclasses import dataclass, field
from typing import Any

from chalice.app import Chalice


@dataclass
class Context:
    """As much of Lambda's context object as a function may use."""

    function_name: str
    timeout_seconds: float
    aws_request_id: str = "local"
    memory_limit_in_mb: int = 512
    _started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be stopped."""
        return int((self.timeout_seconds - (time.monotonic() - self._started)) * 1000)


def invoke(app: Chalice, name: str, event: dict[str, Any], *, timeout_seconds: float) -> Any:
    """Run the function `name` on an event; what it raises is raised here."""
    return app.handler_map[name](event, Context(name, timeout_seconds))


def scheduled_event() -> dict[str, Any]:
    """An EventBridge schedule's event, as far as Chalice reads it."""
    return {
        "version": "0",
        "id": "local",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "1970-01-01T00:00:00Z",
        "region": "local",
        "resources": [],
        "detail": {},
    }


def queue_event(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The event that Lambda makes of messages received from SQS."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "eventSource": "aws:sqs",
            }
            for message in messages
        ]
    }
