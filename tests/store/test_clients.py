"""Clients of AWS: what they wait for, how often they try, and what they no longer begin."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.core.models import botocore_stubber

from chalicelib.errors import Unavailable
from chalicelib.store import clients
from chalicelib.store.clients import QUICK, UNHURRIED, OutOfTime, Patience, in_time, patience_with
from chalicelib.store.faults import in_our_words
from chalicelib.time_budget import within
from tests.service import Service
from tests.slow_aws import slow_aws

PATIENCE = Patience(0.1, 0.2)


@contextmanager
def silence() -> Iterator[tuple[str, list[socket.socket]]]:
    """The URL of a server that takes connections and never says a word, and who has connected."""
    connected: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    connected.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", connected
        server.shutdown(socket.SHUT_RDWR)
    for each in connected:
        each.close()


@pytest.fixture
def impatient(service: Service) -> Iterator[tuple[Any, list[socket.socket]]]:
    """A client whose service is silent, with a real socket and a real clock."""
    config = Config(
        connect_timeout=PATIENCE.connect,
        read_timeout=PATIENCE.read,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    with silence() as (url, connected):
        made = boto3.session.Session().client("dynamodb", endpoint_url=url, config=config)
        in_time(made, PATIENCE)
        botocore_stubber.enabled = False
        try:
            yield made, connected
        finally:
            botocore_stubber.enabled = True


def test_a_silent_service_is_given_up_before_whoever_waits_has_gone(
    impatient: tuple[Any, list[socket.socket]],
) -> None:
    made, connected = impatient
    began = time.monotonic()

    with within(0.5), pytest.raises(OutOfTime):
        made.list_tables()

    assert 0.2 <= time.monotonic() - began < 0.5
    assert len(connected) == 1


def test_nothing_is_begun_that_could_end_too_late(
    impatient: tuple[Any, list[socket.socket]],
) -> None:
    made, connected = impatient

    with within(PATIENCE.seconds - 0.01), pytest.raises(Unavailable), in_our_words():
        made.list_tables()

    assert connected == []


def test_where_nobody_waits_it_is_tried_three_times(
    impatient: tuple[Any, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, connected = impatient

    with pytest.raises(Unavailable), in_our_words():
        made.list_tables()

    assert len(connected) == 3


def test_a_condition_that_does_not_hold_says_so_however_late_it_is(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_aws(monkeypatch) as aws:
        aws.seconds = 5
        table = service.deps.settings.cases_table
        refused = clients.client("dynamodb").exceptions.ConditionalCheckFailedException
        with within(2), pytest.raises(refused):
            clients.client("dynamodb").delete_item(
                TableName=table,
                Key={"case_id": {"S": "nobody"}, "sk": {"S": "#"}},
                ConditionExpression="attribute_exists(sk)",
            )


def test_services_that_answer_within_milliseconds_are_not_waited_for_as_others_are() -> None:
    quick = ("dynamodb", "kms", "secretsmanager", "sqs")
    assert {patience_with(service) for service in quick} == {QUICK}
    assert {patience_with(service) for service in ("s3", "sns", "cloudwatch")} == {UNHURRIED}
