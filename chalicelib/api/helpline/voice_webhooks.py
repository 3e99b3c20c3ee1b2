"""The telephone: a call to a partner's number at Twilio, from the menu to the receipt code."""

from collections.abc import Callable

from chalicelib import errors
from chalicelib.api.endpoint import FORM, Audience, Call, Handler, Reply
from chalicelib.api.helpline.line_requests import RAISES, TWILIO_WAITS
from chalicelib.api.helpline.twilio_requests import (
    SIGNATURE,
    CallSoFar,
    address_of,
    verified,
)
from chalicelib.channels.twilio import XML, refuse_others
from chalicelib.channels.twilio_voice import (
    Called,
    Script,
    agreed_to,
    chosen,
    parse,
    said_again,
    spoken,
)
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.usecases.helpline.closed_line import is_closed
from chalicelib.usecases.helpline.take_call import RecordedCall, code_of_call, take_call

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint

_PATH = "/v1/channels/voice/{line_id}"


_CALL = {
    "CallSid": "CA00000000000000000000000000000001",
    "AccountSid": "AC00000000000000000000000000000001",
    "From": "+15550100",
    "To": "+15550199",
}
_RECORDING = {
    "RecordingSid": "RE00000000000000000000000000000001",
    "RecordingDuration": "42",
}


def _step(path: str, **told: str) -> Callable[[Handler], Handler]:
    """A step of a call: each is declared alike. `told` is what Twilio says of it, for example."""
    return audience.route(
        "POST",
        path,
        body_types=[FORM],
        query=CallSoFar,
        headers=[SIGNATURE],
        replies={200: "text/xml"},
        raises=RAISES,
        answered_within=TWILIO_WAITS,
        example={**_CALL, **told},
    )


@_step(_PATH)
def answer_call(call: Call) -> Reply:
    """Answer a call to a line: say the menu of languages, or that nobody hears her now."""
    line, _ = _called(call, _PATH)
    if is_closed(line, deps=call.deps):
        return _twiml(_script(call).closed(line.language))
    return _twiml(_script(call).menu(line.language))


@_step(f"{_PATH}/language", Digits="1")
def choose_language(call: Call) -> Reply:
    """Take the key for a language, and say the consent script in it."""
    line, called = _called(call, f"{_PATH}/language")
    return _twiml(_script(call).consent(chosen(called.digits, line.language)))


@_step(f"{_PATH}/consent", Digits="1")
def choose_consent(call: Call) -> Reply:
    """Take the key for what may be shared (none: nothing), and record what has happened."""
    _, called = _called(call, f"{_PATH}/consent")
    return _twiml(_script(call).record(spoken(call.query.language), agreed_to(called.digits)))


@_step(f"{_PATH}/recording", **_RECORDING)
def take_recording(call: Call) -> Reply:
    """Open the case of a call that was recorded, and read its receipt code out."""
    line, called = _called(call, f"{_PATH}/recording")
    script, language = _script(call), spoken(call.query.language)
    if called.recording is None:
        return _twiml(script.goodbye(language))
    return _twiml(script.receipt(language, _taken(call, line, called, called.recording)))


@_step(f"{_PATH}/recorded", **_RECORDING, RecordingStatus="completed")
def note_recording(call: Call) -> Reply:
    """Take note of a recording that is complete, also of a caller who has hung up."""
    line, called = _called(call, f"{_PATH}/recorded")
    if called.recording is not None:
        _taken(call, line, called, called.recording)
    return _twiml(_script(call).nothing())


@_step(f"{_PATH}/receipt", Digits="1")
def repeat_receipt(call: Call) -> Reply:
    """Read the receipt code of a call out once more, to who asks for it."""
    line, called = _called(call, f"{_PATH}/receipt")
    script, language = _script(call), spoken(call.query.language)
    code = code_of_call(called.call_id, line, deps=call.deps) if said_again(called.digits) else None
    return _twiml(script.receipt(language, code) if code else script.goodbye(language))


def _called(call: Call, path: str) -> tuple[HelplineLine, Called]:
    line, params = verified(call, Provider.TWILIO_VOICE, path)
    refuse_others(params, line)
    return line, parse(params)


def _taken(call: Call, line: HelplineLine, called: Called, recording: str) -> str:
    recorded = RecordedCall(
        call_id=called.call_id,
        recording=recording,
        language=spoken(call.query.language),
        consent=_consent(call),
        caller=called.caller,
    )
    try:
        return take_call(recorded, line, deps=call.deps)
    except errors.VersionConflict:  # Twilio knows no such answer, and one that is tried again
        raise errors.Unavailable() from None


def _consent(call: Call) -> ConsentLevel:
    try:
        return ConsentLevel(call.query.consent or "")
    except ValueError:  # an address that somebody wrote by hand: nothing was agreed to
        return ConsentLevel.C0


def _script(call: Call) -> Script:
    return Script(address_of(call, _PATH))


def _twiml(text: str) -> Reply:
    return Reply(text, headers={"Content-Type": XML})
