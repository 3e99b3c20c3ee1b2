"""Providers that answer from a record. What was asked is kept, nothing leaves the machine."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from chalicelib.carriers.http import Answer, TooLarge
from chalicelib.errors import Unavailable


class Asked(NamedTuple):
    """One request to a provider."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        fields = parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        return {name: value for name, (value,) in fields.items()}


GONE = (204, b"")
"""https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message-resource"""


class Recorded:
    """Answers one after the other; the last one again and again. None is a silent provider."""

    def __init__(self, *answers: tuple[int, Any] | None) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.answers_to_deletes: list[tuple[int, Any] | None] = [GONE]
        self.deletes: list[Asked] = []

    @property
    def fetched(self) -> list[str]:
        """The addresses of the files that were asked for."""
        return [asked.url for asked in self.asked if not asked.body]

    @property
    def sent(self) -> list[Asked]:
        """The messages that were handed over, and what was asked for first to be able to."""
        return [asked for asked in self.asked if asked.body]

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """See chalicelib.carriers.http.Http."""
        return self._answered(Asked(url, dict(headers), body))

    def get(self, url: str, *, headers: Mapping[str, str], most: int) -> Answer:
        """See chalicelib.carriers.http.Http. A string is where a redirect leads."""
        answer = self._answered(Asked(url, dict(headers), b""))
        if len(answer.body) > most:
            raise TooLarge()
        return answer

    def delete(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        """See chalicelib.carriers.http.Http. Deletes have a record of their own."""
        asked = Asked(url, dict(headers), b"")
        self.deletes.append(asked)
        return self._next(self.answers_to_deletes)

    def _answered(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self._next(self.answers)

    def _next(self, answers: list[tuple[int, Any] | None]) -> Answer:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            raise Unavailable()
        status, said = answer
        if isinstance(said, str):
            return Answer(status, b"", said)
        return Answer(status, said if isinstance(said, bytes) else json.dumps(said).encode())


TWILIO_TOOK_IT = (201, {"sid": "SM00000000000000000000000000000001", "status": "queued"})
"""https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""

TWILIO_UNSUBSCRIBED = (
    400,
    {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400},
)
"""https://www.twilio.com/docs/api/errors/21610"""

QQ_TOKEN = (200, {"access_token": "a-qq-token", "expires_in": "7200"})
QQ_TOOK_IT = (200, {"id": "ROBOT1.0_reply", "timestamp": "2026-11-22T16:00:00+08:00"})
QQ_TOO_LATE = (400, {"message": "msg_id expired", "code": 304027})
"""https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/send-receive/send.html"""

WECHAT_TOKEN = (200, {"access_token": "a-wechat-token", "expires_in": 7200})
WECHAT_TOOK_IT = (200, {"errcode": 0, "errmsg": "ok"})
WECHAT_TOO_LATE = (200, {"errcode": 45015, "errmsg": "response out of time limit"})
"""https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html"""
