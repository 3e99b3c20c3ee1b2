"""One DynamoDB table: the calls the stores are built from, and the rows of transactions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.store.codec import Item, encode
from chalicelib.store.faults import in_our_words
from chalicelib.store.paging import Page, Start, read_page

Key = Mapping[str, str]
Row = dict[str, Any]

_BATCH = 100
_WRITE_BATCH = 25


class Table:
    """A table by name. Every method is one AWS call unless it says so."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Key) -> Item | None:
        """An item, read consistently; None when there is none."""
        with in_our_words():
            answer = self.client.get_item(TableName=self.name, Key=encode(key), ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def get_many(self, wanted: Sequence[Key], *, only: Sequence[str] = ()) -> list[Item]:
        """The items that exist among any number of distinct keys, a hundred a call; of each all
        attributes, or `only` some."""
        items: list[Item] = []
        pending = [encode(key) for key in wanted]
        while pending:
            now, pending = pending[:_BATCH], pending[_BATCH:]
            keys: dict[str, Any] = {"Keys": now, "ConsistentRead": True}
            request = {
                self.name: keys | ({"ProjectionExpression": ", ".join(only)} if only else {})
            }
            with in_our_words():
                answer = self.client.batch_get_item(RequestItems=request)
            items += answer["Responses"].get(self.name, [])
            pending += answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        return items

    def put_many(self, items: Iterable[Item]) -> None:
        """Write any number of distinct items, 25 a call, over whatever stands there."""
        pending: list[Row] = [{"PutRequest": {"Item": item}} for item in items]
        while pending:
            now, pending = pending[:_WRITE_BATCH], pending[_WRITE_BATCH:]
            with in_our_words():
                answer = self.client.batch_write_item(RequestItems={self.name: now})
            pending += answer.get("UnprocessedItems", {}).get(self.name, [])

    def put(self, item: Item, condition: str | None = None, **values: Any) -> None:
        """Write an item. ConditionFailed carries what stood there instead."""
        with in_our_words():
            self.client.put_item(**self.put_row(item, condition, **values)["Put"])

    def update(self, key: Key, expression: str, condition: str | None, **values: Any) -> None:
        """Update an item; `values` are the expression's placeholders without their colons."""
        with in_our_words():
            self.client.update_item(
                **self.update_row(key, expression, condition, **values)["Update"]
            )

    def add(self, key: Key, attribute: str, number: int, *, most: int, **values: Any) -> int:
        """Add to a number of an item, which need not be there; the sum. `values` are set as well.

        ConditionFailed where a sum grew over `most`. A call that is repeated after a lost answer
        counts twice.
        """
        sets = ", ".join(f"{name} = :{name}" for name in values)
        placeholders = {f":{name}": value for name, value in {**values, attribute: number}.items()}
        condition = {}
        if number > 0:
            placeholders[":room"] = most - number
            room = f"attribute_not_exists({attribute}) OR {attribute} <= :room"
            condition = {"ConditionExpression": room}
        with in_our_words():
            answer = self.client.update_item(
                TableName=self.name,
                Key=encode(key),
                UpdateExpression=f"SET {sets} ADD {attribute} :{attribute}",
                **condition,
                ExpressionAttributeValues=encode(placeholders),
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"][attribute]["N"])

    def delete(self, key: Key, condition: str | None = None, **values: Any) -> None:
        """Delete an item."""
        with in_our_words():
            self.client.delete_item(**self.delete_row(key, condition, **values)["Delete"])

    def transact(self, rows: Sequence[Row]) -> None:
        """Write up to a hundred rows, all or nothing. TransactionRefused says what stood there."""
        with in_our_words():
            self.client.transact_write_items(TransactItems=list(rows))

    def page(
        self,
        partition: Mapping[str, str],
        limit: int,
        start: Start | None,
        *,
        index: str | None = None,
        sort: str = "",
        descending: bool = False,
        filters: str = "",
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Page[Item]:
        """A page of one partition.

        `partition` is {key attribute: value}; `sort` a condition on the sort key and `filters` a
        filter expression, both with placeholders from `values`.
        """
        ((attribute, value),) = partition.items()
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": f"{attribute} = :partition"
            + (f" AND {sort}" if sort else ""),
            "ExpressionAttributeValues": _placeholders({"partition": value, **(values or {})}),
            "ScanIndexForward": not descending,
        }
        if index:
            request["IndexName"] = index
        else:
            request["ConsistentRead"] = True
        if filters:
            request["FilterExpression"] = filters
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        return read_page(self.client.query, request, limit, start)

    def put_row(self, item: Item, condition: str | None = None, **values: Any) -> Row:
        """Transaction row: write an item."""
        return {"Put": {"TableName": self.name, "Item": item, **_conditional(condition, values)}}

    def update_row(self, key: Key, expression: str, condition: str | None, **values: Any) -> Row:
        """Transaction row: update an item. `#status` stands for the reserved word."""
        update: Row = {
            "TableName": self.name,
            "Key": encode(key),
            "UpdateExpression": expression,
            **_conditional(condition, values),
        }
        if "#status" in expression:
            update["ExpressionAttributeNames"] = {"#status": "status"}
        return {"Update": update}

    def check_row(self, key: Key, condition: str, **values: Any) -> Row:
        """Transaction row: an item that is not written must be as the condition says."""
        key_part = {"TableName": self.name, "Key": encode(key)}
        return {"ConditionCheck": {**key_part, **_conditional(condition, values)}}

    def delete_row(self, key: Key, condition: str | None = None, **values: Any) -> Row:
        """Transaction row: delete an item."""
        key_part = {"TableName": self.name, "Key": encode(key)}
        return {"Delete": {**key_part, **_conditional(condition, values)}}


def _conditional(condition: str | None, values: Mapping[str, Any]) -> Row:
    parts: Row = {}
    if condition:
        parts["ConditionExpression"] = condition
        parts["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if values:
        parts["ExpressionAttributeValues"] = _placeholders(values)
    return parts


def _placeholders(values: Mapping[str, Any]) -> Item:
    return encode({f":{name}": value for name, value in values.items()})
