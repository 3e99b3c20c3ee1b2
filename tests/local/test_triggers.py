"""Schedules tick, queues feed their functions, and a message that failed comes again."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent
from moto import mock_aws
from moto.backends import get_backend

from infra.local.environment import REGION
from infra.local.event_sources import QueueSource, Schedule
from infra.local.triggers import Poller, Ticker, Trigger, worked_messages

MESSAGES = [{"MessageId": "a", "ReceiptHandle": "1"}, {"MessageId": "b", "ReceiptHandle": "2"}]


class Functions:
    """An app with a schedule and a queue function, and what happened to them."""

    def __init__(self, answer: Callable[[list[str]], Any]) -> None:
        self.ticks = 0
        self.batches: list[list[str]] = []
        self.app = Chalice(app_name="test")

        @self.app.schedule(Rate(1, unit=Rate.MINUTES))
        def tick(event: CloudWatchEvent) -> None:
            self.ticks += 1

        @self.app.on_sqs_message(queue="q")
        def work(event: SQSEvent) -> Any:
            records = event.to_dict()["Records"]
            self.batches.append([record["body"] for record in records])
            context: Any = event.context
            assert context.get_remaining_time_in_millis() > 0
            return answer([record["messageId"] for record in records])


@pytest.fixture
def queue_url() -> Iterator[str]:
    with mock_aws():
        get_backend("sqs").reset()
        sqs = boto3.client("sqs", region_name=REGION)
        yield sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]


def _until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def _poller(functions: Functions, queue_url: str) -> Poller:
    return Poller(functions.app, QueueSource("work", queue_url, 10, 120), wait_seconds=1)


def _stopped(trigger: Trigger) -> None:
    trigger.stop()
    assert trigger.idle.wait(10)
    assert trigger.join(10)


def test_messages_that_the_function_did_not_report_are_done() -> None:
    failed = {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert worked_messages(MESSAGES, failed) == MESSAGES[:1]
    assert worked_messages(MESSAGES, {"batchItemFailures": []}) == MESSAGES
    assert worked_messages(MESSAGES, None) == MESSAGES


def test_a_report_about_a_message_nobody_sent_means_that_all_have_failed() -> None:
    failed = {"batchItemFailures": [{"itemIdentifier": "?"}]}
    assert worked_messages(MESSAGES, failed) == []


def test_a_schedule_ticks_every_so_often_and_on_demand() -> None:
    functions = Functions(lambda ids: None)
    often = Ticker(functions.app, Schedule("tick", 60, 50), every_seconds=0.01)
    often.start()
    assert _until(lambda: functions.ticks >= 3)
    _stopped(often)
    seldom = Ticker(functions.app, Schedule("tick", 60, 50), every_seconds=3600)
    before = functions.ticks
    seldom.start()
    seldom.now()
    assert _until(lambda: functions.ticks == before + 1)
    _stopped(seldom)


def test_a_message_is_given_to_the_function_once_and_deleted(queue_url: str) -> None:
    functions = Functions(lambda ids: {"batchItemFailures": []})
    sqs = boto3.client("sqs", region_name=REGION)
    sqs.send_message(QueueUrl=queue_url, MessageBody="x")
    poller = _poller(functions, queue_url)
    poller.start()
    assert _until(lambda: functions.batches == [["x"]])
    assert _until(lambda: _depth(queue_url) == 0)
    _stopped(poller)


def test_a_message_that_failed_comes_again_when_its_visibility_ends(queue_url: str) -> None:
    def first_time_failed(ids: list[str]) -> dict[str, Any]:
        failed = ids if len(functions.batches) == 1 else []
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    functions = Functions(first_time_failed)
    boto3.client("sqs", region_name=REGION).send_message(QueueUrl=queue_url, MessageBody="x")
    poller = _poller(functions, queue_url)
    poller.start()
    assert _until(lambda: functions.batches == [["x"], ["x"]])
    assert _until(lambda: _depth(queue_url) == 0)
    _stopped(poller)


def test_a_function_that_raises_is_logged_and_loses_nothing(
    queue_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    raised = threading.Event()

    def broken(ids: list[str]) -> None:
        raised.set()
        raise RuntimeError("with a secret in it")

    functions = Functions(broken)
    boto3.client("sqs", region_name=REGION).send_message(QueueUrl=queue_url, MessageBody="x")
    poller = _poller(functions, queue_url)
    poller.start()
    assert raised.wait(10)
    _stopped(poller)
    assert _depth(queue_url) == 1
    assert "secret" not in capsys.readouterr().out


def _depth(queue_url: str) -> int:
    """Messages in a queue, those in flight included."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = boto3.client("sqs", region_name=REGION)
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(number) for number in found.values())


def test_the_event_is_the_one_that_lambda_makes(queue_url: str) -> None:
    functions = Functions(lambda ids: {"batchItemFailures": []})
    body = json.dumps({"shard": 3})
    boto3.client("sqs", region_name=REGION).send_message(QueueUrl=queue_url, MessageBody=body)
    poller = _poller(functions, queue_url)
    poller.start()
    assert _until(lambda: functions.batches == [[body]])
    _stopped(poller)
