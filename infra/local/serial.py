"""One AWS call at a time: moto's transactions are not thread-safe, its long polls must not block.

A lock does what a single thread would do, except for `ReceiveMessage` with a wait: moto would hold
up everybody for up to 20 seconds, so the wait is spent here, outside the lock.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

WSGIApplication = Callable[..., Iterable[bytes]]

_LOOK_AGAIN_SECONDS = 0.05
_LOOK_ANYWAY_SECONDS = 1.0
_LONGEST_WAIT = 20  # seconds, SQS's own limit
_READS = ("Get", "Query", "Scan", "BatchGet", "Describe", "List", "Receive", "Head")


class Poll(NamedTuple):
    """A `ReceiveMessage` that waits: for how long, and the same request without the wait."""

    seconds: float
    body: bytes


class _Answer:
    """What an application answered, kept until it is known to be the one to send."""

    def __init__(self, application: WSGIApplication, environ: dict[str, Any]) -> None:
        self.status = "500 Internal Server Error"
        self.headers: list[tuple[str, str]] = []
        parts = application(environ, self._start)
        try:
            self.body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()

    def _start(self, status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
        self.status, self.headers = status, headers

    @property
    def has_messages(self) -> bool:
        """Whether a `ReceiveMessage` has received something, or failed."""
        return not self.status.startswith("200") or b"Body" in self.body


class OneAtATime:
    """WSGI application around another one. `changed` is set by every call that may write."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.lock = threading.RLock()
        self.changed = threading.Event()
        self._written = threading.Condition()
        self._writes = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one call."""
        body = environ["wsgi.input"].read() if _may_wait(environ) else None
        poll = long_poll(environ, body) if body is not None else None
        answer = self._polled(environ, poll) if poll else self._answered(environ, body)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _answered(self, environ: dict[str, Any], body: bytes | None) -> _Answer:
        if body is not None:
            environ = {
                **environ,
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
            }
        with self.lock:
            if not may_write(environ):
                return _Answer(self._application, environ)
            self.changed.set()
            answer = _Answer(self._application, environ)
        with self._written:
            self._writes += 1
            self._written.notify_all()
        return answer

    def _polled(self, environ: dict[str, Any], poll: Poll) -> _Answer:
        deadline = time.monotonic() + min(poll.seconds, _LONGEST_WAIT)
        while True:
            writes = self._writes
            answer = self._answered(environ, poll.body)
            if answer.has_messages:
                self.changed.set()
                return answer
            if time.monotonic() >= deadline:
                return answer
            self._wait_for_a_write(writes, deadline - time.monotonic())
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _wait_for_a_write(self, writes: int, seconds: float) -> None:
        """Until something was written since; a message that comes back by itself can wait."""
        with self._written:
            self._written.wait_for(
                lambda: self._writes != writes, timeout=min(seconds, _LOOK_ANYWAY_SECONDS)
            )


def may_write(environ: Mapping[str, Any]) -> bool:
    """Whether a call may change anything, by the name of its action or its method."""
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if action:
        return not action.startswith(_READS)
    return environ.get("REQUEST_METHOD") not in ("GET", "HEAD")


def _may_wait(environ: Mapping[str, Any]) -> bool:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    return bool(target == "AmazonSQS.ReceiveMessage") or _is_sqs_form(environ)


def _is_sqs_form(environ: Mapping[str, Any]) -> bool:
    """SQS's older protocol, which older clients speak."""
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return form and "/sqs/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")


def long_poll(environ: Mapping[str, Any], body: bytes) -> Poll | None:
    """The wait that a `ReceiveMessage` asks for; None for any other call and for one that looks
    only once."""
    if _is_sqs_form(environ):
        return _form_poll(body)
    try:
        request = json.loads(body)
        seconds = float(request.get("WaitTimeSeconds") or 0)
    except (ValueError, TypeError, AttributeError):
        return None
    if not seconds:
        return None
    return Poll(seconds, json.dumps({**request, "WaitTimeSeconds": 0}).encode())


def _form_poll(body: bytes) -> Poll | None:
    form = parse_qs(body.decode(), keep_blank_values=True)
    seconds = float(form.get("WaitTimeSeconds", ["0"])[0])
    if form.get("Action") != ["ReceiveMessage"] or not seconds:
        return None
    return Poll(seconds, urlencode({**form, "WaitTimeSeconds": ["0"]}, doseq=True).encode())
