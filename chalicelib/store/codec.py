"""Values ↔ DynamoDB items. A value is stored as its JSON form, attribute by attribute."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import ValidationError

from chalicelib.domain.values import Value

Item = dict[str, Any]
V = TypeVar("V", bound=Value)

_to_dynamo = TypeSerializer()
_from_dynamo = TypeDeserializer()


def encode(plain: Mapping[str, Any]) -> Item:
    """A mapping of JSON values (floats as Decimal) as a DynamoDB item; None is left out."""
    return {k: _to_dynamo.serialize(v) for k, v in plain.items() if v is not None}


def decode(item: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse: a mapping of JSON values."""
    plain: dict[str, Any] = _plain({k: _from_dynamo.deserialize(v) for k, v in item.items()})
    return plain


def dump(value: Value) -> dict[str, Any]:
    """The JSON form of a value, ready for `encode`: exact numbers, nothing that is None."""
    loaded: dict[str, Any] = json.loads(
        value.model_dump_json(exclude_none=True), parse_float=Decimal
    )
    return loaded


def load(model: type[V], item: Mapping[str, Any]) -> V:
    """The value in an item; attributes the model does not know (keys, indexes) are passed over."""
    plain = decode(item)
    return model.model_validate({k: v for k, v in plain.items() if k in model.model_fields})


def readable(read: Callable[[Item], V], items: Iterable[Item]) -> Iterator[V]:
    """The values in those items that can be read: a broken one must not hide its neighbours."""
    for item in items:
        try:
            yield read(item)
        except ValidationError:
            continue


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
