"""AWS calls run one at a time, and a long poll holds nobody up."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from infra.local.serial import OneAtATime, long_poll, may_write

RECEIVE = "AmazonSQS.ReceiveMessage"


def _environ(body: bytes = b"", target: str = "", **more: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "HTTP_X_AMZ_TARGET": target,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def _called(application: OneAtATime, environ: dict[str, Any]) -> tuple[str, bytes]:
    started: list[str] = []
    parts = application(environ, lambda status, headers: started.append(status))
    return started[0], b"".join(parts)


class Queue:
    """An application that has a message from its n-th look on."""

    def __init__(self, looks: int) -> None:
        self.bodies: list[bytes] = []
        self._looks = looks

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start("200 OK", [])
        there = len(self.bodies) >= self._looks
        return [b'{"Messages": [{"Body": "x"}]}' if there else b"{}"]


def test_two_calls_never_run_at_once() -> None:
    inside, most = 0, 0

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.002)
        start("200 OK", [])
        yield b"answer"
        inside -= 1

    aws = OneAtATime(application)
    threads = [
        threading.Thread(target=_called, args=(aws, _environ(target="X.PutItem")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_a_long_poll_answers_as_soon_as_there_is_a_message() -> None:
    queue = Queue(looks=3)
    body = json.dumps({"QueueUrl": "q", "WaitTimeSeconds": 20}).encode()
    started = time.monotonic()
    answer = _called(OneAtATime(queue), _environ(body, RECEIVE))
    assert answer == ("200 OK", b'{"Messages": [{"Body": "x"}]}')
    assert time.monotonic() - started < 10
    assert [json.loads(seen) for seen in queue.bodies] == [
        {"QueueUrl": "q", "WaitTimeSeconds": 0}
    ] * 3


def test_a_long_poll_without_a_message_ends_when_its_time_is_over() -> None:
    body = json.dumps({"QueueUrl": "q", "WaitTimeSeconds": 0.3}).encode()
    assert _called(OneAtATime(Queue(looks=99)), _environ(body, RECEIVE)) == ("200 OK", b"{}")


def test_a_long_poll_hears_at_once_of_what_somebody_writes() -> None:
    aws = OneAtATime(Queue(looks=3))
    body = json.dumps({"QueueUrl": "q", "WaitTimeSeconds": 20}).encode()
    polled = threading.Thread(target=_called, args=(aws, _environ(body, RECEIVE)))
    polled.start()
    time.sleep(0.2)
    started = time.monotonic()
    _called(aws, _environ(b"{}", "AmazonSQS.SendMessage"))
    polled.join(10)
    assert time.monotonic() - started < 0.6


def test_other_calls_go_on_while_somebody_waits() -> None:
    aws = OneAtATime(Queue(looks=1000))
    body = json.dumps({"QueueUrl": "q", "WaitTimeSeconds": 20}).encode()
    threading.Thread(target=_called, args=(aws, _environ(body, RECEIVE)), daemon=True).start()
    started = time.monotonic()
    for _ in range(10):
        _called(aws, _environ(b"{}", "DynamoDB_20120810.PutItem"))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"WaitTimeSeconds": null}', b"{}"])
def test_a_body_that_asks_for_no_wait_is_passed_on_as_it_is(body: bytes) -> None:
    queue = Queue(looks=1)
    _called(OneAtATime(queue), _environ(body, RECEIVE))
    assert queue.bodies == [body]


def test_the_older_protocol_is_understood_too() -> None:
    form = _environ(
        CONTENT_TYPE="application/x-www-form-urlencoded; charset=utf-8",
        HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 Credential=k/20261122/eu-central-1/sqs/aws4_request",
    )
    poll = long_poll(form, b"Action=ReceiveMessage&QueueUrl=http%3A%2F%2Fq&WaitTimeSeconds=7")
    assert poll is not None
    assert poll == (7.0, b"Action=ReceiveMessage&QueueUrl=http%3A%2F%2Fq&WaitTimeSeconds=0")
    assert long_poll(form, b"Action=SendMessage&MessageBody=x") is None


@pytest.mark.parametrize(
    ("target", "method", "expected"),
    [
        ("DynamoDB_20120810.PutItem", "POST", True),
        ("DynamoDB_20120810.TransactWriteItems", "POST", True),
        ("DynamoDB_20120810.Query", "POST", False),
        ("DynamoDB_20120810.BatchGetItem", "POST", False),
        ("AmazonSQS.ReceiveMessage", "POST", False),
        ("AmazonSQS.DeleteMessageBatch", "POST", True),
        ("secretsmanager.GetSecretValue", "POST", False),
        ("", "GET", False),
        ("", "PUT", True),
        ("", "POST", True),
    ],
)
def test_a_call_that_may_write_is_known_by_its_action(
    target: str, method: str, expected: bool
) -> None:
    environ = _environ(target=target) | {"REQUEST_METHOD": method}
    assert may_write(environ) is expected
    aws = OneAtATime(Queue(looks=99))
    _called(aws, environ)
    assert aws.changed.is_set() is expected


def test_a_message_that_was_taken_is_a_change() -> None:
    aws = OneAtATime(Queue(looks=1))
    body = json.dumps({"QueueUrl": "q", "WaitTimeSeconds": 1}).encode()
    _called(aws, _environ(body, RECEIVE))
    assert aws.changed.is_set()
