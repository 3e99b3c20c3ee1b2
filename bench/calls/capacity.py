"""Read and write units of what is done to items, by the documented rules.

Sources, Amazon DynamoDB Developer Guide,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
- read-write-operations.html: 4 KB read units, 1 KB write units, what each operation counts;
- GSI.html#GSI.ThroughputConsiderations: what a write to a table writes to its indexes;
- transaction-apis.html: every item of a transaction is written twice, to prepare and to commit.
An index follows its table asynchronously, so a transaction is taken to write it once; the guide
does not say so in words.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.calls.item_size import Item, item_size

READ_UNIT = 4096
WRITE_UNIT = 1024
TRANSACTION = 2


@dataclass(frozen=True)
class Index:
    """A global secondary index: its key attributes, and the attributes an entry holds."""

    name: str
    key: tuple[str, ...]
    projected: frozenset[str] | None
    """None for all."""

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None when it holds nothing (a sparse index)."""
        if item is None or not item.keys() >= set(self.key):
            return None
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}


@dataclass(frozen=True)
class Shape:
    """A table: its key attributes and its indexes."""

    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "Shape":
        """From the `Table` that DescribeTable answers."""
        key = _names(description["KeySchema"])
        found = description.get("GlobalSecondaryIndexes", ())
        return cls(key, tuple(_index(index, key) for index in found))


def _index(index: Mapping[str, Any], table_key: tuple[str, ...]) -> Index:
    key, projection = _names(index["KeySchema"]), index["Projection"]
    attributes = {*key, *table_key, *projection.get("NonKeyAttributes", ())}
    everything = projection["ProjectionType"] == "ALL"
    return Index(index["IndexName"], key, None if everything else frozenset(attributes))


def _names(schema: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in schema)


def write_units(size: int) -> int:
    """Units to write so many bytes; writing nothing (deleting what is not there) costs one."""
    return max(1, math.ceil(size / WRITE_UNIT))


def read_units(size: int, *, consistent: bool) -> float:
    """Units to read so many bytes at once; finding nothing costs as much as 4 KB."""
    return max(1, math.ceil(size / READ_UNIT)) * (1.0 if consistent else 0.5)


def table_units(old: Item | None, new: Item | None, *, transaction: bool = False) -> int:
    """Units of a write to the table itself: the larger of the item before and after counts.

    A write whose condition fails counts the same way, with the item that was to be written.
    """
    larger = max(item_size(item) if item is not None else 0 for item in (old, new))
    return write_units(larger) * (TRANSACTION if transaction else 1)


def index_units(shape: Shape, old: Item | None, new: Item | None) -> dict[str, int]:
    """Units that the same write costs in each index it touches."""
    units = {index.name: _entry_units(index, old, new) for index in shape.indexes}
    return {name: count for name, count in units.items() if count}


def _entry_units(index: Index, old: Item | None, new: Item | None) -> int:
    before, after = index.entry(old), index.entry(new)
    if before == after:
        return 0
    if before is None or after is None:
        return write_units(item_size(before or after or {}))
    if all(before[name] == after[name] for name in index.key):
        return write_units(max(item_size(before), item_size(after)))
    return write_units(item_size(before)) + write_units(item_size(after))
