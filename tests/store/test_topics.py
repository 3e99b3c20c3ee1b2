"""Topics: as few calls as SNS's limits for a batch allow, and what each notice became of."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.vocabulary import AlertKind, Category
from chalicelib.store.faults import NoSuchThing
from chalicelib.store.topics import BATCH_BYTES, Delivery, Notice, Topics
from tests.published import Published
from tests.service import Service
from tests.store.answers import Script, answer

PREFIX = "arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-"


def notice(number: int, size: int = 10, character: str = "x") -> Notice:
    attributes = {
        "brand_id": ("acme",),
        "kind": (AlertKind.NEW,),
        "severity": ("S2",),
        "category": (Category.OTHER,),
        "country": ("BD",),
    }
    return Notice(str(number), f"[S2] alert {number}", character * size, attributes)


class Recorder:
    """An SNS client that answers as it is told and keeps what it was asked."""

    def __init__(self, failing: dict[str, bool] | None = None) -> None:
        self.failing = failing or {}
        self.batches: list[list[dict[str, Any]]] = []

    def publish_batch(self, **request: Any) -> dict[str, Any]:
        entries = request["PublishBatchRequestEntries"]
        self.batches.append(entries)
        ids = [entry["Id"] for entry in entries]
        return {
            "Successful": [{"Id": i, "MessageId": f"m-{i}"} for i in ids if i not in self.failing],
            "Failed": [
                {"Id": i, "Code": "InternalError", "SenderFault": self.failing[i]}
                for i in ids
                if i in self.failing
            ],
        }


def published(notices: list[Notice], client: Recorder) -> list[Delivery]:
    return Topics(client, PREFIX, key="alias/handshake-test").publish("acme", notices)


def size_for_sns(entry: dict[str, Any]) -> int:
    """What counts: the message and, for each attribute, its name, its type and its value."""
    attributes = entry["MessageAttributes"].items()
    return len((entry["Message"] + entry["Subject"]).encode()) + sum(
        len(f"{name}{value['DataType']}{value['StringValue']}".encode())
        for name, value in attributes
    )


SIZES = st.lists(st.sampled_from([1, 100, 20_000, 60_000, 86_000]), max_size=30)


@given(SIZES, st.sampled_from(["x", "é", "工"]))
def test_a_batch_holds_ten_messages_and_256_kb_at_most_and_nothing_is_lost(
    sizes: list[int], character: str
) -> None:
    notices = [notice(n, size, character) for n, size in enumerate(sizes)]
    client = Recorder()

    deliveries = published(notices, client)

    assert [d.notice_id for d in deliveries] == [n.notice_id for n in notices]
    for batch in client.batches:
        assert 1 <= len(batch) <= 10
        assert len(batch) == 1 or sum(map(size_for_sns, batch)) <= BATCH_BYTES


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)])
def test_small_messages_go_ten_a_call(count: int, calls: int) -> None:
    client = Recorder()

    published([notice(n) for n in range(count)], client)

    assert len(client.batches) == calls


def test_an_entry_is_json_for_each_protocol_with_text_attributes() -> None:
    client = Recorder()

    published([notice(7)], client)

    def text(value: str) -> dict[str, str]:
        return {"DataType": "String", "StringValue": value}

    assert client.batches == [
        [
            {
                "Id": "7",
                "Subject": "[S2] alert 7",
                "Message": "x" * 10,
                "MessageStructure": "json",
                "MessageAttributes": {
                    "brand_id": text("acme"),
                    "kind": text("new"),
                    "severity": text("S2"),
                    "category": text("other"),
                    "country": text("BD"),
                },
            }
        ]
    ]


@pytest.mark.parametrize(
    "failing", [[], [0], [24], [3, 4, 5], list(range(25))], ids=["none", "first", "last", "some",
                                                                 "all"]
)  # fmt: skip
@pytest.mark.parametrize("our_fault", [False, True])
def test_each_notice_gets_what_sns_said_of_it(failing: list[int], our_fault: bool) -> None:
    client = Recorder({str(n): our_fault for n in failing})

    deliveries = published([notice(n) for n in range(25)], client)

    assert {d.notice_id: d for d in deliveries} == {
        str(n): Delivery(str(n), None, "InternalError", our_fault)
        if n in failing
        else Delivery(str(n), f"m-{n}", None, False)
        for n in range(25)
    }


# With SNS


def test_a_topic_is_made_once_and_its_arn_is_known_before(service: Service) -> None:
    topics = service.deps.topics

    assert topics.ensure("acme") == topics.ensure("acme") == topics.arn("acme")
    assert topics.arn("acme") == f"{PREFIX}acme"


def test_without_a_topic_nothing_can_be_published(service: Service, published: Published) -> None:
    with pytest.raises(NoSuchThing):
        service.deps.topics.publish("nobody", [notice(1)])

    published.clear()  # a notice made by hand is no alert


def test_what_went_out_before_sns_fell_silent_counts_as_sent(
    service: Service, fresh_client: Callable[[str], Any], waits: list[float]
) -> None:
    client = fresh_client("sns")
    topics = Topics(client, PREFIX, key="alias/handshake-test")
    topics.ensure("acme")
    silence = answer(503, b"<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error>"
                          b"</ErrorResponse>")  # fmt: skip
    script = Script(None, silence).on(client, "PublishBatch")

    deliveries = topics.publish("acme", [notice(n) for n in range(35)])

    assert script.attempts == 1 + 3
    assert len(waits) == 2
    assert [d.message_id is not None for d in deliveries] == [True] * 10 + [False] * 25
    assert {(d.error, d.our_fault) for d in deliveries[10:]} == {("Unavailable", False)}
    assert [d.notice_id for d in deliveries] == [str(n) for n in range(35)]
