"""WeChat: what workers write to a partner's official account."""

from pydantic import ConfigDict

from chalicelib import errors
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.helpline.line_requests import RAISES, WECHAT_WAITS, sent_again
from chalicelib.channels import wechat
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.values import Value
from chalicelib.usecases.helpline.answering_line import answering_line
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.queue_reply import queue_reply

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint

_PATH = "/v1/channels/wechat/{line_id}"
_TEXT, _XML = "text/plain", "text/xml"


class WechatQuery(Value):
    """What proves that it is WeChat who asks. It may say more than that, and often does."""

    model_config = ConfigDict(extra="allow")

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str | None = None


@audience.route(
    "GET",
    _PATH,
    query=WechatQuery,
    replies={200: _TEXT},
    raises=RAISES,
    answered_within=WECHAT_WAITS,
)
def check_wechat_address(call: Call) -> Reply:
    """Answer WeChat's check of a server address with its own `echostr`."""
    _verified(call)
    return _text(wechat.checked_echo(call.query.echostr))


@audience.route(
    "POST",
    _PATH,
    body_types=[_XML, "application/xml"],
    query=WechatQuery,
    replies={200: f"{_XML}, {_TEXT}"},
    raises=RAISES,
    answered_within=WECHAT_WAITS,
)
def hear_wechat_message(call: Call) -> Reply:
    """Take in a message to an official account in plaintext mode, and answer it in XML.

    For WeChat alone: its signature is the authorisation. The same `MsgId` again makes nothing new
    and gets the same answer. `success` where nothing is said back, or where it is too long for an
    answer and is sent by itself.
    """
    line = _verified(call)
    message = wechat.parse(call.raw_body, line)
    if message is None:
        return _text(wechat.SUCCESS)
    with sent_again():
        return _answered(message, line, call)


def _answered(message: Inbound, line: HelplineLine, call: Call) -> Reply:
    heard = hear(message, line, deps=call.deps)
    if heard.reply is None:
        return _text(wechat.SUCCESS)
    answer = wechat.reply(heard.reply, to=message, line=line, at=call.deps.now())
    if answer is None:
        queue_reply(heard, to=message, line=line, deps=call.deps)
        return _text(wechat.SUCCESS)
    return Reply(answer, headers={"Content-Type": f"{_XML}; charset=utf-8"})


def _verified(call: Call) -> HelplineLine:
    """The line of the path. Raises NotFound, SignatureRefused, Unavailable."""
    line = answering_line(call.path["line_id"], Provider.WECHAT, deps=call.deps)
    token = call.deps.line_secrets.get(line.line_id).get("token", "")
    asked: WechatQuery = call.query
    if not wechat.verify(asked.signature, asked.timestamp, asked.nonce, token):
        raise errors.SignatureRefused()
    return line


def _text(text: str) -> Reply:
    return Reply(text, headers={"Content-Type": f"{_TEXT}; charset=utf-8"})
