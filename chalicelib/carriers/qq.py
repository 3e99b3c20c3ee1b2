"""QQ's official bot API, messages to one user.

https://bot.q.qq.com/wiki/develop/api-v2/: a token from `getAppAccessToken`, then
`POST /v2/users/{openid}/messages` with `content`, `msg_type` 0 and, for a reply, the `msg_id` that
it answers, and a `msg_seq`: within an hour a user may be answered, four times a month she may be
written to.
What comes with a message lies at an address of QQ's own, which needs no token and ends some time.
"""

import json
import zlib
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
from chalicelib.carriers.hosts import is_at
from chalicelib.carriers.http import Answer, Http, TooLarge
from chalicelib.carriers.tokens import Lent, Tokens
from chalicelib.domain.cases.attachment import LARGEST
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.errors import Unavailable

_TOKEN = "https://bots.qq.com/app/getAppAccessToken"  # noqa: S105  an address
_MESSAGES = "https://api.sgroup.qq.com/v2/users/{openid}/messages"
_JSON = {"Content-Type": "application/json"}
_TOO_MANY = 429
_UNAUTHORISED = 401
_FILES = frozenset({"multimedia.nt.qq.com.cn", ".qpic.cn", ".qq.com"})


class Qq:
    """A bot of one account a line."""

    def __init__(self, http: Http, tokens: Tokens) -> None:
        self._http = http
        self._tokens = tokens

    def send(self, parcel: Parcel) -> str:
        """See Carrier."""
        line_id = parcel.line.line_id
        token = self._tokens.of(line_id, lambda: self._lent(parcel))
        said: dict[str, Any] = {"content": parcel.text, "msg_type": 0}
        if parcel.answers is not None:
            said |= {"msg_id": parcel.answers, "msg_seq": _number(parcel.text)}
        answer = self._post(
            _MESSAGES.format(openid=quote(parcel.to, safe="")),
            said,
            {"Authorization": f"QQBot {token}"},
        )
        if answer.status == _UNAUTHORISED:
            self._tokens.forget(line_id)
            raise Unavailable()
        if 200 <= answer.status < 300:
            return str(answer.json.get("id", ""))
        if answer.status == _TOO_MANY or answer.status >= 500:
            raise Unavailable()
        raise RefusedByCarrier(str(answer.json.get("code", answer.status)))

    def fetch(self, wanted: Wanted) -> bytes:
        """See Carrier."""
        if not is_at(wanted.reference, _FILES):
            raise NotFetched(MediaRefusal.HOST_NOT_ALLOWED)
        try:
            return content_of(self._http.get(wanted.reference, headers={}, most=LARGEST))
        except TooLarge:
            raise NotFetched(MediaRefusal.TOO_LARGE) from None

    def delete(self, held: Wanted) -> None:
        """See Carrier. QQ has no way to ask for it: what it holds of a bot's ends by itself."""

    def _lent(self, parcel: Parcel) -> Lent:
        asked = {"appId": parcel.line.account or "", "clientSecret": secret(parcel, "bot_secret")}
        answer = self._post(_TOKEN, asked, {})
        token = answer.json.get("access_token")
        if not token:
            raise RefusedByCarrier(str(answer.json.get("code", answer.status)))
        return Lent(str(token), float(answer.json.get("expires_in", 0)))

    def _post(self, url: str, said: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        body = json.dumps(said, ensure_ascii=False).encode()
        return self._http.post(url, headers={**_JSON, **headers}, body=body)


def _number(text: str) -> int:
    """QQ drops a second answer with the same number to one message. So every text has its own: sent
    again it is a repeat, and another text is not."""
    return 1 + zlib.crc32(text.encode()) % 1_000_000
