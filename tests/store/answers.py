"""Answers that AWS gives on bad days, put in where botocore would send: its retries stay real.

botocore asks every handler of `before-send` and takes the first answer, so moto must be told to
leave a call alone that was answered already: else it would carry out what it was seen to refuse.
"""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.read()


def answer(status: int, content: bytes, **headers: str) -> AWSResponse:
    """An HTTP answer."""
    named = HTTPHeaders()
    for name, value in headers.items():
        named[name.replace("_", "-")] = value
    return AWSResponse("https://aws.test", status, named, _Raw(content))


def refusal(code: str, status: int = 400, **more: Any) -> AWSResponse:
    """An error as DynamoDB, SQS and Secrets Manager write it."""
    content = {"__type": f"com.amazonaws#{code}", "message": "as told", **more}
    return answer(status, json.dumps(content).encode(), content_type="application/x-amz-json-1.0")


class Script:
    """What happens at each attempt of a call: an answer, an exception, or None for the real one.

    The last one is repeated. `attempts` counts.
    """

    def __init__(self, *steps: AWSResponse | Exception | None) -> None:
        self._steps = steps
        self.attempts = 0

    def on(self, client: Any, operation: str) -> "Script":
        """Play it to every call of an operation."""
        service = client.meta.service_model.service_id.hyphenize()
        event = f"before-send.{service}.{operation}"
        client.meta.events.register_first(event, self._play)
        client.meta.events.register_last("before-send", _moto_answers_again)
        return self

    def _play(self, **_: Any) -> AWSResponse | None:
        step = self._steps[min(self.attempts, len(self._steps) - 1)]
        self.attempts += 1
        if isinstance(step, Exception):
            raise step
        botocore_stubber.enabled = step is None
        return step


def _moto_answers_again(**_: Any) -> None:
    botocore_stubber.enabled = True
