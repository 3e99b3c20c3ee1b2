"""Cursors: where the next page starts, signed, for one caller and one query, for a day.

Opaque to callers. Any changed byte, another key, another filter or an old cursor is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from chalicelib.errors import InvalidCursor
from chalicelib.store.paging import Start

LIFE = timedelta(days=1)
_LONGEST = 4096


class Cursors:
    """Makes and reads the cursors of one caller's query."""

    def __init__(self, key: bytes, *, tenant: str, query: Mapping[str, object]) -> None:
        bound_to = json.dumps([tenant, dict(query)], sort_keys=True, default=str)
        self._serializer = URLSafeSerializer(
            key, salt=bound_to.encode(), signer_kwargs={"digest_method": hashlib.sha256}
        )

    def write(self, start: Start | None, now: datetime) -> str | None:
        """The cursor for a start; None when there is no next page."""
        if start is None:
            return None
        return self._signed({"s": start, "e": int((now + LIFE).timestamp())})

    def read(self, cursor: str | None, now: datetime) -> Start | None:
        """The start in a cursor; None when there is none. InvalidCursor."""
        if cursor is None:
            return None
        if len(cursor) > _LONGEST:
            raise InvalidCursor()
        try:
            content = self._serializer.loads(cursor)
        except (BadData, UnicodeError):  # half a character is no cursor
            raise InvalidCursor() from None
        if cursor != self._signed(content) or content["e"] < now.timestamp():
            raise InvalidCursor()
        start: Start = content["s"]
        return start

    def _signed(self, content: Mapping[str, object]) -> str:
        """The one spelling of a cursor: base64 as it is read has several for the same bytes."""
        token = self._serializer.dumps(content)
        return token if isinstance(token, str) else token.decode()
