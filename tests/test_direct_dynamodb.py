"""Both ways to moto's DynamoDB give the same answers, leave the same rows and are seen alike."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.store.clients import client
from tests import direct_dynamodb
from tests.calls import counted_calls
from tests.service import Service

Ask = Callable[..., dict[str, Any]]

KEY = {"case_id": {"S": "c"}, "sk": {"S": "1"}}
ROW = {
    **KEY,
    "text": {"S": '工资 \ud83d\ude00 \\ "'},
    "number": {"N": "-1.50"},
    "bytes": {"B": b"\x00\xff"},
    "B": {"M": {"B": {"B": b"B"}, "BS": {"BS": [b"a", b"b"]}, "S": {"S": "B"}}},
    "list": {"L": [{"S": ""}, {"NULL": True}, {"BOOL": False}, {"L": []}, {"M": {}}]},
    "set": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "by": {"S": "work"},
}
OTHER = {**KEY, "sk": {"S": "2"}, "text": {"S": "x"}}


def story(table: str) -> list[tuple[str, dict[str, Any]]]:
    """Each operation that the service uses, with what it may answer with."""
    named = {"#n": "number"}
    values = {":one": {"N": "1"}, ":bytes": {"B": b"\x01"}}
    of_case = {
        "KeyConditionExpression": "case_id = :c",
        "ExpressionAttributeValues": {":c": {"S": "c"}},
    }
    put = {"Put": {"TableName": table, "Item": {**OTHER, "sk": {"S": "3"}}}}
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": KEY,
            "ConditionExpression": "attribute_exists(sk)",
        }
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {"Item": ROW}),
        ("put_item", {"Item": OTHER, "ReturnValues": "ALL_OLD"}),
        ("put_item", {"Item": OTHER, "ReturnConsumedCapacity": "TOTAL", "ReturnValues": "ALL_OLD"}),
        ("get_item", {"Key": KEY, "ConsistentRead": True}),
        ("get_item", {"Key": {**KEY, "sk": {"S": "none"}}}),
        (
            "get_item",
            {
                "Key": KEY,
                "ProjectionExpression": "#n, bytes, B.S, nothing",
                "ExpressionAttributeNames": named,
            },
        ),
        (
            "update_item",
            {
                "Key": KEY,
                "UpdateExpression": "SET bytes = :bytes ADD #n :one",
                "ExpressionAttributeNames": named,
                "ExpressionAttributeValues": values,
                "ReturnValues": "ALL_NEW",
            },
        ),
        ("query", of_case),
        ("query", {**of_case, "Limit": 1, "ScanIndexForward": False}),
        ("query", {**of_case, "Select": "COUNT"}),
        ("scan", {"Limit": 1}),
        ("delete_item", {"Key": {**KEY, "sk": {"S": "2"}}, "ReturnValues": "ALL_OLD"}),
    ]
    return [
        *((name, {"TableName": table, **asked}) for name, asked in calls),
        ("batch_write_item", {"RequestItems": {table: [{"PutRequest": {"Item": OTHER}}]}}),
        ("batch_get_item", {"RequestItems": {table: {"Keys": [KEY, {**KEY, "sk": {"S": "9"}}]}}}),
        ("transact_write_items", {"TransactItems": [put, check], "ClientRequestToken": "t"}),
    ]


def refused(table: str) -> list[tuple[str, dict[str, Any]]]:
    """What DynamoDB refuses, and some of it halfway."""
    there = {"Put": {"TableName": table, "Item": {**KEY, "sk": {"S": "new"}}}}
    none = {
        "ConditionCheck": {
            "TableName": table,
            "Key": {**KEY, "sk": {"S": "none"}},
            "ConditionExpression": "attribute_exists(sk)",
        }
    }
    return [
        (
            "put_item",
            {
                "TableName": table,
                "Item": ROW,
                "ConditionExpression": "attribute_not_exists(sk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        ),
        ("transact_write_items", {"TransactItems": [there, none]}),
        ("get_item", {"TableName": "none", "Key": KEY}),
        ("query", {"TableName": table, "KeyConditionExpression": "nonsense"}),
        ("get_item", {"TableName": table, "Key": {"case_id": {"S": ""}, "sk": {"S": "1"}}}),
    ]


def told(asked: str, parameters: dict[str, Any]) -> Any:
    """The answer, or the refusal, without what names the very request."""
    ask: Ask = getattr(client("dynamodb"), asked)
    try:
        answer = ask(**parameters)
    except ClientError as error:
        answer = {**error.response}
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.fixture
def by_http(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(direct_dynamodb, "OPERATIONS", frozenset())


def test_both_ways_answer_alike_and_leave_the_same_rows(
    service: Service, by_http: Callable[[], None]
) -> None:
    cases = service.deps.settings.cases_table
    calls = [*story(cases), *refused(cases)]
    at_once = [told(*call) for call in calls]
    rows = service.items_of(cases)
    for row in rows:
        key = {"case_id": {"S": row["case_id"]}, "sk": {"S": row["sk"]}}
        client("dynamodb").delete_item(TableName=cases, Key=key)
    by_http()
    for call, answer in zip(calls, at_once, strict=True):
        assert answer == told(*call), call
    assert service.items_of(cases) == rows
    assert len(rows) == 3


def test_a_call_is_seen_by_whoever_looks_at_calls_or_at_what_is_sent(service: Service) -> None:
    table, sent = service.deps.settings.cases_table, []

    def look(request: Any, **_: Any) -> None:
        sent.append(request.headers["X-Amz-Target"])

    events = client("dynamodb").meta.events

    def headers() -> dict[str, str]:
        answer = client("dynamodb").get_item(TableName=table, Key=KEY)
        return dict(answer["ResponseMetadata"]["HTTPHeaders"])

    with counted_calls() as calls:
        assert not headers()
        events.register_first("before-send", look)
        assert headers()
        events.unregister("before-send", look)
        assert not headers()
    assert calls == ["dynamodb.GetItem"] * 3
    assert sent == [b"DynamoDB_20120810.GetItem"]


def test_what_was_asked_or_answered_may_be_changed_and_the_store_stays(service: Service) -> None:
    table = service.deps.settings.cases_table
    row: dict[str, Any] = {**ROW, "list": {"L": [{"S": "kept"}]}}
    client("dynamodb").put_item(TableName=table, Item=row)
    row["list"]["L"].append({"S": "later"})
    answer = told("get_item", {"TableName": table, "Key": KEY})
    answer["Item"]["list"]["L"].clear()
    again = told("get_item", {"TableName": table, "Key": KEY})
    assert again["Item"]["list"] == {"L": [{"S": "kept"}]}
