"""Twilio, QQ and WeChat, as far as a machine without them needs any: they take every message, and
hold a picture for every one that a message names."""

import base64
import io
import json
import wave
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

_TWILIO, _QQ_TOKENS, _QQ, _WECHAT = (
    "api.twilio.com",
    "bots.qq.com",
    "api.sgroup.qq.com",
    "api.weixin.qq.com",
)


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFUlEQVR42mPUiFrAgA0wMeAAg1MCAObc"
    "ATLmu10bAAAAAElFTkSuQmCC"
)
"""What they hold whatever picture is asked for: a blue square."""


_RECORDINGS = "/Recordings/"
_HERTZ = 8_000


class Held(NamedTuple):
    """A file that a provider holds, and its type."""

    content: bytes
    kind: str


def held(path: str) -> Held:
    """What a provider holds at an address: a second of silence for a recording, else a picture."""
    return Held(_silence(), "audio/wav") if _RECORDINGS in path else Held(PICTURE, "image/png")


def _silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(_HERTZ)
        recording.writeframes(bytes(2 * _HERTZ))
    return file.getvalue()


class Taken(NamedTuple):
    """What a provider answers, and the message that it was given, if it was given one."""

    status: int
    answer: Mapping[str, Any]
    message: Mapping[str, Any] | None


def taken(path: str, body: bytes, number: int) -> Taken:
    """What the provider that `path` begins with makes of a request. ValueError, KeyError for what
    is none of ours."""
    host, _, rest = path.partition("/")
    if host == _TWILIO:
        return _twilio({name: value[0] for name, value in parse_qs(body.decode()).items()}, number)
    said = json.loads(body)
    if host == _QQ_TOKENS:
        return Taken(200, {"access_token": "local", "expires_in": "7200"}, None)
    if host == _QQ:
        to = unquote(rest.split("/")[2])
        return Taken(200, {"id": f"LOCAL{number}"}, _message("qq", to, said["content"]))
    if host == _WECHAT and rest.startswith("cgi-bin/stable_token"):
        return Taken(200, {"access_token": "local", "expires_in": 7200}, None)
    if host == _WECHAT:
        message = _message("wechat", said["touser"], said["text"]["content"])
        return Taken(200, {"errcode": 0, "errmsg": "ok"}, message)
    raise ValueError(host)


def _twilio(form: Mapping[str, str], number: int) -> Taken:
    to = form["To"]
    channel = "whatsapp" if to.startswith("whatsapp:") else "sms"
    message = _message(channel, to.removeprefix("whatsapp:"), form["Body"])
    return Taken(201, {"sid": f"SM{number:032x}", "status": "queued"}, message)


def _message(channel: str, to: str, text: str) -> Mapping[str, str]:
    return {"channel": channel, "to": to, "text": text}
