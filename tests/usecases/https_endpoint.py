"""A brand's own HTTPS endpoint, as somebody else would write it.

It knows what Amazon publishes of what SNS posts ("Amazon SNS message formats", "Verifying the
signatures of Amazon SNS messages"). Nothing of the service is imported here, and nothing may be: a
test says so.
"""

import base64
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

Envelope = Mapping[str, Any]

AMAZON = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
LARGEST = 512 * 1024

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
"""What is signed of each type, in this order; a subject only where there is one."""

HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


def string_to_sign(envelope: Envelope) -> bytes:
    """What SNS signs of a message."""
    names = [name for name in SIGNED[envelope["Type"]] if name in envelope]
    return "".join(f"{name}\n{envelope[name]}\n" for name in names).encode()


def is_amazons(url: str) -> bool:
    """Whether a URL in a message leads to SNS: anybody may post anything."""
    parts = urlsplit(url)
    return parts.scheme == "https" and AMAZON.fullmatch(parts.netloc) is not None


class Endpoint:
    """What arrived, what was confirmed, what was refused.

    `fetch` gets a URL of Amazon's; `topics` are those it has asked for.
    """

    def __init__(self, fetch: Callable[[str], bytes], topics: set[str]) -> None:
        self._fetch = fetch
        self._topics = topics
        self.alerts: list[dict[str, Any]] = []
        self.envelopes: list[Envelope] = []
        self.confirmed: list[str] = []
        self.refused: list[str] = []

    def take(self, raw: bytes) -> int:
        """Look at what was posted; the status to answer with."""
        envelope = json.loads(raw)
        self.envelopes.append(envelope)
        if envelope["TopicArn"] not in self._topics:
            return self._refuse("another topic")
        if not is_amazons(envelope["SigningCertURL"]):
            return self._refuse("not Amazon's certificate")
        if not self.is_signed(envelope):
            return self._refuse("not signed by SNS")
        if envelope["Type"] == "SubscriptionConfirmation":
            return self._confirm(envelope["SubscribeURL"])
        self.alerts.append(json.loads(envelope["Message"]))
        return 200

    def is_signed(self, envelope: Envelope) -> bool:
        """Whether the signature is that of the certificate over what Amazon says is signed."""
        certificate = load_pem_x509_certificate(self._fetch(envelope["SigningCertURL"]))
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        signature = base64.b64decode(envelope["Signature"])
        hashed = HASHES[envelope["SignatureVersion"]]()
        try:
            key.verify(signature, string_to_sign(envelope), padding.PKCS1v15(), hashed)
        except InvalidSignature:
            return False
        return True

    def _confirm(self, url: str) -> int:
        if not is_amazons(url):
            return self._refuse("no confirmation at Amazon's")
        self._fetch(url)
        self.confirmed.append(url)
        return 200

    def _refuse(self, why: str) -> int:
        self.refused.append(why)
        return 403


@contextmanager
def served(endpoint: Endpoint, context: ssl.SSLContext) -> Iterator[int]:
    """The endpoint behind TLS on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.send_response(endpoint.take(self.rfile.read(min(length, LARGEST))))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """A test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
