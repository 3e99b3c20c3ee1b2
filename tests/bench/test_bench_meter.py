"""The meter on real calls: what it says of a call is what the rules say of its items."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from bench.calls.meter import Meter
from bench.calls.tally import Call, Cost, Tally
from tests.conftest import empty_aws

TABLE = "things"
KEY = {"pk": {"S": "1"}}


def thing(number: int, size: int, **more: str) -> dict[str, Any]:
    """An item of exactly so many bytes."""
    item = {"pk": {"S": str(number)}, **{name: {"S": value} for name, value in more.items()}}
    used = sum(len(name) + len(value["S"]) for name, value in item.items())
    return {**item, "x": {"S": "." * (size - used - 1)}}


class Watched:
    """A table with an index by kind, a client that is watched, and what it was seen doing."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.client = boto3.client("dynamodb")
        self.client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
            ],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_kind",
                    "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )

    def put(self, *items: dict[str, Any]) -> None:
        """Put items without anybody counting."""
        for item in items:
            self.client.put_item(TableName=TABLE, Item=item)

    def seen(self, operation: str, **request: Any) -> Call:
        """Make one call and say what the meter made of it."""
        with self.tally.counting() as calls:
            getattr(self.client, operation)(**request)
        (call,) = calls
        return call


@pytest.fixture
def watched() -> Iterator[Watched]:
    with mock_aws():
        empty_aws()
        found = Watched()
        with Meter(boto3.client("dynamodb"), found.tally).watching([found.client]):
            yield found


def test_a_put_counts_the_item_and_its_index_entry(watched: Watched) -> None:
    call = watched.seen("put_item", TableName=TABLE, Item=thing(1, 2500, kind="a"))
    assert call == Call("dynamodb.PutItem", table_units=3, index_units=1)


def test_a_put_over_a_larger_item_counts_the_larger(watched: Watched) -> None:
    watched.put(thing(1, 5000))
    call = watched.seen("put_item", TableName=TABLE, Item=thing(1, 100))
    assert call == Call("dynamodb.PutItem", table_units=5)


def test_a_put_whose_condition_fails_counts_the_item_and_no_index(watched: Watched) -> None:
    watched.put(thing(1, 1500, kind="a"))
    new = thing(1, 3500, kind="b")
    with watched.tally.counting() as calls, pytest.raises(ClientError):
        watched.client.put_item(
            TableName=TABLE, Item=new, ConditionExpression="attribute_not_exists(pk)"
        )
    assert calls == [Call("dynamodb.PutItem", table_units=4)]


def test_an_update_counts_the_item_as_it_becomes(watched: Watched) -> None:
    watched.put(thing(1, 100, kind="a"))
    call = watched.seen(
        "update_item",
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET x = :x, kind = :kind",
        ExpressionAttributeValues={":x": {"S": "." * 2000}, ":kind": {"S": "b"}},
    )
    assert call == Call("dynamodb.UpdateItem", table_units=2, index_units=2)


def test_a_delete_counts_what_was_there(watched: Watched) -> None:
    watched.put(thing(1, 2000, kind="a"))
    call = watched.seen("delete_item", TableName=TABLE, Key=KEY)
    assert call == Call("dynamodb.DeleteItem", table_units=2, index_units=1)


def test_a_batch_counts_each_item_by_itself(watched: Watched) -> None:
    requests = [{"PutRequest": {"Item": thing(n, 600, kind="a")}} for n in range(3)]
    call = watched.seen("batch_write_item", RequestItems={TABLE: requests})
    assert call == Call("dynamodb.BatchWriteItem", table_units=3, index_units=3)


def test_a_transaction_counts_items_twice_and_index_entries_once(watched: Watched) -> None:
    watched.put(thing(2, 100))
    update = {
        "TableName": TABLE,
        "Key": {"pk": {"S": "2"}},
        "UpdateExpression": "SET y = :y",
        "ExpressionAttributeValues": {":y": {"S": "z"}},
    }
    rows = [{"Put": {"TableName": TABLE, "Item": thing(1, 1500, kind="a")}}, {"Update": update}]
    call = watched.seen("transact_write_items", TransactItems=rows)
    assert call == Call("dynamodb.TransactWriteItems", table_units=4 + 2, index_units=1)


