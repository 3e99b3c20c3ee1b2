"""Twilio's Messages API: SMS and WhatsApp.

https://www.twilio.com/docs/messaging/api/message-resource: POST with `To`, `From`, `Body`,
`StatusCallback`, HTTP Basic with account and token; 201 and a `sid`. A refusal is 4xx with a
numeric `code`; 429 and 5xx pass.
"""

import base64
from urllib.parse import quote, urlencode

from chalicelib.carriers.carrier import Parcel, RefusedByCarrier, secret
from chalicelib.carriers.http import Http
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import Unavailable

_MESSAGES = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
_CREATED = 201
_TOO_MANY = 429


class Twilio:
    """SMS, or WhatsApp with its prefix on both numbers."""

    def __init__(self, http: Http, channel: Channel) -> None:
        self._http = http
        self._prefix = "whatsapp:" if channel is Channel.WHATSAPP else ""

    def send(self, parcel: Parcel) -> str:
        """See Carrier."""
        account = parcel.line.account or ""
        login = f"{account}:{secret(parcel, 'auth_token')}"
        fields = {
            "To": self._named(parcel.to),
            "From": self._named(parcel.line.address or ""),
            "Body": parcel.text,
            "StatusCallback": parcel.tell,
        }
        answer = self._http.post(
            _MESSAGES.format(account=quote(account, safe="")),
            headers={
                "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(fields).encode(),
        )
        if answer.status == _CREATED:
            return str(answer.json.get("sid", ""))
        if answer.status == _TOO_MANY or answer.status >= 500:
            raise Unavailable()
        raise RefusedByCarrier(str(answer.json.get("code", answer.status)))

    def _named(self, number: str) -> str:
        return f"{self._prefix}{number.removeprefix(self._prefix)}"
