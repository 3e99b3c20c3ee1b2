"""Notifications to HTTP(S) endpoints, delivered as SNS does: afterwards, and again if need be.

moto posts them inside the publishing call: an endpoint that is down would fail the publisher, and
one that answers an alert by calling this service would wait for itself.
"""

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import requests

logger = logging.getLogger(__name__)

PAUSES: Sequence[float] = (0, 1, 5, 20)
"""Seconds before each attempt. SNS goes on for weeks; here it ends after less than a minute."""

_TIMEOUT = 15  # seconds, SNS's own


class _Delivery(NamedTuple):
    body: bytes
    headers: Mapping[str, str]


class Deliveries:
    """Stands in for `requests` where moto posts: `post` returns at once.

    Each endpoint has a thread of its own, so that one that is down holds up nobody else.
    """

    def __init__(self, pauses: Sequence[float] = PAUSES) -> None:
        self._pauses = pauses
        self._queues: dict[str, queue.SimpleQueue[_Delivery]] = {}

    def post(self, url: str, *, json: Any, headers: Mapping[str, str]) -> None:
        """Take a notification; `json` is the document that SNS posts."""
        delivery = _delivery(json, headers)
        if url not in self._queues:
            self._queues[url] = queue.SimpleQueue()
            threading.Thread(
                target=self._deliver_to, args=(url, self._queues[url]), daemon=True
            ).start()
        self._queues[url].put(delivery)

    def _deliver_to(self, url: str, waiting: "queue.SimpleQueue[_Delivery]") -> None:
        while True:
            delivery = waiting.get()
            if not any(_attempt(url, delivery, pause) for pause in self._pauses):
                logger.error("gave up on a notification for %s", _host(url))


def _delivery(document: dict[str, Any], headers: Mapping[str, str]) -> _Delivery:
    """The request that SNS makes, with the headers that receivers read and moto leaves out."""
    own = {
        "x-amz-sns-message-type": document["Type"],
        "x-amz-sns-message-id": document["MessageId"],
        "x-amz-sns-topic-arn": document["TopicArn"],
        "User-Agent": "Amazon Simple Notification Service Agent",
    }
    return _Delivery(json.dumps(document).encode(), {**headers, **own})


def _attempt(url: str, delivery: _Delivery, pause: float) -> bool:
    time.sleep(pause)
    try:
        answer = requests.post(
            url, data=delivery.body, headers=dict(delivery.headers), timeout=_TIMEOUT
        )
    except requests.RequestException as failure:
        logger.warning("%s: %s", _host(url), type(failure).__name__)
        return False
    if not answer.ok:
        logger.warning("%s answered %d", _host(url), answer.status_code)
    return answer.ok


def _host(url: str) -> str:
    """Scheme, host and port: a path may hold a secret."""
    return "/".join(url.split("/", 3)[:3])
