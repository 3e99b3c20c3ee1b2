"""moto is made for tests of a second. What it needs to run for days as well.

Each change names what goes wrong without it; `tests/local` shows that it does.
"""

import copy
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import moto.sns.models
from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from infra.local.deliveries import Deliveries

forget_instances = reset_model_data
"""moto remembers every object it ever made, for a page nobody looks at. Call this now and then."""


def prepare(deliveries: Deliveries) -> None:
    """Change moto in this process, before its first call."""
    sns: Any = moto.sns.models
    sns.requests = deliveries
    share_items_between_backups()


def share_items_between_backups() -> None:
    """Make a transaction cost the same however large its table is.

    moto backs up a table for each row of a transaction by copying every item of it: with 2,000
    cases that takes three seconds, and the app gives up waiting. Here an update replaces the item
    instead of changing it, so that a backup can share the items with the table.
    """
    table, backend = cast(Any, Table), cast(Any, DynamoDBBackend)
    table.__deepcopy__ = _backup
    backend.update_item = _on_a_copy(backend.update_item)


def _backup(table: Any, memo: dict[int, Any]) -> Any:
    backup = object.__new__(type(table))
    backup.__dict__.update(table.__dict__)
    backup.items = defaultdict(
        dict,
        {
            key: dict(below) if isinstance(below, dict) else below
            for key, below in table.items.items()
        },
    )
    return backup


def _on_a_copy(update_item: Callable[..., Any]) -> Callable[..., Any]:
    def on_a_copy(self: Any, table_name: str, key: dict[str, Any], *rest: Any, **named: Any) -> Any:
        _replace(self.get_table(table_name), key)
        return update_item(self, table_name, key, *rest, **named)

    return on_a_copy


def _replace(table: Any, key: dict[str, Any]) -> None:
    """Put a copy of an item in its place; whoever holds the item itself keeps it as it was."""
    if not key.keys() >= set(table.table_key_attrs):
        return
    hash_key = DynamoType(key[table.hash_key_attr])
    if table.range_key_attr is None:
        place, last = table.items, hash_key
    else:
        place, last = table.items.get(hash_key, {}), DynamoType(key[table.range_key_attr])
    if last in place:
        place[last] = copy.deepcopy(place[last])
