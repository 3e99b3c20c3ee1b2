"""Those that the service speaks to: a brand's HTTP endpoint, the carriers of messages to workers.

Both take what comes, and show the latest.
"""

import itertools
import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.carriers import held, taken
from infra.local.ports import url_of

MOST_KEPT = 200
PATH = "/sns/"
CARRIERS = "/carriers/"
MESSAGES = "/messages"
JSON = "application/json; charset=utf-8"
_LARGEST = 512 * 1024

Received = dict[str, Any]


class Sink:
    """Listens on a socket. `POST /sns/<brand>` is the endpoint, `GET /` shows the latest alerts;
    `/carriers/<host>/…` is a provider, `GET /messages` shows what it was given."""

    def __init__(
        self,
        listening: socket.socket,
        announce: Callable[[Received], None],
        announce_message: Callable[[Received], None],
    ) -> None:
        self.received: deque[Received] = deque(maxlen=MOST_KEPT)
        self.messages: deque[Received] = deque(maxlen=MOST_KEPT)
        self._announce = announce
        self._announce_message = announce_message
        self._carried = itertools.count(1)
        self._server = _server(listening, self)
        self._started = False
        self.url = url_of(listening)

    def start(self) -> None:
        """Serve in the background."""
        self._started = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        if self._started:
            self._server.shutdown()
        self._server.server_close()

    def take(self, brand_id: str, notification: dict[str, Any]) -> None:
        """Keep an alert."""
        received = {
            "brand_id": brand_id,
            "received_at": _now(),
            "subject": notification.get("Subject"),
            "alert": json.loads(notification["Message"]),
        }
        self.received.appendleft(received)
        self._announce(received)

    def carry(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer as a provider does. ValueError, KeyError, TypeError for what it would not know."""
        done = taken(path, body, next(self._carried))
        if done.message is not None:
            message = {"sent_at": _now(), **done.message}
            self.messages.appendleft(message)
            self._announce_message(message)
        return done.status, json.dumps(done.answer).encode()


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _page(shown: deque[Received]) -> bytes:
    """What was received, newest first."""
    return json.dumps(list(shown), indent=1, ensure_ascii=False).encode() + b"\n"


def _server(listening: socket.socket, sink: Sink) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        timeout = 30

        def do_GET(self) -> None:
            """Show."""
            if self.path == "/":
                self._answer(200, _page(sink.received))
            elif self.path == MESSAGES:
                self._answer(200, _page(sink.messages))
            elif self.path.startswith(CARRIERS):
                self._answer(200, *held(self.path))
            else:
                self._answer(404)

        def do_POST(self) -> None:
            """Take a notification, or a message."""
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, _LARGEST))
            try:
                if self.path.startswith(CARRIERS):
                    self._answer(*sink.carry(self.path.removeprefix(CARRIERS), body))
                else:
                    sink.take(self.path.removeprefix(PATH), json.loads(body))
                    self._answer(200)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                self._answer(400)

        def do_DELETE(self) -> None:
            """Let go of what a provider holds: there is nothing to keep."""
            self._answer(204 if self.path.startswith(CARRIERS) else 404)

        def log_message(self, *arguments: Any) -> None:
            """The terminal belongs to the supervisor."""

        def _answer(self, status: int, body: bytes = b"", kind: str = JSON) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(listening.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    return server
