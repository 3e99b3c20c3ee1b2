"""Threads that start the functions, as EventBridge and Lambda's queue pollers do."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import boto3
from aws_lambda_powertools.logging import Logger
from chalice.app import Chalice

from infra.local.event_sources import QueueSource, Schedule
from infra.local.functions import invoke, queue_event, scheduled_event

logger = Logger(service="handshake-local")

_PAUSE_AFTER_FAILURE = 1.0  # seconds
_LONG_POLL = 20  # seconds, as Lambda polls


class Trigger(ABC):
    """Starts one function over and over, in a thread; `idle` is set while it does not run."""

    def __init__(self, app: Chalice, function: str, timeout_seconds: float) -> None:
        self._app = app
        self._function = function
        self._timeout_seconds = timeout_seconds
        self._stopping = threading.Event()
        self.idle = threading.Event()
        self.idle.set()
        self._thread = threading.Thread(target=self._run, name=function, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more; what runs goes on."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; whether it did."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Until stopped. What fails is logged, and tried again when it is due again."""
        while not self._stopping.is_set():
            try:
                self._once()
            except Exception as failure:  # noqa: BLE001  as Lambda: it fails alone
                self.idle.set()
                if not self._stopping.wait(_PAUSE_AFTER_FAILURE):
                    error = type(failure).__name__
                    logger.error("function_failed", function=self._function, error=error)

    @abstractmethod
    def _once(self) -> None:
        """Wait for what starts the function, and run it for that."""

    def _invoke(self, event: dict[str, Any]) -> Any:
        self.idle.clear()
        answer = invoke(self._app, self._function, event, timeout_seconds=self._timeout_seconds)
        self.idle.set()
        return answer


class Ticker(Trigger):
    """A schedule. `now` makes it run at once."""

    def __init__(self, app: Chalice, schedule: Schedule, every_seconds: float) -> None:
        super().__init__(app, schedule.function, schedule.timeout_seconds)
        self._every_seconds = every_seconds
        self._wake = threading.Event()

    def now(self) -> None:
        """Run at once."""
        self._wake.set()

    def stop(self) -> None:
        """Start nothing more."""
        super().stop()
        self._wake.set()

    def _once(self) -> None:
        self._wake.wait(self._every_seconds)
        self._wake.clear()
        if not self._stopping.is_set():
            self._invoke(scheduled_event())


class Poller(Trigger):
    """A queue that feeds a function. Messages that the function did not report as failed are
    deleted; the others come again when their visibility timeout ends."""

    def __init__(
        self, app: Chalice, source: QueueSource, *, wait_seconds: int = _LONG_POLL
    ) -> None:
        super().__init__(app, source.function, source.timeout_seconds)
        self._wait_seconds = wait_seconds
        self._source = source
        self._sqs = boto3.client("sqs")

    def _once(self) -> None:
        messages = self._sqs.receive_message(
            QueueUrl=self._source.queue_url,
            MaxNumberOfMessages=self._source.batch_size,
            WaitTimeSeconds=self._wait_seconds,
        ).get("Messages", [])
        if messages:
            answer = self._invoke(queue_event([dict(message) for message in messages]))
            self._delete(worked_messages([dict(m) for m in messages], answer))

    def _delete(self, messages: Sequence[dict[str, Any]]) -> None:
        entries: list[Any] = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        if entries:
            self._sqs.delete_message_batch(QueueUrl=self._source.queue_url, Entries=entries)


def worked_messages(
    messages: Sequence[dict[str, Any]], answer: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The messages that are done, by a function's partial batch response.

    As Lambda reads it: no answer means that all are done, an id that is none of ours that none is.
    """
    failed = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures", ())}
    if not failed <= {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]
