"""Cursors: where the next page starts, encrypted, for one caller and one query, for a day.

Opaque to callers: a start is made of the store's own keys, which may hold what an answer does not
show. Any changed byte, another key, another filter or an old cursor is refused (ADR 45).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import InvalidCursor
from chalicelib.store.paging import Start

LIFE = timedelta(days=1)
_LONGEST = 4096


class Cursors:
    """Makes and reads the cursors of one caller's query. `key` has 32 bytes."""

    def __init__(self, key: bytes, *, tenant: str, query: Mapping[str, object]) -> None:
        self._key = key
        self._bound_to = [json.dumps([tenant, dict(query)], sort_keys=True, default=str).encode()]

    def write(self, start: Start | None, now: datetime) -> str | None:
        """The cursor for a start; None when there is no next page."""
        if start is None:
            return None
        content = {"s": start, "e": int((now + LIFE).timestamp())}
        plain = json.dumps(content, separators=(",", ":")).encode()
        return _spelled(_aead(self._key).encrypt(plain, self._bound_to))

    def read(self, cursor: str | None, now: datetime) -> Start | None:
        """The start in a cursor; None when there is none. InvalidCursor."""
        if cursor is None:
            return None
        content = json.loads(self._decrypted(_sealed(cursor)))
        if content["e"] < now.timestamp():
            raise InvalidCursor()
        start: Start = content["s"]
        return start

    def _decrypted(self, sealed: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            plain: bytes = _aead(self._key).decrypt(sealed, self._bound_to)
        except InvalidTag:  # also where there are too few bytes
            raise InvalidCursor() from None
        return plain


def _aead(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # 10 ms; only lists need it

    return AESSIV(key)


def _spelled(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _sealed(cursor: str) -> bytes:
    """The bytes a cursor spells. Base64 has several spellings of the same ones: one counts."""
    if len(cursor) > _LONGEST:
        raise InvalidCursor()
    try:
        sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:  # also what is not ASCII
        raise InvalidCursor() from None
    if cursor != _spelled(sealed):
        raise InvalidCursor()
    return sealed
