"""The demo signs as the providers sign, and sees what is no answer to a worker."""

from datetime import UTC, datetime
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from chalicelib.channels import qq, twilio
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.references import derive_id
from infra.demo.api import Caller
from infra.demo.checks import StepFailed
from infra.demo.phones import Carriers, QqPhone, SmsPhone, qq_signature, twilio_signature

FORM = {"From": "+15550100", "Body": "বেতন এখনও দেওয়া হয়নি", "NumMedia": "0", "To": "+15550199"}
URL = "https://handshake.test/v1/channels/twilio/ln_1"
SECRET = "DG5g3B4j9X2KOErG"
LINE = {"account": "102030405", "address": "+15550199", "webhook_url": URL}


class Answer:
    """An answer of the service."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status_code = status
        self.content = content

    def json(self) -> Any:
        return {"op": 11}


class Service(Caller):
    """Answers everything the same."""

    def __init__(self, status: int, content: bytes = b"") -> None:
        super().__init__("https://handshake.test")
        self._answer: Any = Answer(status, content)

    def send(self, method: str, path: str, **request: Any) -> Any:
        return self._answer


class Nothing(Carriers):
    """Carriers that were given nothing."""

    def given(self, channel: str, to: str) -> list[str]:
        return []


def test_a_form_is_signed_as_twilio_signs_it() -> None:
    signature = twilio_signature(URL, FORM, "token")
    assert signature == RequestValidator("token").compute_signature(URL, FORM)


def test_an_event_is_signed_as_qq_signs_it() -> None:
    line = HelplineLine(
        line_id=derive_id("ln", "qq"),
        partner_id="pearl-river-helpline",
        provider=Provider.QQ,
        name="QQ",
        account="102030405",
        created_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    )
    body = '{"op":0,"d":{"content":"加班"}}'.encode()
    headers = {
        "x-bot-appid": "102030405",
        "x-signature-timestamp": "1725442341",
        "x-signature-ed25519": qq_signature("1725442341", body, SECRET),
    }
    assert qq.verify(body, headers, line, SECRET)
    assert not qq.verify(body + b" ", headers, line, SECRET)


def test_the_messages_of_twiml_are_what_she_reads() -> None:
    content = twilio.messages_reply("x" * 1_601).encode()
    phone = SmsPhone(Service(200, content), LINE, "token", "+15550100", Nothing("nowhere"))
    assert phone.write("বেতন") == "x" * 1_600 + "\nx"


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (403, b"", "Twilio's form was answered 403"),
        (200, b"{}", "the reply is no TwiML"),
        (200, b"<Response/>", "the TwiML says nothing"),
    ],
)
def test_an_sms_that_is_not_answered_is_found(status: int, content: bytes, reason: str) -> None:
    phone = SmsPhone(Service(status, content), LINE, "token", "+15550100", Nothing("nowhere"))
    with pytest.raises(StepFailed, match=reason):
        phone.write("বেতন")


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "answered 403"), (200, "was not acknowledged")]
)
def test_an_event_that_is_not_acknowledged_is_found(status: int, reason: str) -> None:
    phone = QqPhone(Service(status), LINE, SECRET, "OPENID", Nothing("nowhere"))
    with pytest.raises(StepFailed, match=reason):
        phone.write("加班")
