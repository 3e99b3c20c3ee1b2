"""A brand's HTTP endpoint as one would write it: takes notifications, shows the latest."""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.ports import url_of

MOST_KEPT = 200
PATH = "/sns/"
_LARGEST = 512 * 1024

Received = dict[str, Any]


class Sink:
    """Listens on a socket. `POST /sns/<brand>` is the endpoint, `GET /` shows the latest."""

    def __init__(self, listening: socket.socket, announce: Callable[[Received], None]) -> None:
        self.received: deque[Received] = deque(maxlen=MOST_KEPT)
        self._announce = announce
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
            "received_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "subject": notification.get("Subject"),
            "alert": json.loads(notification["Message"]),
        }
        self.received.appendleft(received)
        self._announce(received)

    def page(self) -> bytes:
        """What was received, newest first."""
        return json.dumps(list(self.received), indent=1, ensure_ascii=False).encode() + b"\n"


def _server(listening: socket.socket, sink: Sink) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        timeout = 30

        def do_GET(self) -> None:
            """Show."""
            if self.path == "/":
                self._answer(200, sink.page())
            else:
                self._answer(404)

        def do_POST(self) -> None:
            """Take a notification."""
            length = int(self.headers.get("Content-Length") or 0)
            try:
                brand_id = self.path.removeprefix(PATH)
                sink.take(brand_id, json.loads(self.rfile.read(min(length, _LARGEST))))
            except (ValueError, KeyError, TypeError, AttributeError):
                self._answer(400)
            else:
                self._answer(200)

        def log_message(self, *arguments: Any) -> None:
            """The terminal belongs to the supervisor."""

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(listening.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    return server
