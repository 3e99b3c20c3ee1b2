"""A brand's HTTPS endpoint: its certificate is checked, what it receives is kept."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

HOST = "127.0.0.1"


class HttpsEndpoint:
    """Answers every POST with 200 and keeps the notification. `url` is where SNS sends to."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.notifications: list[dict[str, Any]] = []
        self.url = f"https://{HOST}:{server.server_port}/alerts"

    def about(self, public_ref: str) -> dict[str, Any] | None:
        """The notification whose alert is about a case; None while there is none."""
        found = (n for n in list(self.notifications) if public_ref in n.get("Message", ""))
        return next(found, None)


@contextmanager
def https_endpoint(directory: Path) -> Iterator[tuple[HttpsEndpoint, Path]]:
    """A running endpoint, and the file of the authority that vouches for it."""
    authority, trusted = trustme.CA(), directory / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    server = _server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    endpoint = HttpsEndpoint(server)
    server.endpoint = endpoint  # type: ignore[attr-defined]  # for the handler
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield endpoint, trusted
    finally:
        server.shutdown()
        server.server_close()


def _server() -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """One notification."""

        timeout = 30

        def do_POST(self) -> None:
            """Keep it."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.server.endpoint.notifications.append(json.loads(body))  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """The terminal belongs to the story."""

    class Server(ThreadingHTTPServer):
        """Says nothing of callers that do not trust it."""

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A failed handshake is the caller's to tell."""

    return Server((HOST, 0), Handler)
