"""SMS and WhatsApp: what workers send to a partner's number at Twilio."""

from chalicelib import errors
from chalicelib.api.endpoint import FORM, Audience, Call, Reply
from chalicelib.api.twilio_requests import RAISES, SIGNATURE, SignedQuery, verified
from chalicelib.channels.twilio import XML, messages_reply, parse
from chalicelib.domain.helpline_line import Provider
from chalicelib.usecases.hear import hear

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint

_PATH = "/v1/channels/twilio/{line_id}"


@audience.route(
    "POST",
    _PATH,
    body_types=[FORM],
    query=SignedQuery,
    headers=[SIGNATURE],
    replies={200: "text/xml"},
    raises=RAISES,
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
