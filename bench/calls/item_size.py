"""The size of a DynamoDB item in bytes, by the rules that its bill is made with.

Source: "DynamoDB item sizes and formats", Amazon DynamoDB Developer Guide,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
The 100 bytes that the same page adds for storage do not count for capacity.
"""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

AttributeValue = Mapping[str, Any]
"""`{"S": "text"}`: one type, one value, as in the low-level API."""

Item = Mapping[str, AttributeValue]

_COLLECTION_BYTES = 3
_ELEMENT_BYTES = 1


def item_size(item: Item) -> int:
    """Bytes of an item: its attributes' names and values."""
    return sum(_text(name) + value_size(value) for name, value in item.items())


def value_size(value: AttributeValue) -> int:
    """Bytes of one value without its name. KeyError for a type that DynamoDB does not have."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def _text(content: str) -> int:
    return len(content.encode())


def _number(content: str) -> int:
    """One byte and another for every two significant digits; outer zeroes are trimmed."""
    digits = "".join(map(str, Decimal(content).as_tuple().digits)).strip("0")
    return 1 + math.ceil(len(digits) / 2)


def _flag(_: bool) -> int:
    return 1


def _list(content: list[AttributeValue]) -> int:
    return _COLLECTION_BYTES + sum(_ELEMENT_BYTES + value_size(value) for value in content)


def _map(content: Item) -> int:
    return _COLLECTION_BYTES + _ELEMENT_BYTES * len(content) + item_size(content)


def _set_of(size: Callable[[Any], int]) -> Callable[[list[Any]], int]:
    # The page does not speak of sets; their members have the sizes of what they are.
    return lambda content: sum(map(size, content))


_SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": _text,
    "N": _number,
    "B": len,
    "BOOL": _flag,
    "NULL": _flag,
    "L": _list,
    "M": _map,
    "SS": _set_of(_text),
    "NS": _set_of(_number),
    "BS": _set_of(len),
}
