"""HTTP endpoints hear of an alert after it was published, whatever they do meanwhile."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.local.deliveries import Deliveries

DOCUMENT = {
    "Type": "Notification",
    "MessageId": "m-1",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:handshake-local-brand-acme",
    "Message": '{"severity": "S1"}',
}
HEADERS = {"Content-Type": "text/plain; charset=UTF-8"}


class Endpoint:
    """An endpoint that answers with the given statuses, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.received: list[tuple[dict[str, str], Any]] = []
        self.heard = threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.received.append((dict(self.headers), json.loads(body)))
                self.send_response(endpoint.statuses.pop(0) if endpoint.statuses else 200)
                self.end_headers()
                if not endpoint.statuses:
                    endpoint.heard.set()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sns"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_document_arrives_with_the_headers_that_sns_sends(endpoint: Endpoint) -> None:
    Deliveries().post(endpoint.url, json=DOCUMENT, headers=HEADERS)
    assert endpoint.heard.wait(10)
    ((headers, document),) = endpoint.received
    assert document == DOCUMENT
    assert {
        name: value
        for name, value in headers.items()
        if name.startswith("x-amz") or name in ("Content-Type", "User-Agent")
    } == {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-id": "m-1",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-topic-arn": DOCUMENT["TopicArn"],
    }


def test_an_endpoint_that_fails_is_tried_again(endpoint: Endpoint) -> None:
    endpoint.statuses = [500, 503]
    Deliveries(pauses=(0, 0.01, 0.01)).post(endpoint.url, json=DOCUMENT, headers=HEADERS)
    assert endpoint.heard.wait(10)
    time.sleep(0.05)
    assert [document for _, document in endpoint.received] in ([DOCUMENT] * 2, [DOCUMENT] * 3)


def test_an_endpoint_that_is_down_holds_up_neither_the_publisher_nor_another(
    endpoint: Endpoint,
) -> None:
    deliveries = Deliveries(pauses=(5,))
    started = time.monotonic()
    deliveries.post("http://127.0.0.1:1/down", json=DOCUMENT, headers=HEADERS)
    assert time.monotonic() - started < 2
    Deliveries().post(endpoint.url, json=DOCUMENT, headers=HEADERS)
    assert endpoint.heard.wait(10)
