"""Watches botocore clients and works out what each of their calls takes.

An emulator's own capacity figures are not used: moto's are wrong for items over 1 KB, indexes and
transactions. The meter reads each item before and after a write through a client of its own.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from bench.calls.capacity import Shape, index_units, read_units, table_units
from bench.calls.item_size import Item, item_size
from bench.calls.tally import Call, Tally

MESSAGE_CHUNK = 64 * 1024
"""Bytes that SNS and SQS bill as one request (their pricing pages)."""

_BEFORE = "provide-client-params.*.*"
_AFTER = "after-call.*.*"
_NOTE = "bench.calls"


class Target(NamedTuple):
    """An item that a call writes, and the item it would become where the call says so."""

    table: str
    key: Item
    written: Item | None


class Meter:
    """Adds every call of the clients it is attached to, to a tally.

    `probe` is a DynamoDB client of the meter's own: what it does is not counted.
    """

    def __init__(self, probe: Any, tally: Tally) -> None:
        self._probe = probe
        self._tally = tally
        self._shapes: dict[str, Shape] = {}

    @contextmanager
    def watching(self, clients: Sequence[Any]) -> Iterator[None]:
        """Watch some clients."""
        for client in clients:
            client.meta.events.register(_BEFORE, self._before)
            client.meta.events.register(_AFTER, self._after)
        try:
            yield
        finally:
            for client in clients:
                client.meta.events.unregister(_BEFORE, self._before)
                client.meta.events.unregister(_AFTER, self._after)

    def _before(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        if not self._tally.open:
            return
        targets = list(_targets(model.name, params, self._key_of))
        context[_NOTE] = (params, list(zip(targets, self._images(targets), strict=True)))

    def _after(
        self, http_response: Any, parsed: dict[str, Any], model: Any, context: Any, **_: Any
    ) -> None:
        if _NOTE not in context:
            return
        params, before = context.pop(_NOTE)
        service = model.service_model.service_name
        name = f"{service}.{model.name}"
        if service != "dynamodb":
            self._tally.add(Call(name, requests=_billed_requests(model.name, params)))
        elif before:
            transaction = model.name == "TransactWriteItems"
            refused = http_response.status_code >= 300
            self._tally.add(self._written(name, before, transaction, refused=refused))
        else:
            units = self._read(model.name, params, parsed)
            self._tally.add(Call(name, read_units=units))

    def _written(
        self,
        name: str,
        before: list[tuple[Target, Item | None]],
        transaction: bool,
        *,
        refused: bool,
    ) -> Call:
        in_table = in_indexes = 0
        targets = [target for target, _ in before]
        after = [t.written for t in targets] if refused else self._images(targets)
        for (target, old), new in zip(before, after, strict=True):
            in_table += table_units(old, new, transaction=transaction)
            if not refused:
                in_indexes += sum(index_units(self._shape(target.table), old, new).values())
        return Call(name, table_units=in_table, index_units=in_indexes)

    def _read(self, operation: str, params: dict[str, Any], parsed: dict[str, Any]) -> float:
        return _READS[operation](self._probe, params, parsed)

    def _images(self, targets: Sequence[Target]) -> list[Item | None]:
        """The items as they are now; at most a hundred, which is what one write can change."""
        if not targets:
            return []
        wanted: dict[str, Any] = {}
        for target in targets:
            wanted.setdefault(target.table, {"Keys": []})["Keys"].append(target.key)
        found = self._probe.batch_get_item(RequestItems=wanted)["Responses"]
        items = [(table, item) for table, of_table in found.items() for item in of_table]
        by_key = {_identity(table, self._key_of(table, item)): item for table, item in items}
        return [by_key.get(_identity(target.table, target.key)) for target in targets]

    def _shape(self, table: str) -> Shape:
        if table not in self._shapes:
            description = self._probe.describe_table(TableName=table)["Table"]
            self._shapes[table] = Shape.of(description)
        return self._shapes[table]

    def _key_of(self, table: str, item: Item) -> Item:
        return {name: item[name] for name in self._shape(table).key}


KeyOf = Callable[[str, Item], Item]


def _identity(table: str, key: Item) -> str:
    return json.dumps([table, key], sort_keys=True)


def _targets(operation: str, params: Mapping[str, Any], key_of: KeyOf) -> Iterator[Target]:
    """The items that a call writes; none for a read, or for a service that has no items."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield _target(params, key_of)
    elif operation == "TransactWriteItems":
        for row in params["TransactItems"]:
            yield from (_target(action, key_of) for action in row.values())
    elif operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for request in requests:
                ((_, action),) = request.items()
                yield _target({"TableName": table, **action}, key_of)


def _target(action: Mapping[str, Any], key_of: KeyOf) -> Target:
    table, item = action["TableName"], action.get("Item")
    return Target(table, action["Key"] if item is None else key_of(table, item), item)


def _get(_: Any, params: dict[str, Any], parsed: dict[str, Any]) -> float:
    size = item_size(parsed.get("Item", {}))
    return read_units(size, consistent=params.get("ConsistentRead", False))


def _batch_get(_: Any, params: dict[str, Any], parsed: dict[str, Any]) -> float:
    """Each item is rounded up by itself; a key that has none costs as much as the smallest."""
    units = 0.0
    for table, wanted in params["RequestItems"].items():
        found = parsed["Responses"].get(table, [])
        sizes = [item_size(item) for item in found] + [0] * (len(wanted["Keys"]) - len(found))
        consistent = wanted.get("ConsistentRead", False)
        units += sum(read_units(size, consistent=consistent) for size in sizes)
    return units


def _query(probe: Any, params: dict[str, Any], parsed: dict[str, Any]) -> float:
    """The sum of what was looked at is rounded up once; a filter throws away what was paid for."""
    items = parsed["Items"]
    if "FilterExpression" in params and parsed["ScannedCount"]:
        items = _unfiltered(probe, params, parsed["ScannedCount"])
    size = sum(map(item_size, items))
    return read_units(size, consistent=params.get("ConsistentRead", False))


def _unfiltered(probe: Any, params: dict[str, Any], count: int) -> list[Item]:
    """What a filtered query looked at: the same query with a filter that lets everything pass."""
    filtered = params["FilterExpression"]
    request = {**params, "FilterExpression": f"({filtered}) OR NOT ({filtered})", "Limit": count}
    items: list[Item] = probe.query(**request)["Items"]
    return items


_READS: Mapping[str, Callable[[Any, dict[str, Any], dict[str, Any]], float]] = {
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "Query": _query,
}


def _billed_requests(operation: str, params: Mapping[str, Any]) -> int:
    if operation not in ("PublishBatch", "Publish", "SendMessageBatch", "SendMessage"):
        return 1
    size = len(json.dumps(params, ensure_ascii=False, default=str).encode())
    return math.ceil(size / MESSAGE_CHUNK)
