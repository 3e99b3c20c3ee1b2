"""The webhook of QQ's official bots: whether QQ has signed an event, what a message says.

Ed25519 over timestamp and raw body, with a key pair that the bot's secret alone makes
(bot.q.qq.com/wiki, "Webhook"; the vectors of the tests are QQ's own).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.channels.json_body import json_object, moment_of, short_text, wrong
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import LONGEST_TEXT, Inbound, InboundMedia
from chalicelib.domain.text import readable, readable_line
from chalicelib.domain.vocabulary import Channel

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNATURE = "X-Signature-Ed25519"
TIMESTAMP = "X-Signature-Timestamp"
APP_ID = "X-Bot-Appid"

ACKNOWLEDGED = '{"op":12}'
"""What QQ waits for, three seconds long; without it the event comes again."""

_EVENT, _ADDRESS_CHECK = 0, 13
_MESSAGE = "C2C_MESSAGE_CREATE"
_SEED_BYTES = 32
_MOST_MEDIA = 10
_DIGITS = re.compile(r"[0-9]{1,20}")
_PLAIN_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,128}")
_URL = re.compile(r"[!-~]{1,2000}")


class AddressCheck(NamedTuple):
    """QQ asks whether who answers here knows the bot's secret."""

    plain_token: str
    event_ts: str


def verify(body: bytes, headers: Mapping[str, str], line: HelplineLine, bot_secret: str) -> bool:
    """Whether QQ has signed these very bytes, for the bot of this line.

    `headers` have lower-case names. How old the timestamp may be QQ does not say, and events come
    again for hours: what is sent twice is known by its id.
    """
    from cryptography.exceptions import InvalidSignature

    timestamp = headers.get(TIMESTAMP.lower(), "")
    if not bot_secret or headers.get(APP_ID.lower()) != line.account:
        return False
    if not _DIGITS.fullmatch(timestamp):
        return False
    try:
        signature = bytes.fromhex(headers.get(SIGNATURE.lower(), ""))
        _key(bot_secret).public_key().verify(signature, timestamp.encode() + body)
    except (InvalidSignature, ValueError):
        return False
    return True


def parse(body: bytes) -> AddressCheck | Inbound | None:
    """What a verified body asks for; None for what is acknowledged and no more: events that are no
    message, and messages of groups, where others read along. ValidationFailed."""
    payload = json_object(body)
    op, data = payload.get("op"), payload.get("d")
    if op == _ADDRESS_CHECK:
        return _address_check(_object(data))
    if op == _EVENT and payload.get("t") == _MESSAGE:
        return _message(_object(data))
    return None


def check_reply(check: AddressCheck, bot_secret: str) -> str:
    """The answer to an address check: its token, signed."""
    signed = _key(bot_secret).sign((check.event_ts + check.plain_token).encode())
    return json.dumps({"plain_token": check.plain_token, "signature": signed.hex()})


def _key(bot_secret: str) -> "Ed25519PrivateKey":
    """The secret over and over, cut to a seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = (bot_secret.encode() * _SEED_BYTES)[:_SEED_BYTES]
    return Ed25519PrivateKey.from_private_bytes(seed)


def _address_check(data: Mapping[str, Any]) -> AddressCheck:
    """What we sign is laid out like what QQ signs, so it must not be able to be an event."""
    token, event_ts = data.get("plain_token"), data.get("event_ts")
    if not isinstance(token, str) or not _PLAIN_TOKEN.fullmatch(token):
        raise wrong("d.plain_token", "value_error", "Letters and digits, up to 128.")
    if not isinstance(event_ts, str) or not _DIGITS.fullmatch(event_ts):
        raise wrong("d.event_ts", "value_error", "Digits, up to 20.")
    return AddressCheck(token, event_ts)


def _message(data: Mapping[str, Any]) -> Inbound:
    author = _object(data.get("author"), "d.author")
    content = data.get("content")
    return Inbound(
        message_id=short_text(data.get("id"), "d.id", longest=255),
        channel=Channel.QQ,
        sender=short_text(author.get("user_openid"), "d.author.user_openid", longest=100),
        text=readable(content)[:LONGEST_TEXT] if isinstance(content, str) else "",
        media=tuple(_media(data.get("attachments")))[:_MOST_MEDIA],
        sent_at=moment_of(data.get("timestamp")),
    )


def _media(attachments: Any) -> Iterator[InboundMedia]:
    for each in attachments if isinstance(attachments, list) else ():
        url = _url(each) if isinstance(each, dict) else None
        if url is not None and _URL.fullmatch(url):
            kind = each.get("content_type")
            named = readable_line(kind)[:100] if isinstance(kind, str) else None
            yield InboundMedia(reference=url, content_type=named or None)


def _url(attachment: Mapping[str, Any]) -> str | None:
    """Of a voice as WAV, where QQ has made one: what she spoke is SILK, which nobody else plays."""
    named = (attachment.get("voice_wav_url"), attachment.get("url"))
    url = next((each for each in named if isinstance(each, str) and each), None)
    return f"https:{url}" if url and url.startswith("//") else url


def _object(value: Any, field: str = "d") -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise wrong(field, "dict_type", "Send an object.")
    return value
