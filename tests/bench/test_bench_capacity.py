"""Units by the rules of the DynamoDB Developer Guide, with its own examples where it has some."""

import pytest

from bench.calls.capacity import (
    Index,
    Shape,
    index_units,
    read_units,
    table_units,
    write_units,
)
from bench.calls.item_size import Item, item_size

KB = 1024


def item(size: int, **attributes: str) -> Item:
    """An item of exactly so many bytes, with some attributes."""
    named: Item = {name: {"S": value} for name, value in attributes.items()}
    return {**named, "x": {"S": "." * (size - item_size(named) - 1)}}


@pytest.mark.parametrize(
    ("kilobytes", "consistent", "units"),
    [(3.5, True, 1), (4, True, 1), (8, True, 2), (8, False, 1), (10, True, 3), (3.5, False, 0.5)],
)
def test_reads_are_rounded_up_to_4_kb(kilobytes: float, consistent: bool, units: float) -> None:
    """The guide's examples: 3.5 KB is 4, 10 KB is 12; half as much when eventually consistent."""
    assert read_units(int(kilobytes * KB), consistent=consistent) == units


@pytest.mark.parametrize(("consistent", "units"), [(True, 1.0), (False, 0.5)])
def test_finding_nothing_costs_as_much_as_the_smallest_read(consistent: bool, units: float) -> None:
    assert read_units(0, consistent=consistent) == units


@pytest.mark.parametrize(("size", "units"), [(0, 1), (500, 1), (1024, 1), (1025, 2), (3 * KB, 3)])
def test_writes_are_rounded_up_to_1_kb(size: int, units: int) -> None:
    assert write_units(size) == units


def test_replacing_an_item_costs_what_the_larger_of_the_two_costs() -> None:
    assert table_units(item(3 * KB), item(500)) == 3
    assert table_units(item(500), item(3 * KB)) == 3


def test_deleting_an_item_costs_what_it_weighed() -> None:
    assert table_units(item(2 * KB), None) == 2


def test_deleting_what_is_not_there_costs_one_unit() -> None:
    assert table_units(None, None) == 1


def test_a_transaction_writes_every_item_twice() -> None:
    """The guide's example: 3 KB in a transaction are six units."""
    assert table_units(None, item(3 * KB), transaction=True) == 6


BY_STATE = Index("by_state", ("state", "at"), frozenset({"id", "state", "at", "title"}))
SHAPE = Shape(("id",), (BY_STATE,))


def units_of(old: Item | None, new: Item | None) -> dict[str, int]:
    """What an index on state and time, with the title in it, takes."""
    return index_units(SHAPE, old, new)


OPEN = item(400, id="1", state="open", at="9", title="a")


def test_an_item_without_the_indexs_key_costs_the_index_nothing() -> None:
    assert units_of(None, item(100, id="1", state="open")) == {}


def test_a_new_entry_costs_one_write() -> None:
    assert units_of(None, OPEN) == {"by_state": 1}


def test_an_entry_that_goes_costs_one_write() -> None:
    assert units_of(OPEN, item(400, id="1", state="open", title="a")) == {"by_state": 1}
    assert units_of(OPEN, None) == {"by_state": 1}


def test_a_changed_key_costs_two_writes_one_to_delete_and_one_to_put() -> None:
    assert units_of(OPEN, item(400, id="1", state="closed", at="9", title="a")) == {"by_state": 2}


def test_a_changed_attribute_in_the_index_costs_one_write() -> None:
    assert units_of(OPEN, item(400, id="1", state="open", at="9", title="b")) == {"by_state": 1}


def test_a_changed_attribute_outside_the_index_costs_it_nothing() -> None:
    assert units_of(OPEN, item(900, id="1", state="open", at="9", title="a")) == {}


def test_only_what_is_projected_counts() -> None:
    assert units_of(None, item(9 * KB, id="1", state="open", at="9", title="a")) == {"by_state": 1}


def test_an_index_on_everything_weighs_as_much_as_the_table() -> None:
    everything = Shape(("id",), (Index("all", ("state",), None),))
    assert index_units(everything, None, item(3 * KB, id="1", state="open")) == {"all": 3}


def test_a_table_is_read_from_its_own_description() -> None:
    description = {
        "KeySchema": [
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by_day",
                "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": "by_owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["state"]},
            },
            {
                "IndexName": "listing",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
    }
    assert Shape.of(description) == Shape(
        ("id", "sk"),
        (
            Index("by_day", ("day",), frozenset({"id", "sk", "day"})),
            Index("by_owner", ("owner",), frozenset({"id", "sk", "owner", "state"})),
            Index("listing", ("kind",), None),
        ),
    )


def test_a_table_without_indexes_has_none() -> None:
    assert Shape.of({"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}) == Shape(("pk",))