@pytest.mark.parametrize(("consistent", "units"), [(True, 2.0), (False, 1.0)])
def test_a_get_counts_the_item(watched: Watched, consistent: bool, units: float) -> None:
    watched.put(thing(1, 5000))
    call = watched.seen("get_item", TableName=TABLE, Key=KEY, ConsistentRead=consistent)
    assert call == Call("dynamodb.GetItem", read_units=units)


def test_a_get_that_finds_nothing_counts_too(watched: Watched) -> None:
    assert watched.seen("get_item", TableName=TABLE, Key=KEY).read_units == 0.5


def test_a_batch_get_rounds_each_item_up_and_counts_missing_ones(watched: Watched) -> None:
    """The guide's example: 1.5 KB and 6.5 KB are 12 KB; a key without an item is one more unit."""
    watched.put(thing(1, 1536), thing(2, 6656))
    keys = [{"pk": {"S": number}} for number in ("1", "2", "3")]
    wanted = {TABLE: {"Keys": keys, "ConsistentRead": True}}
    call = watched.seen("batch_get_item", RequestItems=wanted)
    assert call == Call("dynamodb.BatchGetItem", read_units=1 + 2 + 1)


def query(**more: Any) -> dict[str, Any]:
    """A query of the index for one kind."""
    return {
        "TableName": TABLE,
        "IndexName": "by_kind",
        "KeyConditionExpression": "kind = :kind",
        "ExpressionAttributeValues": {":kind": {"S": "a"}, **more.pop("values", {})},
        **more,
    }


def test_a_query_rounds_the_sum_up_once(watched: Watched) -> None:
    """20 entries of 7 to 8 bytes each are one unit, halved: an index is read eventually."""
    watched.put(*(thing(number, 5000, kind="a") for number in range(20)))
    assert watched.seen("query", **query()) == Call("dynamodb.Query", read_units=0.5)


def test_a_query_counts_what_its_filter_throws_away(watched: Watched) -> None:
    watched.put(*(thing(number, 3000) for number in range(1)))
    request = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "FilterExpression": "x = :nothing",
        "ExpressionAttributeValues": {":pk": {"S": "0"}, ":nothing": {"S": "-"}},
        "ConsistentRead": True,
    }
    watched.put(thing(0, 9000))
    assert watched.seen("query", **request) == Call("dynamodb.Query", read_units=3.0)


def test_a_query_that_finds_nothing_counts_too(watched: Watched) -> None:
    assert watched.seen("query", **query()).read_units == 0.5


def test_nothing_is_noted_while_nobody_counts(watched: Watched) -> None:
    with watched.tally.counting() as calls:
        watched.put(thing(1, 100))
    watched.put(thing(2, 100))
    assert [call.operation for call in calls] == ["dynamodb.PutItem"]


def test_a_client_is_left_alone_when_the_watching_ends(watched: Watched) -> None:
    other = boto3.client("dynamodb")
    with Meter(boto3.client("dynamodb"), watched.tally).watching([other]):
        pass
    with watched.tally.counting() as calls:
        other.get_item(TableName=TABLE, Key=KEY)
    assert calls == []


def test_messages_count_a_request_for_every_64_kb() -> None:
    with mock_aws():
        tally = Tally()
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        with (
            Meter(boto3.client("dynamodb"), tally).watching([sqs]),
            tally.counting() as calls,
        ):
            sqs.send_message(QueueUrl=url, MessageBody="small")
            sqs.send_message(QueueUrl=url, MessageBody="x" * 100_000)
            sqs.get_queue_url(QueueName="q")
    assert [(call.operation, call.requests) for call in calls] == [
        ("sqs.SendMessage", 1),
        ("sqs.SendMessage", 2),
        ("sqs.GetQueueUrl", 1),
    ]


def test_a_cost_is_the_sum_of_its_calls() -> None:
    calls = [
        Call("dynamodb.GetItem", read_units=1.0),
        Call("dynamodb.PutItem", table_units=3, index_units=4),
        Call("dynamodb.PutItem", table_units=1),
        Call("sns.PublishBatch", requests=2),
    ]
    assert Cost.of(calls) == Cost(
        calls=4,
        read_units=1.0,
        write_units=8,
        index_write_units=4,
        operations={"dynamodb.GetItem": 1, "dynamodb.PutItem": 2, "sns.PublishBatch": 1},
        requests={"sns": 2},
    )
