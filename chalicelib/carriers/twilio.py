"""Twilio's Messages API: SMS and WhatsApp.

https://www.twilio.com/docs/messaging/api/message-resource: POST with `To`, `From`, `Body`,
`StatusCallback`, HTTP Basic with account and token; 201 and a `sid`. A refusal is 4xx with a
numeric `code`; 429 and 5xx pass.

What comes with a message (https://www.twilio.com/docs/messaging/api/media-resource) is fetched from
`MediaUrl…` with the same login; Twilio answers with a redirect to where the file itself lies, which
is signed, and gets no login of ours.

What was said in a call (https://www.twilio.com/docs/voice/api/recording) is fetched by its id,
as WAV: 8,000 samples of 16 bit a second.

All three are deleted by a DELETE to what they are: 204, or 404 where they are gone. A message takes
its media along; one that is still on its way is not deleted (409).
"""

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urljoin

from chalicelib.carriers.carrier import (
    NotFetched,
    Parcel,
    RefusedByCarrier,
    Wanted,
    content_of,
    secret,
)
from chalicelib.carriers.hosts import is_at
from chalicelib.carriers.http import Answer, Http, TooLarge
from chalicelib.domain.cases.attachment import LARGEST
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import Unavailable

_MESSAGES = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
_RECORDING = "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording}.wav"
_MESSAGE = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/{message}.json"
_RECORDING_ITSELF = "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}.json"
_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_MEDIUM = re.compile(
    r"https://api\.twilio\.com/2010-04-01/Accounts/(?P<account>[A-Za-z0-9]+)"
    r"/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+"
)
"""The only address of Twilio's own making that is ever deleted."""
_CREATED = 201
_GONE = frozenset({204, 404})
_NOT_FOUND = 404
_TOO_MANY = 429
_API = frozenset({"api.twilio.com"})
_FILES = frozenset({*_API, "mcs.us1.twilio.com", "media.twiliocdn.com", ".amazonaws.com"})
"""Where Twilio's redirects lead."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3


class Twilio:
    """SMS, or WhatsApp with its prefix on both numbers; of the telephone, recordings alone."""

    def __init__(self, http: Http, channel: Channel) -> None:
        self._http = http
        self._is_telephone = channel is Channel.PHONE
        self._prefix = "whatsapp:" if channel is Channel.WHATSAPP else ""

    def send(self, parcel: Parcel) -> str:
        """See Carrier. A telephone that calls is not written to: its line is for voices."""
        if self._is_telephone:
            raise RefusedByCarrier("telephone")
        account = parcel.line.account or ""
        fields = {
            "To": self._named(parcel.to),
            "From": self._named(parcel.line.address or ""),
            "Body": parcel.text,
            "StatusCallback": parcel.tell,
        }
        answer = self._http.post(
            _MESSAGES.format(account=quote(account, safe="")),
            headers={
                **_login(parcel),
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(fields).encode(),
        )
        if answer.status == _CREATED:
            return str(answer.json.get("sid", ""))
        if answer.status == _TOO_MANY or answer.status >= 500:
            raise Unavailable()
        raise RefusedByCarrier(str(answer.json.get("code", answer.status)))

    def fetch(self, wanted: Wanted) -> bytes:
        """See Carrier."""
        url, hosts, headers = self._where(wanted), _API, _login(wanted)
        for _ in range(1 + _MOST_REDIRECTS):
            answer = self._got(url, hosts, headers)
            if answer.status not in _REDIRECTS or answer.location is None:
                return self._content(answer)
            url, hosts, headers = urljoin(url, answer.location), _FILES, {}
        raise NotFetched(MediaRefusal.REFUSED_BY_CARRIER)

    def delete(self, held: Wanted) -> None:
        """See Carrier. A line's account is asked for its own alone, whatever an address says."""
        answer = self._http.delete(self._itself(held), headers=_login(held))
        if answer.status not in _GONE:
            raise Unavailable()

    def _itself(self, held: Wanted) -> str:
        account = held.line.account or ""
        medium = _MEDIUM.fullmatch(held.reference)
        if medium is not None and medium["account"] == account:
            return f"{held.reference}.json"
        if not _SID.fullmatch(held.reference):
            raise RefusedByCarrier("not_of_this_account")
        of = quote(account, safe="")
        if self._is_telephone:
            return _RECORDING_ITSELF.format(account=of, sid=held.reference)
        return _MESSAGE.format(account=of, message=held.reference)

    def _where(self, wanted: Wanted) -> str:
        if not self._is_telephone:
            return wanted.reference
        account, recording = wanted.line.account or "", wanted.reference
        return _RECORDING.format(
            account=quote(account, safe=""), recording=quote(recording, safe="")
        )

    def _content(self, answer: Answer) -> bytes:
        """A recording is told of while the caller is on the line, and may be there only later."""
        if self._is_telephone and answer.status == _NOT_FOUND:
            raise Unavailable()
        return content_of(answer)

    def _got(self, url: str, hosts: frozenset[str], headers: Mapping[str, str]) -> Answer:
        if not is_at(url, hosts):
            raise NotFetched(MediaRefusal.HOST_NOT_ALLOWED)
        try:
            return self._http.get(url, headers=headers, most=LARGEST)
        except TooLarge:
            raise NotFetched(MediaRefusal.TOO_LARGE) from None

    def _named(self, number: str) -> str:
        return f"{self._prefix}{number.removeprefix(self._prefix)}"


def _login(asked: Parcel | Wanted) -> Mapping[str, str]:
    login = f"{asked.line.account or ''}:{secret(asked, 'auth_token')}"
    return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
