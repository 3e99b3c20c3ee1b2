"""Hints to look now: sent ten a call, as the workers read them."""

import json
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.store import clients
from chalicelib.store.queues import Queues
from tests.calls import counted_calls
from tests.service import Service
from tests.store.answers import Script, refusal


def received(url: str) -> list[dict[str, Any]]:
    """The bodies of everything in a queue."""
    bodies: list[dict[str, Any]] = []
    sqs = clients.client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [json.loads(message["Body"]) for message in messages]
    return bodies


def test_each_kind_of_work_goes_to_its_queue(service: Service) -> None:
    queues, settings = service.deps.queues, service.deps.settings

    queues.send_shards([0, 7])
    queues.send_case("g_1")
    queues.send_jobs(["j_1"])
    queues.send_attachments([("g_1", "at_1")])

    work = received(settings.work_queue_url)
    assert sorted(work, key=str) == [{"case_id": "g_1"}, {"shard": 0}, {"shard": 7}]
    assert received(settings.jobs_queue_url) == [{"job_id": "j_1"}]
    assert received(settings.attachments_queue_url) == [{"case_id": "g_1", "attachment_id": "at_1"}]


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (10, 1), (11, 2), (25, 3)])
def test_ten_messages_go_with_a_call(service: Service, count: int, calls: int) -> None:
    with counted_calls() as made:
        service.deps.queues.send_jobs([f"j_{number}" for number in range(count)])

    assert made == ["sqs.SendMessageBatch"] * calls
    assert len(received(service.deps.settings.jobs_queue_url)) == count


def test_a_queue_that_does_not_answer_is_unavailable(
    service: Service, fresh_client: Any, waits: list[float]
) -> None:
    client = fresh_client("sqs")
    script = Script(refusal("ThrottlingException")).on(client, "SendMessageBatch")
    settings = service.deps.settings
    queues = Queues(
        client,
        work_url=settings.work_queue_url,
        jobs_url=settings.jobs_queue_url,
        dead_letter_urls={},
        attachments_url=settings.attachments_queue_url,
        outbound_url=settings.outbound_queue_url,
    )

    with pytest.raises(Unavailable):
        queues.send_case("g_1")

    assert (script.attempts, len(waits)) == (3, 2)
