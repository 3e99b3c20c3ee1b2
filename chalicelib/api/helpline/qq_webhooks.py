"""QQ: what workers write to a partner's official bot."""

from chalicelib import errors
from chalicelib.api.endpoint import JSON, Audience, Call, Header, Reply
from chalicelib.api.helpline.line_requests import QQ_WAITS, RAISES, sent_again
from chalicelib.channels import qq
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.usecases.helpline.answering_line import answering_line
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.queue_reply import queue_reply

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint


@audience.route(
    "POST",
    "/v1/channels/qq/{line_id}",
    headers=[
        Header(qq.SIGNATURE, "Made by QQ with the bot's secret, in hexadecimal digits."),
        Header(qq.TIMESTAMP, "What was signed before the body."),
        Header(qq.APP_ID, "The bot: the line's `account`."),
    ],
    replies={200: JSON},
    raises=RAISES,
    answered_within=QQ_WAITS,
    example={
        "op": 0,
        "t": "C2C_MESSAGE_CREATE",
        "id": "C2C_MESSAGE_CREATE:example",
        "d": {
            "id": "ROBOT1.0_example",
            "content": "They have kept back two months' wages.",
            "timestamp": "2026-11-22T16:00:00+08:00",
            "author": {"user_openid": "E4F4AEA33253A2797FB897C50B81D7ED"},
        },
    },
)
def hear_qq_event(call: Call) -> Reply:
    """Take in an event of a QQ bot: acknowledge it, and hear the message in it.

    For QQ alone: its signature is the authorisation. The address check (`op` 13) is answered with
    the token, signed. The same message again makes nothing new. What is said back goes out by
    itself, for QQ takes no reply here. Messages of groups and all other events are acknowledged and
    dropped.
    """
    line = answering_line(call.path["line_id"], Provider.QQ, deps=call.deps)
    secret = call.deps.line_secrets.get(line.line_id).get("bot_secret", "")
    if not qq.verify(call.raw_body, call.headers, line, secret):
        raise errors.SignatureRefused()
    asked = qq.parse(call.raw_body)
    if isinstance(asked, qq.AddressCheck):
        return _json(qq.check_reply(asked, secret))
    if asked is not None:
        with sent_again():
            heard = hear(asked, line, deps=call.deps)
            queue_reply(heard, to=asked, line=line, deps=call.deps)
    return _json(qq.ACKNOWLEDGED)


def _json(text: str) -> Reply:
    return Reply(text, headers={"Content-Type": JSON})
