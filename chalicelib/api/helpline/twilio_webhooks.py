"""SMS and WhatsApp at Twilio: what workers send, and what becomes of what is sent to them."""

from chalicelib import errors
from chalicelib.api.endpoint import FORM, Audience, Call, Reply
from chalicelib.api.helpline.line_requests import RAISES, TWILIO_WAITS
from chalicelib.api.helpline.twilio_requests import (
    SIGNATURE,
    SentMessage,
    SignedQuery,
    verified,
)
from chalicelib.channels.twilio import (
    XML,
    field,
    messages_reply,
    parse,
    refuse_another_account,
    required,
)
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.note_delivery import note_delivery

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint

_PATH = "/v1/channels/twilio/{line_id}"
_STATUS = f"{_PATH}/status"


@audience.route(
    "POST",
    _PATH,
    body_types=[FORM],
    query=SignedQuery,
    headers=[SIGNATURE],
    replies={200: "text/xml"},
    raises=RAISES,
    answered_within=TWILIO_WAITS,
    example={
        "MessageSid": "SM00000000000000000000000000000001",
        "AccountSid": "AC00000000000000000000000000000001",
        "From": "whatsapp:+15550100",
        "To": "whatsapp:+15550199",
        "Body": "They have kept back two months' wages.",
        "NumMedia": "0",
    },
)
def hear_twilio_message(call: Call) -> Reply:
    """Take in an SMS or a WhatsApp message, and answer it in TwiML.

    For Twilio alone: its signature is the authorisation. The same `MessageSid` again makes nothing
    new and gets the same answer.
    """
    line, params = verified(call, Provider.TWILIO_MESSAGES, _PATH)
    message = parse(params, line)
    try:
        heard = hear(message, line, deps=call.deps)
    except errors.VersionConflict:  # somebody who asks again is nobody's conflict
        raise errors.Unavailable() from None
    return Reply(messages_reply(heard.reply), headers={"Content-Type": XML})


@audience.route(
    "POST",
    _STATUS,
    body_types=[FORM],
    query=SentMessage,
    headers=[SIGNATURE],
    replies={204: ""},
    raises=RAISES,
    answered_within=TWILIO_WAITS,
    example={
        "MessageSid": "SM00000000000000000000000000000002",
        "AccountSid": "AC00000000000000000000000000000001",
        "From": "whatsapp:+15550199",
        "To": "whatsapp:+15550100",
        "MessageStatus": "delivered",
    },
)
def note_twilio_delivery(call: Call) -> Reply:
    """Take note of what has become of a message that went out to a worker.

    The address says which one: it was given to Twilio with the message.
    """
    line, params = verified(call, Provider.TWILIO_MESSAGES, _STATUS)
    refuse_another_account(params, line)
    status, code = required(params, "MessageStatus"), field(params, "ErrorCode")
    sid = required(params, "MessageSid")
    sent: SentMessage = call.query
    if sent.grievance and sent.message:
        try:
            note_delivery(
                sent.grievance,
                sent.message,
                status,
                code,
                carrier_id=sid,
                line=line,
                deps=call.deps,
            )
        except errors.VersionConflict:
            raise errors.Unavailable() from None
    return Reply(status=204)
