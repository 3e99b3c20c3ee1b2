"""Sizes by the rules of the DynamoDB Developer Guide (CapacityUnitCalculations)."""

from typing import Any

import pytest

from bench.calls.item_size import item_size, value_size


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    """The guide's rule in one example: 7 + 5 and 3 + 2 bytes."""
    assert item_size({"Subject": {"S": "Hello"}, "Age": {"N": "42"}}) == 12 + 5


def test_an_item_without_attributes_has_no_size() -> None:
    assert item_size({}) == 0


@pytest.mark.parametrize(
    ("text", "size"), [("", 0), ("wages", 5), ("é", 2), ("工资", 6), ("🧵", 4)]
)
def test_text_counts_in_bytes_of_utf_8(text: str, size: int) -> None:
    assert value_size({"S": text}) == size


def test_a_name_counts_in_bytes_of_utf_8_too() -> None:
    assert item_size({"工资": {"S": ""}}) == 6


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("42", 2),
        ("123", 3),
        ("1000000", 2),
        ("0.0005", 2),
        ("-42", 2),
        ("1.50", 2),
        ("1" * 38, 20),
    ],
)
def test_a_number_takes_a_byte_and_one_for_two_significant_digits(number: str, size: int) -> None:
    assert value_size({"N": number}) == size


@pytest.mark.parametrize("value", [{"BOOL": True}, {"BOOL": False}, {"NULL": True}])
def test_a_flag_takes_one_byte(value: dict[str, Any]) -> None:
    assert value_size(value) == 1


def test_bytes_count_as_they_are_and_not_as_base64() -> None:
    assert value_size({"B": b"\x00" * 100}) == 100


@pytest.mark.parametrize("value", [{"L": []}, {"M": {}}])
def test_an_empty_list_or_map_takes_three_bytes(value: dict[str, Any]) -> None:
    assert value_size(value) == 3


def test_each_element_of_a_list_takes_one_byte_more() -> None:
    assert value_size({"L": [{"S": "ab"}, {"N": "1"}]}) == 3 + (1 + 2) + (1 + 2)


def test_each_entry_of_a_map_takes_its_name_and_one_byte_more() -> None:
    assert value_size({"M": {"level": {"S": "C3"}}}) == 3 + 1 + 5 + 2


def test_maps_in_lists_add_up() -> None:
    clause = {"M": {"id": {"N": "7"}}}
    assert value_size({"L": [clause, clause]}) == 3 + 2 * (1 + (3 + 1 + 2 + 2))


@pytest.mark.parametrize(
    ("value", "size"),
    [({"SS": ["ab", "c"]}, 3), ({"NS": ["1", "22"]}, 4), ({"BS": [b"abc"]}, 3)],
)
def test_a_set_is_as_large_as_its_members(value: dict[str, Any], size: int) -> None:
    assert value_size(value) == size


def test_a_type_that_dynamodb_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        value_size({"X": 1})
