"""Workers' telephones, by way of the providers that carry what they write: Twilio's form and QQ's
event, signed as each signs."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from defusedxml import ElementTree

from infra.demo.api import Caller, eventually
from infra.demo.checks import StepFailed, expect

_SEED_BYTES = 32


@dataclass(frozen=True)
class Carriers:
    """What the local stand-in of the providers was given to carry."""

    alerts_url: str

    def given(self, channel: str, to: str) -> Sequence[str]:
        """The texts that went out to somebody, oldest first."""
        answer = requests.get(f"{self.alerts_url}/messages", timeout=60)
        answer.raise_for_status()
        sent = [each for each in answer.json() if (each["channel"], each["to"]) == (channel, to)]
        return [each["text"] for each in reversed(sent)]


@dataclass(frozen=True)
class SmsPhone:
    """A telephone whose messages Twilio posts; it is answered in TwiML."""

    twilio: Caller
    line: Mapping[str, Any]
    auth_token: str
    address: str
    carriers: Carriers
    channel: str = "sms"

    def write(self, text: str) -> str:
        """Send an SMS; the reply. StepFailed."""
        form = {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": self.line["account"],
            "From": self.address,
            "To": self.line["address"],
            "Body": text,
            "NumMedia": "0",
        }
        url = self.line["webhook_url"]
        answer = self.twilio.send(
            "POST",
            urlsplit(url).path,
            data=urlencode(form).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": twilio_signature(url, form, self.auth_token),
            },
        )
        expect(answer.status_code == 200, f"Twilio's form was answered {answer.status_code}")
        return _twiml(answer.content)

    def received(self) -> Sequence[str]:
        """What came to it otherwise than as a reply, oldest first."""
        return self.carriers.given(self.channel, self.address)


@dataclass(frozen=True)
class QqPhone:
    """A telephone whose messages QQ posts; QQ takes no reply, so each goes out as a message."""

    qq: Caller
    line: Mapping[str, Any]
    bot_secret: str
    address: str
    carriers: Carriers
    channel: str = "qq"

    def write(self, text: str) -> str:
        """Send a message; the reply, once the carrier has it. StepFailed."""
        before = len(self.received())
        message_id = f"ROBOT1.0_{uuid4().hex}"
        data = {"id": message_id, "content": text, "author": {"user_openid": self.address}}
        event = {"op": 0, "t": "C2C_MESSAGE_CREATE", "id": f"C2C:{message_id}", "d": data}
        body = json.dumps(event, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        answer = self.qq.send(
            "POST",
            urlsplit(self.line["webhook_url"]).path,
            data=body,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "QQBot-Callback",
                "X-Bot-Appid": self.line["account"],
                "X-Signature-Timestamp": timestamp,
                "X-Signature-Ed25519": qq_signature(timestamp, body, self.bot_secret),
            },
        )
        expect(answer.status_code == 200, f"QQ's event was answered {answer.status_code}")
        expect(answer.json() == {"op": 12}, "QQ's event was not acknowledged")
        return eventually(self._after(before), "no reply went out by QQ")

    def received(self) -> Sequence[str]:
        """What came to it, oldest first."""
        return self.carriers.given(self.channel, self.address)

    def _after(self, before: int) -> Callable[[], str | None]:
        return lambda: next(iter(self.received()[before:]), None)


Phone = SmsPhone | QqPhone


def _twiml(content: bytes) -> str:
    """What TwiML says to her. StepFailed."""
    try:
        said = [each.text or "" for each in ElementTree.fromstring(content)]
    except ElementTree.ParseError as error:
        raise StepFailed("the reply is no TwiML") from error
    expect(said, "the TwiML says nothing")
    return "\n".join(said)


def twilio_signature(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """HMAC-SHA1 over the address, and each field's name and value in the order of names."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def qq_signature(timestamp: str, body: bytes, bot_secret: str) -> str:
    """Ed25519 over timestamp and body, by the secret over and over, cut to a seed."""
    seed = (bot_secret.encode() * _SEED_BYTES)[:_SEED_BYTES]
    return Ed25519PrivateKey.from_private_bytes(seed).sign(timestamp.encode() + body).hex()
