"""One AWS call of a piece of work goes wrong: throttled, silent, broken, denied, or not confirmed.

What goes wrong is put in where botocore would send, so that its own retries stay in play.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

from chalicelib.store import clients
from tests.calls import SERVICES
from tests.store.answers import answer, refusal

Step = AWSResponse | Exception | None


def throttled() -> AWSResponse:
    """Too fast for the table, or for the queue."""
    return refusal("ThrottlingException")


def silent() -> Exception:
    """No answer within the client's time."""
    return ReadTimeoutError(endpoint_url="https://aws.test")


def broken() -> AWSResponse:
    """A fault on AWS's side."""
    return answer(500, b'{"__type":"InternalServerError"}', content_type="application/json")


def denied() -> AWSResponse:
    """The permission was taken away, or the key that encrypts the table was disabled."""
    return refusal("AccessDeniedException")


@contextmanager
def outage(position: int, steps: Sequence[Step]) -> Iterator[list[int]]:
    """The call number `position` (from 1) meets `steps`, one for each attempt, the last one again
    and again; None lets an attempt through. What is yielded lists each call's attempts."""
    attempts: list[int] = []

    def began(**_: Any) -> None:
        attempts.append(0)

    def sent(**_: Any) -> AWSResponse | None:
        attempts[-1] += 1
        if len(attempts) != position:
            return None
        step = steps[min(attempts[-1], len(steps)) - 1]
        if isinstance(step, Exception):
            raise step
        # botocore asks every handler of `before-send`: moto must not carry out what was refused
        botocore_stubber.enabled = step is None
        return step

    def answered(**_: Any) -> None:
        botocore_stubber.enabled = True

    with _hooked({"before-call.*.*": began, "before-send.*.*": sent, "after-call.*.*": answered}):
        try:
            yield attempts
        finally:
            botocore_stubber.enabled = True


@contextmanager
def answers_lost(operation: str, times: int) -> Iterator[None]:
    """The first attempts of an operation are carried out, and their answers never arrive."""
    left = times

    def lose(event_name: str, **_: Any) -> None:
        nonlocal left
        if event_name.endswith(f".{operation}") and left:
            left -= 1
            raise silent()

    made = [clients.client(service) for service in SERVICES]
    for client in made:
        client.meta.events.register_last("before-send", lose)
    try:
        yield
    finally:
        for client in made:
            client.meta.events.unregister("before-send", lose)


@contextmanager
def _hooked(hooks: dict[str, Any]) -> Iterator[None]:
    made = [clients.client(service) for service in SERVICES]
    for client in made:
        for event, hook in hooks.items():
            client.meta.events.register_first(event, hook)
    try:
        yield
    finally:
        for client in made:
            for event, hook in hooks.items():
                client.meta.events.unregister(event, hook)
