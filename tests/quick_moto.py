"""moto without what costs a quarter of the tests' time and nothing here looks at.

It makes an RSA key pair for every symmetric KMS key and every subscription of a topic, and it looks
for each of DynamoDB's ten types of value under up to eight names when it writes an answer. Measured
with `cProfile` over the kills.
"""

from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.kms import models
from moto.kms.utils import AbstractPrivateKey, generate_private_key
from moto.sns.models import Subscription

SYMMETRIC = "SYMMETRIC_DEFAULT"
TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


def be_quick() -> None:
    """Make moto quick, for the whole process."""
    models.generate_private_key = _private_key  # type: ignore[attr-defined]
    Subscription.private_key = _signing_key  # type: ignore[method-assign,assignment]
    XFormedAttributePicker.__call__ = _picked  # type: ignore[method-assign,assignment]


_symmetric = cache(generate_private_key)


def _private_key(key_spec: str) -> AbstractPrivateKey:
    return _symmetric(key_spec) if key_spec == SYMMETRIC else generate_private_key(key_spec)


@cache
def _signs_everything() -> RSAPrivateKey:
    return generate_rsa_key(public_exponent=65537, key_size=2048)


def _signing_key(_: Subscription) -> RSAPrivateKey:
    return _signs_everything()


_pick = XFormedAttributePicker.__call__


def _picked(self: XFormedAttributePicker, context: AttributePickerContext) -> Any:
    value = context.obj
    if type(value) is dict and len(value) == 1 and context.key in TYPES and value.keys() <= TYPES:
        return value.get(context.key)
    return _pick(self, context)
