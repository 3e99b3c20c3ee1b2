"""The ledger's signing key in KMS: it signs what proves the record, and never leaves KMS."""

import base64
import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.store.faults import NoSuchThing, in_our_words

ALGORITHM = "ECDSA_SHA_256"
LONGEST_STATEMENT = 4096  # what KMS takes without hashing it first


class Signer:
    """The key. `client` is called on first use."""

    def __init__(self, client: Callable[[], Any], key: str) -> None:
        self._client = client
        self._key = key

    def sign(self, statement: bytes) -> str:
        """A signature (DER, in base64). ValueError for more than KMS takes. Unavailable."""
        if len(statement) > LONGEST_STATEMENT:
            raise ValueError("too long to be signed as it is")
        try:
            with in_our_words():
                answer = self._client().sign(
                    KeyId=self._key,
                    Message=statement,
                    MessageType="RAW",
                    SigningAlgorithm=ALGORITHM,
                )
        except NoSuchThing as missing:
            raise Unavailable() from missing
        return base64.b64encode(answer["Signature"]).decode()

    @property
    def pem(self) -> str:
        """The public key as PEM (SubjectPublicKeyInfo)."""
        text = base64.b64encode(self._public_key).decode()
        lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
        return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"

    @property
    def key_id(self) -> str:
        """What signed documents name the key by: SHA-256 of its DER form."""
        return hashlib.sha256(self._public_key).hexdigest()

    @cached_property
    def _public_key(self) -> bytes:
        try:
            with in_our_words():
                key: bytes = self._client().get_public_key(KeyId=self._key)["PublicKey"]
        except NoSuchThing as missing:
            raise Unavailable() from missing
        return key
