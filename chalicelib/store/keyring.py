"""Every secret key the service uses, derived from one root secret.

One key for each purpose, by label: HMAC-SHA-256 as a key derivation function in counter mode with
one block (NIST SP 800-108), so that a key for one purpose says nothing about another.
"""

import hmac
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.store.faults import NoSuchThing, in_our_words

_SHORTEST_ROOT = 32


class Purpose(StrEnum):
    """What a key is for."""

    GRIEVANCE_ID = "grievance-id"
    API_KEY_HASH = "api-key-hash"
    RECEIPT_CODE = "receipt-code"
    RECEIPT_HASH = "receipt-hash"
    FINGERPRINT = "fingerprint"
    COMMITMENT = "commitment"
    CURSOR = "cursor"
    PSEUDONYM = "pseudonym"
    PERSON = "person"
    IDENTITY_FINGERPRINT = "identity-fingerprint"
    NETWORK = "network"
    COUNTED_KEY = "counted-key"
    CALL_ID = "call-id"
    COALITION_ID = "coalition-id"
    CONVERSATION = "conversation"
    REPLY = "reply"


class Keyring:
    """The derived keys; the root secret is fetched on first use and kept for the process."""

    def __init__(self, fetch_root: Callable[[], str]) -> None:
        self._root = cache(fetch_root)

    def key(self, purpose: Purpose) -> bytes:
        """The 32-byte key for a purpose. Unavailable when the root secret is missing or short."""
        root = self._root().encode()
        if len(root) < _SHORTEST_ROOT:
            raise Unavailable("The root secret is shorter than 32 characters.")
        return hmac.digest(root, b"\x00\x00\x00\x01" + purpose.encode() + b"\x00\x01\x00", "sha256")


def root_secret(client: Any, secret_arn: str) -> str:
    """The root secret from Secrets Manager. Unavailable, also where there is none."""
    try:
        with in_our_words():
            value: str = client.get_secret_value(SecretId=secret_arn)["SecretString"]
    except NoSuchThing as missing:
        raise Unavailable() from missing
    return value
