"""Queue messages at the rim: one fails alone, its neighbours in the batch do not."""

import json
from collections.abc import Callable
from typing import Any

from chalice.app import CloudWatchEvent, SQSEvent

from chalicelib import log


def each_message(event: SQSEvent, work: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Work each message's JSON body; report those that failed, so that only they come again.

    The answer is Lambda's partial batch response (`ReportBatchItemFailures`).
    """
    failed = []
    for record in event.to_dict()["Records"]:
        try:
            work(json.loads(record["body"]))
        except Exception as failure:  # noqa: BLE001  the queue keeps the message; nothing is lost
            log.error(
                log.Event.MESSAGE_FAILED, error=type(failure).__name__, where=log.where(failure)
            )
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def seconds_left(event: SQSEvent | CloudWatchEvent) -> Callable[[], float]:
    """How many seconds the function may still run, by its Lambda context."""

    context: Any = event.context

    def left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    return left
