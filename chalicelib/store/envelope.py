"""Envelope encryption: a data key from KMS for each sealing, AES-256-GCM under it.

The wrapped data key and the ciphertext are handed out apart: whoever destroys the one has destroyed
the other, wherever copies of it lie (ADR 15).
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from chalicelib.errors import Unavailable
from chalicelib.store.faults import NoSuchThing, RefusedByStore, in_our_words

Context = Mapping[str, str]
"""What KMS binds the data key to, and the ciphertext is bound to as well."""

_NONCE_BYTES = 12


class Sealed(NamedTuple):
    """A data key that only KMS can unwrap, and what is encrypted under it."""

    wrapped_key: bytes
    ciphertext: bytes


class Envelope:
    """Seals and opens with one KMS key. Each is one call."""

    def __init__(self, client: Callable[[], Any], key_arn: str) -> None:
        self._client = client
        self._key_arn = key_arn

    def seal(self, plaintext: bytes, context: Context) -> Sealed:
        """Encrypt under a new data key. Raises Unavailable."""
        with _key_in_our_words():
            made = self._client().generate_data_key(
                KeyId=self._key_arn, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        nonce = os.urandom(_NONCE_BYTES)
        encrypted = _aead(made["Plaintext"]).encrypt(nonce, plaintext, _bound_to(context))
        return Sealed(made["CiphertextBlob"], nonce + encrypted)

    def open(self, sealed: Sealed, context: Context) -> bytes:
        """Decrypt. Raises Unavailable; RefusedByStore for what does not belong together."""
        with _key_in_our_words():
            opened = self._client().decrypt(
                CiphertextBlob=sealed.wrapped_key,
                KeyId=self._key_arn,
                EncryptionContext=dict(context),
            )
        nonce, encrypted = sealed.ciphertext[:_NONCE_BYTES], sealed.ciphertext[_NONCE_BYTES:]
        return _decrypted(_aead(opened["Plaintext"]), nonce, encrypted, context)


def _decrypted(aead: Any, nonce: bytes, encrypted: bytes, context: Context) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        plaintext: bytes = aead.decrypt(nonce, encrypted, _bound_to(context))
    except InvalidTag as altered:
        raise RefusedByStore() from altered
    return plaintext


def _aead(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 14 ms; few requests need it

    return AESGCM(key)


def _bound_to(context: Context) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


@contextmanager
def _key_in_our_words() -> Iterator[None]:
    """As `in_our_words`; a key that is gone is an outage, too."""
    try:
        with in_our_words():
            yield
    except NoSuchThing as missing:
        raise Unavailable() from missing
