"""A call to a line, step by step: what Twilio says of it, and the TwiML of what is said back.

menu → language → consent → recording → the receipt code. What was chosen travels in the query of
each next address, which Twilio signs; nothing of the caller does.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, NamedTuple
from urllib.parse import urlencode
from xml.etree import ElementTree

from pydantic import Field

from chalicelib.channels.twilio import Params, field, invalid, sid, written
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.texts import FALLBACK, for_workers

LONGEST_RECORDING = 600
"""Seconds that a caller may speak in one go."""

_RETRIED = "#rc=3&rp=ct,rt,5xx"
"""Twilio repeats a step that met an error, three times, before it gives the call up. It reads this
from an address and neither sends nor signs it (its webhook connection overrides)."""

_FINISHED = "#"
_AGAIN = "1"
_SILENCE = 10  # seconds after which she has finished, too
_WAIT = 8  # seconds for a key


class Voice(NamedTuple):
    """Who speaks a language: Twilio's names of the language and of the voice."""

    language: str
    name: str


VOICES: Mapping[str, Voice] = {
    "zh": Voice("cmn-CN", "Polly.Zhiyu"),
    "zh-hant": Voice("cmn-TW", "Google.cmn-TW-Standard-A"),
    "bn": Voice("bn-IN", "Google.bn-IN-Standard-A"),
    "vi": Voice("vi-VN", "Google.vi-VN-Standard-A"),
    "hi": Voice("hi-IN", "Polly.Aditi"),
    "th": Voice("th-TH", "Google.th-TH-Standard-A"),
    "id": Voice("id-ID", "Google.id-ID-Standard-A"),
    "en": Voice("en-US", "Polly.Joanna"),
}
"""The languages of the catalogue that Twilio can say, in the order of the menu. It has no voice for
Burmese: such a line needs recordings (docs/channels.md)."""

CONSENT: Mapping[str, ConsentLevel] = {
    "1": ConsentLevel.C3,
    "2": ConsentLevel.C2,
}
"""What a key agrees to. Any other one, and none, is a no."""

_HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on the keys of a telephone: what Twilio says
where a caller does not show her number."""

_NUMBER = re.compile(r"\+[1-9][0-9]{5,14}")
_RECORDING_IN_URL = re.compile(r"/Recordings/(RE[0-9a-f]{32})\b")


class Called(Value):
    """What Twilio says of a call at any of its steps."""

    call_id: str
    caller: Annotated[str | None, Field(repr=False)] = None
    """Her number in E.164; None where it is hidden, or not told at this step."""
    digits: str = ""
    recording: str | None = None
    """Twilio's id of what she said; None where nothing was recorded."""


def parse(params: Params) -> Called:
    """The call in a form that was verified. ValidationFailed."""
    number = field(params, "From") or ""
    return Called(
        call_id=sid(params, "CallSid"),
        caller=number if _NUMBER.fullmatch(number) and number not in _HIDDEN else None,
        digits=(field(params, "Digits") or "")[:20],
        recording=_recording(params),
    )


def spoken(language: str | None) -> str:
    """The language itself where the telephone speaks it; else English."""
    return language if language in _menu_languages(FALLBACK) else FALLBACK


def chosen(digits: str, first: str) -> str:
    """The language that a key of the menu stands for; the first one for any other key."""
    known = _menu_languages(first)
    by_key = {str(number): language for number, language in enumerate(known, start=1)}
    return by_key.get(digits, known[0])


def agreed_to(digits: str) -> ConsentLevel:
    """What the caller agrees to with this key."""
    return CONSENT.get(digits, ConsentLevel.C0)


