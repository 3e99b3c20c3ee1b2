"""One HTTPS request to a provider, with a time budget and a limit of what is read of the answer."""

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import urllib3

from chalicelib.errors import Unavailable

CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
LARGEST_ANSWER = 64 * 1024
FETCH_SECONDS = 40.0
"""For a whole file: shorter than the function may run."""
_CHUNK = 64 * 1024


class Answer(NamedTuple):
    """A provider's answer."""

    status: int
    body: bytes
    location: str | None = None
    """Where a redirect leads. Nobody follows one by itself."""

    @property
    def json(self) -> Mapping[str, Any]:
        """The body as a JSON object. Unavailable where it is none: nobody knows what happened."""
        try:
            plain = json.loads(self.body)
        except ValueError:
            raise Unavailable() from None
        if not isinstance(plain, dict):
            raise Unavailable()
        return plain


class TooLarge(Exception):
    """An answer has more bytes than were wanted."""


class Http(Protocol):
    """What sends a request. Tests have one that answers from a record."""

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a POST. Raises Unavailable where there was none."""
        ...

    def delete(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        """The answer to a DELETE. Raises Unavailable where there was none."""
        ...

    def get(self, url: str, *, headers: Mapping[str, str], most: int) -> Answer:
        """The answer to a GET, of at most so many bytes.

        Raises Unavailable where there was none, or it was not whole; TooLarge.
        """
        ...


class Internet:
    """The real one: TLS with certificates checked, no redirects, no retries of its own."""

    def __init__(self, instead: str = "") -> None:
        """`instead` is where every request goes that is for a provider; the host that it was for
        becomes the first part of the path. For a machine that has no providers."""
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=False
        )
        self._instead = instead.rstrip("/")

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """See Http."""
        return self._said("POST", url, headers, body)

    def delete(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        """See Http."""
        return self._said("DELETE", url, headers, None)

    def _said(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        try:
            answer = self._pool.request(
                method,
                self._where(url),
                headers=dict(headers),
                body=body,
                redirect=False,
                preload_content=False,
            )
            content = answer.read(LARGEST_ANSWER, decode_content=True)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as failed:
            raise Unavailable() from failed
        return Answer(answer.status, content)

    def get(self, url: str, *, headers: Mapping[str, str], most: int) -> Answer:
        """See Http."""
        try:
            answer = self._pool.request(
                "GET",
                self._where(url),
                headers=dict(headers),
                redirect=False,
                preload_content=False,
            )
            try:
                content = _read(answer, most)
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as failed:
            raise Unavailable() from failed
        return Answer(answer.status, content, answer.headers.get("Location"))

    def _where(self, url: str) -> str:
        if not self._instead:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._instead}/{parts.netloc}{parts.path}{query}"


def _read(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """As it comes, nothing unpacked: what is small on the way must not be large here."""
    until = time.monotonic() + FETCH_SECONDS
    content = bytearray()
    for chunk in answer.stream(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > most:
            raise TooLarge()
        if time.monotonic() > until:
            raise Unavailable()
    return bytes(content)
