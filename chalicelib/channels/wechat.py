"""The server address of a WeChat official account, in plaintext mode: the check, XML in and out.

developers.weixin.qq.com/doc/offiaccount, "接收普通消息", "接收事件推送", "被动回复用户消息".
WeChat signs the query, not the body; it sends a message up to three times if no good answer comes
in 5 seconds.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from chalicelib.channels.json_body import short_text, wrong
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import LONGEST_TEXT, Inbound, InboundMedia
from chalicelib.domain.text import readable
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import SignatureRefused

SUCCESS = "success"
"""Nothing is said back, and WeChat does not ask again."""

LONGEST_REPLY = 2_048
"""Bytes of UTF-8 that WeChat takes as one text."""

_MEDIA_TYPES = {
    "image": "image/jpeg",
    "voice": "audio/amr",
    "video": "video/mp4",
    "shortvideo": "video/mp4",
}
_WORDS_OF_EVENTS = {"subscribe": "start", "unsubscribe": "stop"}
"""Events that say what a worker could have written."""

_MESSAGE_ID = re.compile(r"[0-9]{1,32}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def verify(signature: str, timestamp: str, nonce: str, token: str) -> bool:
    """Whether who asks knows the account's token."""
    if not (signature and timestamp and nonce and token):
        return False
    joined = "".join(sorted((token, timestamp, nonce))).encode("utf-8", "surrogatepass")
    expected = hashlib.sha1(joined, usedforsecurity=False).hexdigest()
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode())


def checked_echo(echostr: str | None) -> str:
    """What the check of an address is answered with. ValidationFailed."""
    return short_text(echostr, "echostr", longest=200)


def parse(body: bytes, line: HelplineLine) -> Inbound | None:
    """What a verified post says; None for what nobody has written.

    Where a worker is (`location`) is not looked at: nobody asked her. Raises SignatureRefused for
    another account's message, ValidationFailed, also for a body in encrypted mode.
    """
    told = _document(body)
    if told.findtext("ToUserName") != line.account:
        raise SignatureRefused()
    if told.find("MsgType") is None and told.find("Encrypt") is not None:
        raise wrong(
            "Encrypt",
            "encrypted_mode",
            "Set the account's server configuration to plaintext mode.",
        )
    kind = told.findtext("MsgType")
    if kind == "event":
        return _event(told)
    if kind == "text":
        return _said(told, told.findtext("Content") or "")
    if kind == "link":
        parts = (told.findtext(name) for name in ("Title", "Description", "Url"))
        return _said(told, "\n".join(filter(None, parts)))
    if kind == "location":
        return _said(told, "")
    return _medium(told, kind) if kind in _MEDIA_TYPES else None


def reply(text: str, *, to: Inbound, line: HelplineLine, at: datetime) -> str | None:
    """The text as the answer to a message; None where it is more than fits into one."""
    plain = _NOT_IN_XML.sub("", text)
    if len(plain.encode("utf-8")) > LONGEST_REPLY:
        return None
    return (
        f"<xml><ToUserName>{_cdata(to.sender)}</ToUserName>"
        f"<FromUserName>{_cdata(line.account or '')}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime>"
        f"<MsgType>{_cdata('text')}</MsgType>"
        f"<Content>{_cdata(plain)}</Content></xml>"
    )


def _document(body: bytes) -> Element:
    try:
        told: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise wrong("body", "xml_invalid", "Send XML in UTF-8, without a DTD.") from None
    return told


def _event(told: Element) -> Inbound | None:
    """An event has no id of its own: who it is of, and when, make one (WeChat's own advice)."""
    event = (told.findtext("Event") or "").lower()
    if event not in _WORDS_OF_EVENTS:
        return None
    named = "|".join((_sender(told), told.findtext("CreateTime") or "", event))
    return _said(told, _WORDS_OF_EVENTS[event], hashlib.sha256(named.encode()).hexdigest())


def _medium(told: Element, kind: str) -> Inbound:
    media_id = short_text(told.findtext("MediaId"), "MediaId", longest=500)
    message = _said(told, "")
    medium = InboundMedia(reference=media_id, content_type=_MEDIA_TYPES[kind])
    return message.model_copy(update={"media": (medium,)})


def _said(told: Element, text: str, message_id: str | None = None) -> Inbound:
    created = told.findtext("CreateTime") or ""
    return Inbound(
        message_id=message_id or _message_id(told),
        channel=Channel.WECHAT,
        sender=_sender(told),
        text=readable(text)[:LONGEST_TEXT],
        sent_at=datetime.fromtimestamp(int(created), UTC) if _SECONDS.fullmatch(created) else None,
    )


def _message_id(told: Element) -> str:
    given = told.findtext("MsgId") or ""
    if not _MESSAGE_ID.fullmatch(given):
        raise wrong("MsgId", "value_error", "Send the number of the message.")
    return given


def _sender(told: Element) -> str:
    return short_text(told.findtext("FromUserName"), "FromUserName", longest=100)


def _cdata(text: str) -> str:
    """CDATA cannot hold its own end: it is parted, and goes on in the next one."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
