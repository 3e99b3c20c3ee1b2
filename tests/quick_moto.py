"""moto without what costs a third of the tests' time and nothing here looks at.

It makes an RSA key pair for every symmetric KMS key and every subscription of a topic; when it
writes an answer it looks for each of DynamoDB's ten types of value under up to eight names; it
measures an item again for each of its attributes, and translates all of it to look at one; it lists
the methods of a class for each request.
botocore puts the same twenty words of its user agent together, letter by letter, twice for each
request.
Measured with `cProfile` over the kills and the use cases.
"""

from functools import cache
from typing import Any

from botocore import useragent
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from moto.core import responses, utils
from moto.core.model import StructureShape
from moto.core.serialize import AttributePickerContext, JSONSerializer, XFormedAttributePicker
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.kms import models
from moto.kms.utils import AbstractPrivateKey, generate_private_key
from moto.sns.models import Subscription

SYMMETRIC = "SYMMETRIC_DEFAULT"
TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


def be_quick() -> None:
    """Make moto quick, for the whole process."""
    models.generate_private_key = _private_key  # type: ignore[attr-defined]
    Subscription.private_key = _signing_key  # type: ignore[method-assign,assignment]
    _signs_everything()  # now, and not in each fork of a test that kills
    XFormedAttributePicker.__call__ = _picked  # type: ignore[method-assign,assignment]
    JSONSerializer._serialize_type_structure = _structure  # type: ignore[method-assign,assignment]
    Item.__init__ = _item  # type: ignore[method-assign]
    Item.project = _projected  # type: ignore[method-assign,assignment]
    useragent.UserAgentString.to_string = _agent  # type: ignore[method-assign,assignment]
    responses.method_names_from_class = cache(utils.method_names_from_class)  # type: ignore[attr-defined]


_symmetric = cache(generate_private_key)


def _private_key(key_spec: str) -> AbstractPrivateKey:
    return _symmetric(key_spec) if key_spec == SYMMETRIC else generate_private_key(key_spec)


@cache
def _signs_everything() -> RSAPrivateKey:
    return generate_rsa_key(public_exponent=65537, key_size=2048)


def _agent(_: useragent.UserAgentString) -> str:
    return "handshake tests"


def _signing_key(_: Subscription) -> RSAPrivateKey:
    return _signs_everything()


_pick = XFormedAttributePicker.__call__


def _picked(self: XFormedAttributePicker, context: AttributePickerContext) -> Any:
    value = context.obj
    if type(value) is dict and len(value) == 1 and context.key in TYPES and value.keys() <= TYPES:
        return value.get(context.key)
    return _pick(self, context)


SCALARS = frozenset({"S", "N", "SS", "NS", "NULL", "BOOL"})
"""Types whose values are in an answer what they are in the store."""

_written = JSONSerializer._serialize_type_structure


def _structure(
    self: JSONSerializer, serialized: Any, value: Any, shape: StructureShape, key: str
) -> None:
    if shape.name == "AttributeValue" and type(value) is dict and value.keys() <= SCALARS:
        self._default_serialize(serialized, value, shape, key)
    else:
        _written(self, serialized, value, shape, key)


def _item(
    self: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    """As moto does it, but for one look at the size: at the last attribute, with all others."""
    self.hash_key, self.range_key = hash_key, range_key
    self.attrs = LimitedSizeDict()
    values = {name: DynamoType(value) for name, value in attrs.items()}
    last = values.popitem() if values else None
    dict.update(self.attrs, values)
    if last is not None:
        self.attrs.__setitem__(*last)


_project = Item.project


def _projected(self: Item, expressions: list[list[str]]) -> Item:
    """Whole attributes of an item need no translation there and back."""
    if any(len(path) > 1 or "[" in path[0] for path in expressions):
        return _project(self, expressions)
    projected = Item(self.hash_key, self.range_key, {})
    kept = {name: self.attrs[name] for (name,) in expressions if name in self.attrs}
    dict.update(projected.attrs, kept)
    return projected
