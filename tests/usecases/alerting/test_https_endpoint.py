"""An endpoint that knows only what is published gets a brand's alerts by HTTPS.

moto posts them, and signs them, but not as SNS does: it leaves the subject out of what it signs,
and every alert has one. So what moto posts is read here, and signed messages are made here, by
Amazon's published rule. moto asks no endpoint to confirm, either: that message is made here, too.
"""

import ast
import base64
import json
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator

from tests.service import Service
from tests.usecases import https_endpoint
from tests.usecases.https_endpoint import Endpoint, served, string_to_sign
from tests.usecases.stories import alerted

HOST = "alerts.brand.example"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-acme"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-example.pem"
SUBSCRIBE = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=example"
ITS_OWN = {"cryptography"}


def test_the_endpoint_knows_nothing_of_the_service() -> None:
    tree = ast.parse(Path(https_endpoint.__file__).read_text("utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]

    assert {name.split(".")[0] for name in modules} <= ITS_OWN | sys.stdlib_module_names


class Unchecked(Endpoint):
    """Takes what moto posts, whose signature is none by Amazon's rule."""

    def is_signed(self, envelope: https_endpoint.Envelope) -> bool:
        return True


@pytest.fixture
def listening(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[], tuple[Endpoint, str]]]:
    """An endpoint at a host of the brand's, which is this machine, with a certificate of its own
    authority that the sender trusts; and its URL."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    resolved = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return resolved("127.0.0.1" if host == HOST else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    endpoint = Unchecked(lambda url: requests.get(url, timeout=5).content, {TOPIC})
    with served(endpoint, context) as port:
        yield lambda: (endpoint, f"https://{HOST}:{port}/sns")


def test_alerts_that_match_its_filter_arrive(
    service: Service, listening: Callable[[], tuple[Endpoint, str]]
) -> None:
    service.brand(subscribe=False)
    service.link(service.factory())
    endpoint, url = listening()
    wish = {"protocol": "https", "endpoint": url, "filter": {"countries": ["BD"]}}
    desk = service.brand_desk()
    assert desk.post("/v1/subscriptions", wish).status == 201

    alerted(service, service.partner(), "calm")
    alerted(service, service.partner(), "urgent", ilo_indicators=["debt_bondage"])
    desk.post("/v1/test-alerts", Idempotency_Key="try-1")
    service.drain()

    schema = Draft202012Validator(service.public().get("/v1/schemas/alert").json())
    assert [schema.is_valid(alert) for alert in endpoint.alerts] == [True, True]
    assert [(a["kind"], a["severity"]) for a in endpoint.alerts] == [("new", "S1"), ("test", "S4")]
    assert endpoint.refused == []


def test_what_moto_signs_is_not_what_sns_signs(
    service: Service, listening: Callable[[], tuple[Endpoint, str]]
) -> None:
    """Should this fail, moto has mended it: then check every envelope instead."""
    service.brand(subscribe=False)
    endpoint, url = listening()
    desk = service.brand_desk()
    desk.post("/v1/subscriptions", {"protocol": "https", "endpoint": url})
    desk.post("/v1/test-alerts", Idempotency_Key="try-1")
    service.drain()

    (envelope,) = endpoint.envelopes
    checking = Endpoint(lambda url: requests.get(url, timeout=5).content, {TOPIC})
    without_subject = {name: value for name, value in envelope.items() if name != "Subject"}
    assert not checking.is_signed(envelope)
    assert checking.is_signed(without_subject)


class Amazon:
    """Signs as Amazon publishes that SNS does, and answers at its URLs."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime(2026, 11, 22, tzinfo=UTC)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def posted(self, **fields: Any) -> dict[str, Any]:
        """A message as it is posted."""
        message = {
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Timestamp": "2026-11-22T08:00:00.000Z",
            **fields,
        }
        signature = self._key.sign(string_to_sign(message), padding.PKCS1v15(), hashes.SHA256())
        return {
            **message,
            "SignatureVersion": "2",
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": CERTIFICATE,
        }


@pytest.fixture(scope="module")
def amazon() -> Amazon:
    return Amazon()


def alert(**changes: Any) -> dict[str, Any]:
    """A notification, as yet unsigned; its text is of any script."""
    message = json.dumps({"alert_id": "a_1", "summary": "工资未付 মজুরি"}, ensure_ascii=False)
    return {"Type": "Notification", "Message": message, "Subject": "[S3] new", **changes}


def taken(amazon: Amazon, envelope: dict[str, Any]) -> tuple[int, Endpoint]:
    endpoint = Endpoint(amazon.fetch, {TOPIC})
    return endpoint.take(json.dumps(envelope).encode()), endpoint


def test_a_message_signed_as_amazon_publishes_is_taken(amazon: Amazon) -> None:
    status, endpoint = taken(amazon, amazon.posted(**alert()))

    assert (status, [a["alert_id"] for a in endpoint.alerts]) == (200, ["a_1"])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Message": '{"alert_id": "a_2"}'}, "not signed by SNS"),
        ({"Subject": "[S1] new"}, "not signed by SNS"),
        ({"TopicArn": TOPIC + "-other"}, "another topic"),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem"},
         "not Amazon's certificate"),
        ({"SigningCertURL": "http://sns.eu-central-1.amazonaws.com/x.pem"},
         "not Amazon's certificate"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(amazon: Amazon, changes: dict[str, str], why: str) -> None:
    status, endpoint = taken(amazon, {**amazon.posted(**alert()), **changes})

    assert (status, endpoint.refused, endpoint.alerts) == (403, [why], [])


def test_a_subscription_is_confirmed_at_amazons_and_nowhere_else(amazon: Amazon) -> None:
    asked = {
        "Type": "SubscriptionConfirmation",
        "Token": "example",
        "Message": "You have chosen to subscribe to the topic.",
    }
    elsewhere = "https://evil.example/?Action=ConfirmSubscription"

    good, confirming = taken(amazon, amazon.posted(**asked, SubscribeURL=SUBSCRIBE))
    bad, refusing = taken(amazon, amazon.posted(**asked, SubscribeURL=elsewhere))

    assert (good, confirming.confirmed) == (200, [SUBSCRIBE])
    assert (bad, refusing.confirmed) == (403, [])
    assert SUBSCRIBE in amazon.asked
    assert elsewhere not in amazon.asked
