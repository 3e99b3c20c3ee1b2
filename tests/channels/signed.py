"""Requests as providers send them: each documented webhook, to a line that is there."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.helpline.helpline_line import Provider
from tests.channels import test_kobo, test_qq, test_wechat
from tests.channels.lines import open_line
from tests.service import Service


class Request(NamedTuple):
    """What is sent to `path`, beside what a method has anyway."""

    path: str
    body: bytes | None
    headers: Mapping[str, str]


def _qq(service: Service, line_id: str, example: bytes) -> Request:
    secrets = {"bot_secret": test_qq.SECRET}
    open_line(service, Provider.QQ, secrets, line_id=line_id, account=test_qq.APP_ID)
    headers = {"Content-Type": "application/json", **test_qq.signed(example)}
    return Request(f"/v1/channels/qq/{line_id}", example, headers)


def _wechat(service: Service, line_id: str, asked: Mapping[str, str]) -> str:
    secrets = {"token": test_wechat.TOKEN}
    open_line(service, Provider.WECHAT, secrets, line_id=line_id, account=test_wechat.ACCOUNT)
    return f"/v1/channels/wechat/{line_id}?{urlencode({**test_wechat.SIGNED, **asked})}"


def _wechat_check(service: Service, line_id: str, _: bytes) -> Request:
    return Request(_wechat(service, line_id, {"echostr": "5837397576500011341"}), None, {})


def _wechat_message(service: Service, line_id: str, _: bytes) -> Request:
    headers = {"Content-Type": "text/xml"}
    return Request(_wechat(service, line_id, {}), test_wechat.xml(), headers)


def _flow(service: Service, line_id: str, example: bytes) -> Request:
    open_line(service, Provider.RAPIDPRO, _SECRET, line_id=line_id)
    return Request(f"/v1/channels/rapidpro/{line_id}", example, _KNOWN)


def _submission(service: Service, line_id: str, example: bytes) -> Request:
    open_line(service, Provider.KOBO, _SECRET, line_id=line_id)
    return Request(f"/v1/channels/kobo/{line_id}", example, _KNOWN)


_SECRET = {"header_secret": test_kobo.SECRET}
_KNOWN = {"Content-Type": "application/json", "X-Handshake-Secret": test_kobo.SECRET}
_BY_OPERATION: Mapping[str, Callable[[Service, str, bytes], Request]] = {
    "hear_qq_event": _qq,
    "check_wechat_address": _wechat_check,
    "hear_wechat_message": _wechat_message,
    "take_flow": _flow,
    "take_submission": _submission,
}
PROVIDERS_REQUESTS = frozenset(_BY_OPERATION)
"""The operations that a request can be made for here."""


def request_to(service: Service, operation: str, line_id: str, example: object) -> Request:
    """The documented request of a provider, with its signature; the line is opened for it."""
    return _BY_OPERATION[operation](service, line_id, json.dumps(example).encode())
