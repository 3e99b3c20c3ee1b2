"""WeChat's customer service messages.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html:
`POST /cgi-bin/message/custom/send` within 48 hours of what she wrote last; always 200, and an
`errcode`. The token is a stable one (`/cgi-bin/stable_token`), which others may ask for, too.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.carriers.carrier import Parcel, RefusedByCarrier, secret
from chalicelib.carriers.http import Http
from chalicelib.carriers.tokens import Lent, Tokens
from chalicelib.domain.text import in_parts
from chalicelib.errors import Unavailable

LONGEST_BYTES = 2_048
"""Of one text message; what is longer goes as several."""

_TOKEN = "https://api.weixin.qq.com/cgi-bin/stable_token"  # noqa: S105  an address
_SEND = "https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token={token}"
_BUSY = frozenset({-1, 45009, 45011})
_TOKEN_REFUSED = frozenset({40001, 40014, 42001})


class WeChat:
    """An official account a line."""

    def __init__(self, http: Http, tokens: Tokens) -> None:
        self._http = http
        self._tokens = tokens

    def send(self, parcel: Parcel) -> str:
        """See Carrier. WeChat names no message: the id is empty."""
        for part in in_parts(parcel.text, LONGEST_BYTES, lambda text: len(text.encode())):
            self._send_part(parcel, part)
        return ""

    def _send_part(self, parcel: Parcel, text: str) -> None:
        line_id = parcel.line.line_id
        token = self._tokens.of(line_id, lambda: self._lent(parcel))
        said = {"touser": parcel.to, "msgtype": "text", "text": {"content": text}}
        code = self._post(_SEND.format(token=quote(token, safe="")), said).get("errcode", 0)
        if code == 0:
            return
        if code in _TOKEN_REFUSED:
            self._tokens.forget(line_id)
            raise Unavailable()
        if code in _BUSY:
            raise Unavailable()
        raise RefusedByCarrier(str(code))

    def _lent(self, parcel: Parcel) -> Lent:
        asked = {
            "grant_type": "client_credential",
            "appid": secret(parcel, "app_id"),
            "secret": secret(parcel, "app_secret"),
        }
        answer = self._post(_TOKEN, asked)
        token = answer.get("access_token")
        if not token:
            raise RefusedByCarrier(str(answer.get("errcode", "no_token")))
        return Lent(str(token), float(answer.get("expires_in", 0)))

    def _post(self, url: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        body = json.dumps(said, ensure_ascii=False).encode()
        answer = self._http.post(url, headers={"Content-Type": "application/json"}, body=body)
        if answer.status != 200:
            raise Unavailable()
        return answer.json
