"""A telephone at Twilio: dials a line, hears TwiML, presses keys, speaks, hangs up."""

from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from infra.local.gateway import Answer
from tests.channels.twilio import ACCOUNT, HOST, NUMBER, WORKER, Twilio

CALL = "CA" + "0" * 31 + "1"
RECORDING = "RE" + "0" * 31 + "1"
RECORDING_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"


@dataclass
class Phone:
    """A call, told to the service step by step as Twilio tells it."""

    twilio: Twilio
    number: str = WORKER
    call_id: str = CALL
    heard: list[ElementTree.Element] = field(default_factory=list)

    def dial(self) -> "Phone":
        """Be answered."""
        return self.goes_on(self.twilio.path)

    def press(self, key: str) -> "Phone":
        """Press a key while the menu is said."""
        return self.goes_on(self._attribute("Gather", "action"), Digits=key)

    def wait(self) -> "Phone":
        """Press nothing: Twilio goes on behind the menu."""
        (redirect,) = [verb for verb in self.heard if verb.tag == "Redirect"]
        assert redirect.text is not None
        return self.goes_on(redirect.text)

    def speak(self, recording: str = RECORDING, **fields: str) -> "Phone":
        """Speak, and press the hash key."""
        said = {"RecordingSid": recording, "RecordingDuration": "42", "Digits": "#", **fields}
        return self.goes_on(self._attribute("Record", "action"), **said)

    def status(self, recording: str = RECORDING, status: str = "completed") -> Answer:
        """What Twilio tells when a recording is complete: without the caller, and the called."""
        url = self._attribute("Record", "recordingStatusCallback")
        said = {
            "AccountSid": ACCOUNT,
            "CallSid": self.call_id,
            "RecordingSid": recording,
            "RecordingUrl": RECORDING_URL,
            "RecordingStatus": status,
            "RecordingDuration": "42",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
        }
        return self.twilio.send(said, path=_asked(url))

    def at_the_recorder(self, language: str = "1", consent: str = "1") -> "Phone":
        """Dial, choose, and be asked to speak."""
        return self.dial().press(language).press(consent)

    def tell(self, url: str, **fields: str) -> Answer:
        """What Twilio says of the call at a step."""
        said = {
            "CallSid": self.call_id,
            "AccountSid": ACCOUNT,
            "From": self.number,
            "To": NUMBER,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            **fields,
        }
        return self.twilio.send(said, path=_asked(url))

    def words(self) -> list[tuple[str | None, str | None]]:
        """What is said, each with the language that says it."""
        said = [say for verb in self.heard for say in verb.iter("Say")]
        return [(say.get("language"), say.text) for say in said]

    def addresses(self) -> list[str]:
        """Every address that Twilio is given."""
        values = [v for verb in self.heard for part in verb.iter() for v in part.attrib.values()]
        redirects = [verb.text or "" for verb in self.heard if verb.tag == "Redirect"]
        return [value for value in [*values, *redirects] if value.startswith("https://")]

    def code(self) -> str:
        """The receipt code as it was read out, twice the same."""
        digits = "".join(c for _, text in self.words() for c in _only_digits(text))
        half = len(digits) // 2
        assert digits[:half] == digits[half:]
        return digits[:half]

    def _attribute(self, verb: str, name: str) -> str:
        found = [part for part in self.heard if part.tag == verb]
        value = found[0].get(name)
        assert value is not None
        return value

    def goes_on(self, url: str, **fields: Any) -> "Phone":
        """Be at another step, and hear what is said there."""
        answer = self.tell(url, **fields)
        assert answer.status == 200, answer
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        self.heard = list(ElementTree.fromstring(answer.body))
        return self


def _asked(url: str) -> str:
    """What Twilio asks for: it keeps what stands behind a `#` for itself, and signs without it."""
    return url.removeprefix(HOST).partition("#")[0]


def _only_digits(text: str | None) -> str:
    """The digits of a text that is nothing but digits."""
    bare = (text or "").replace(", ", "")
    return bare if bare.isdigit() else ""
