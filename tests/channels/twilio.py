"""Twilio as a test sees it: a line of a partner's, and requests that Twilio's own library signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.references import derive_id
from infra.local.gateway import Answer
from tests.service import START, Caller, Service, let_in

TOKEN = "an-auth-token-that-only-tests-know"
ACCOUNT = "AC" + "0" * 31 + "1"
NUMBER = "+15550199"
WORKER = "+15550100"
HOST = "https://handshake.test"
FORM = "application/x-www-form-urlencoded"
PARTNER = "handshake-gz"


def line_of(provider: Provider, **fields: Any) -> HelplineLine:
    """A line of the tests' account and number."""
    return HelplineLine.model_validate(
        {
            "line_id": derive_id("ln", provider),
            "partner_id": PARTNER,
            "provider": provider,
            "name": "Workers' line",
            "account": ACCOUNT,
            "address": NUMBER,
            "created_at": START,
            **fields,
        }
    )


def opened_line(service: Service, provider: Provider, **fields: Any) -> HelplineLine:
    """A line that is there, with the tests' auth token."""
    line = line_of(provider, **fields)
    service.deps.access.save(service.deps.lines.rows(line), let_in(PARTNER, line.line_id))
    service.deps.line_secrets.put(line.line_id, {"auth_token": TOKEN})
    return line


def signature(path: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """What Twilio's own library signs a form to this path (and query) with."""
    return str(RequestValidator(token).compute_signature(HOST + path, fields))


@dataclass(frozen=True)
class Twilio:
    """Twilio, calling on a line."""

    service: Service
    line: HelplineLine

    @property
    def path(self) -> str:
        """Where it was told to send what it gets."""
        kind = "voice" if self.line.provider is Provider.TWILIO_VOICE else "twilio"
        return f"/v1/channels/{kind}/{self.line.line_id}"

    def send(self, fields: Mapping[str, str], *, path: str | None = None, **headers: str) -> Answer:
        """Post a form, signed; headers that are given replace what Twilio would send."""
        path = path or self.path
        sent = {
            "Content-Type": FORM,
            "X-Twilio-Signature": signature(path, fields),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.post(urlencode(fields).encode(), path, sent)

    def post(self, body: bytes, path: str, headers: Mapping[str, str]) -> Answer:
        """Post bytes as they are."""
        return Caller(self.service.gateway).send("POST", path, body, dict(headers))