class Script:
    """What is said on one line, whose addresses begin with `base`."""

    def __init__(self, base: str) -> None:
        self._base = base

    def menu(self, first: str) -> str:
        """Each language says its key, the line's own first; without a key it goes on in that."""
        gather = _gather(self._address("language"))
        for number, language in enumerate(_menu_languages(first), start=1):
            gather.append(_say(language, "voice.language", digit=str(number)))
        return _response([gather, _redirect(self._address("language"))])

    def consent(self, language: str) -> str:
        """The consent script; without a key it goes on with a no."""
        address = self._address("consent", language=language)
        gather = _gather(address)
        gather.append(_say(language, "voice.consent"))
        return _response([gather, _redirect(address)])

    def record(self, language: str, consent: ConsentLevel) -> str:
        """Ask what has happened, and record it; once more where nothing was heard."""
        once = [_say(language, "voice.record"), self._record(language, consent)]
        again = [_say(language, "voice.silence"), self._record(language, consent)]
        return _response([*once, *again, _say(language, "voice.goodbye"), _hang_up()])

    def receipt(self, language: str, code: str) -> str:
        """The receipt code, digit by digit and twice; again for who presses 1."""
        gather = _gather(self._address("receipt", language=language))
        gather.append(_say(language, "voice.received"))
        for _ in range(2):
            gather.append(_say(language, "voice.code"))
            gather.extend(_digit_by_digit(language, code))
        gather.append(_say(language, "voice.again"))
        return _response([gather, _say(language, "voice.goodbye"), _hang_up()])

    def goodbye(self, language: str) -> str:
        """The end of a call."""
        return _response([_say(language, "voice.goodbye"), _hang_up()])

    def closed(self, first: str) -> str:
        """Nobody would hear what she says: told in the line's own language and in English."""
        known = dict.fromkeys((_menu_languages(first)[0], FALLBACK))
        return _response([*(_say(each, "voice.closed") for each in known), _hang_up()])

    def nothing(self) -> str:
        """What a status is answered with: nobody is on the line."""
        return _response([])

    def _record(self, language: str, consent: ConsentLevel) -> ElementTree.Element:
        told = {"consent": consent.value, "language": language}
        return ElementTree.Element(
            "Record",
            {
                "action": self._address("recording", **told),
                "method": "POST",
                "finishOnKey": _FINISHED,
                "maxLength": str(LONGEST_RECORDING),
                "timeout": str(_SILENCE),
                "playBeep": "true",
                "recordingStatusCallback": self._address("recorded", **told),
                "recordingStatusCallbackMethod": "POST",
                "recordingStatusCallbackEvent": "completed",
            },
        )

    def _address(self, step: str, **told: str) -> str:
        query = urlencode(sorted(told.items()))
        return f"{self._base}/{step}" + (f"?{query}" if query else "") + _RETRIED


def said_again(digits: str) -> bool:
    """Whether the caller wants to hear the code once more."""
    return digits == _AGAIN


def _recording(params: Params) -> str | None:
    if field(params, "RecordingStatus") not in (None, "completed"):
        return None
    if field(params, "RecordingSid") is not None:
        return sid(params, "RecordingSid")
    url = field(params, "RecordingUrl")
    if not url:
        return None
    found = _RECORDING_IN_URL.search(url)
    if found is None:
        raise invalid("RecordingUrl")
    return found[1]


def _menu_languages(first: str) -> list[str]:
    """Those that are spoken and have texts, the first one first; nine at most have a key."""
    known = [language for language in VOICES if language in for_workers.languages()]
    leading = first if first in known else FALLBACK
    return [leading, *(language for language in known if language != leading)][:9]


def _response(verbs: Iterable[ElementTree.Element]) -> str:
    response = ElementTree.Element("Response")
    response.extend(verbs)
    return written(response)


def _gather(address: str) -> ElementTree.Element:
    return ElementTree.Element(
        "Gather",
        {
            "action": address,
            "method": "POST",
            "input": "dtmf",
            "numDigits": "1",
            "timeout": str(_WAIT),
        },
    )


def _say(language: str, key: str, **filled: str) -> ElementTree.Element:
    return _said(language, for_workers.catalogue(language)[key].format(**filled))


def _said(language: str, text: str) -> ElementTree.Element:
    voice = VOICES[language]
    said = ElementTree.Element("Say", {"language": voice.language, "voice": voice.name})
    said.text = text
    return said


def _digit_by_digit(language: str, code: str) -> Iterable[ElementTree.Element]:
    """Four digits, a pause, four digits: slow enough to be written down."""
    digits = [character for character in code if character.isdigit()]
    for position in range(0, len(digits), 4):
        yield _said(language, ", ".join(digits[position : position + 4]))
        yield ElementTree.Element("Pause", {"length": "2"})


def _redirect(address: str) -> ElementTree.Element:
    redirect = ElementTree.Element("Redirect", {"method": "POST"})
    redirect.text = address
    return redirect


def _hang_up() -> ElementTree.Element:
    return ElementTree.Element("Hangup")
