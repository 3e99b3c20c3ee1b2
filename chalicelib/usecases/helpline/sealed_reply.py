"""A reply on its way through the queue: what is said and to whom, for nobody to read there.

AES-SIV (RFC 5297) under a key of its own, bound to the line: what was changed, or is of another
line, does not open.
"""

from base64 import b64decode, b64encode
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Channel
from chalicelib.store.keyring import Keyring, Purpose


class Reply(Value):
    """What is said back to one message, and to whom."""

    text: Annotated[str, Field(repr=False)]
    to: Annotated[str, Field(repr=False)]
    channel: Channel
    answers: str
    """The provider's id of the message."""


def sealed(reply: Reply, line_id: str, keyring: Keyring) -> str:
    """A reply as it travels."""
    plain = reply.model_dump_json().encode()
    return b64encode(_aead(keyring).encrypt(plain, [line_id.encode()])).decode()


def opened(spelled: str, line_id: str, keyring: Keyring) -> Reply | None:
    """The reply again; None where it was sealed for another line, or under another root secret."""
    from cryptography.exceptions import InvalidTag

    try:
        plain = _aead(keyring).decrypt(b64decode(spelled), [line_id.encode()])
    except InvalidTag:
        return None
    return Reply.model_validate_json(plain)


def _aead(keyring: Keyring) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(keyring.key(Purpose.REPLY))
