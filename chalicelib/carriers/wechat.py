"""WeChat's customer service messages.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html:
`POST /cgi-bin/message/custom/send` within 48 hours of what she wrote last; always 200, and an
`errcode`. The token is a stable one (`/cgi-bin/stable_token`), which others may ask for, too.
What comes with a message has an id, for three days:
https://developers.weixin.qq.com/doc/offiaccount/Asset_Management/Get_temporary_materials.html.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.carriers.carrier import (
    NotFetched,
    Parcel,
    RefusedByCarrier,
    Wanted,
    content_of,
    secret,
)
from chalicelib.carriers.http import Http, TooLarge
from chalicelib.carriers.tokens import Lent, Tokens
from chalicelib.domain.cases.attachment import LARGEST
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.domain.text import in_parts
from chalicelib.errors import Unavailable

LONGEST_BYTES = 2_048
"""Of one text message; what is longer goes as several."""

_TOKEN = "https://api.weixin.qq.com/cgi-bin/stable_token"  # noqa: S105  an address
_SEND = "https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token={token}"
_MEDIA = "https://api.weixin.qq.com/cgi-bin/media/get?access_token={token}&media_id={media_id}"
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
        if code != 0:
            raise self._refusal(code, line_id)

    def fetch(self, wanted: Wanted) -> bytes:
        """See Carrier. What is no file is a JSON object that says why: an error, or a video."""
        line_id = wanted.line.line_id
        token = self._tokens.of(line_id, lambda: self._lent(wanted))
        named = {"token": quote(token, safe=""), "media_id": quote(wanted.reference, safe="")}
        try:
            answer = self._http.get(_MEDIA.format(**named), headers={}, most=LARGEST)
        except TooLarge:
            raise NotFetched(MediaRefusal.TOO_LARGE) from None
        content = content_of(answer)
        if content.startswith(b"{") and (code := answer.json.get("errcode")):
            raise self._refusal(code, line_id)
        return content

    def delete(self, held: Wanted) -> None:
        """See Carrier. WeChat has no way to ask for it: what it holds ends after three days."""

    def _refusal(self, code: Any, line_id: str) -> RefusedByCarrier | Unavailable:
        if code in _TOKEN_REFUSED:
            self._tokens.forget(line_id)
        if code in _TOKEN_REFUSED | _BUSY:
            return Unavailable()
        return RefusedByCarrier(str(code))

    def _lent(self, parcel: Parcel | Wanted) -> Lent:
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
