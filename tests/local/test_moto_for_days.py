"""moto's transactions cost the same in a large table, and still take back what they began."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backends import get_backend
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from infra.local.environment import ACCOUNT, REGION
from infra.local.moto_for_days import forget_instances, share_items_between_backups

NAME = "cases"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(DynamoDBBackend, "update_item", DynamoDBBackend.update_item)
    monkeypatch.setattr(Table, "__deepcopy__", None, raising=False)
    share_items_between_backups()
    with mock_aws():
        get_backend("dynamodb").reset()
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield client


def _put(dynamodb: Any, sort_key: str, number: int) -> None:
    item = {"pk": {"S": "a"}, "sk": {"S": sort_key}, "n": {"N": str(number)}}
    dynamodb.put_item(TableName=NAME, Item=item)


def _numbers(dynamodb: Any) -> dict[str, int]:
    items = dynamodb.scan(TableName=NAME)["Items"]
    return {item["sk"]["S"]: int(item["n"]["N"]) for item in items}


def _key(sort_key: str) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": sort_key}}


def _update(sort_key: str, number: int, condition: str | None = None) -> dict[str, Any]:
    update = {
        "TableName": NAME,
        "Key": _key(sort_key),
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": str(number)}},
    }
    return {"Update": {**update, **({"ConditionExpression": condition} if condition else {})}}


def _put_row(sort_key: str, number: int) -> dict[str, Any]:
    return {
        "Put": {"TableName": NAME, "Item": {**_key(sort_key), "n": {"N": str(number)}}},
    }


def test_a_transaction_writes_all_its_rows(dynamodb: Any) -> None:
    _put(dynamodb, "1", 1)
    dynamodb.transact_write_items(TransactItems=[_update("1", 11), _put_row("2", 2)])
    assert _numbers(dynamodb) == {"1": 11, "2": 2}


def test_a_refused_transaction_changes_nothing(dynamodb: Any) -> None:
    for sort_key in ("1", "2", "3"):
        _put(dynamodb, sort_key, int(sort_key))
    rows = [
        _update("1", 11),
        _put_row("2", 22),
        {"Delete": {"TableName": NAME, "Key": _key("3")}},
        _put_row("4", 4),
        _update("5", 5, condition="attribute_exists(pk)"),
    ]
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.transact_write_items(TransactItems=rows)
    assert _numbers(dynamodb) == {"1": 1, "2": 2, "3": 3}


def test_a_transaction_after_a_refused_one_works_on_what_was_there(dynamodb: Any) -> None:
    _put(dynamodb, "1", 1)
    refused = _update("2", 2, condition="attribute_exists(pk)")
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[_update("1", 11), refused])
    dynamodb.transact_write_items(TransactItems=[_update("1", 7), _put_row("2", 2)])
    assert _numbers(dynamodb) == {"1": 7, "2": 2}


def test_an_update_without_its_key_is_refused_as_ever(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.update_item(
            TableName=NAME,
            Key={"pk": {"S": "a"}},
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": "1"}},
        )


def test_a_transaction_copies_only_what_it_updates(dynamodb: Any) -> None:
    for number in range(50):
        _put(dynamodb, f"{number:02d}", number)
    forget_instances()
    dynamodb.transact_write_items(TransactItems=[_update("07", 70), _put_row("99", 99)])
    made = Item.instances_tracked  # type: ignore[attr-defined]
    assert len(made) < 10
    assert _numbers(dynamodb)["07"] == 70


def test_what_was_made_can_be_forgotten(dynamodb: Any) -> None:
    _put(dynamodb, "1", 1)
    forget_instances()
    assert Item.instances_tracked == []  # type: ignore[attr-defined]
    assert _numbers(dynamodb) == {"1": 1}
    assert NAME in dynamodb_backends[ACCOUNT][REGION].tables
