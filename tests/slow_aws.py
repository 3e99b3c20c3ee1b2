"""AWS that takes its time, on a clock that only it moves: seconds are reckoned, not waited."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

from chalicelib import time_budget
from chalicelib.store import clients
from tests.calls import SERVICES


class SlowAws:
    """Each attempt takes `seconds`. From the call number `silent_from` (from 1) on none is
    answered, and each takes as long as its client waits; `lost` are carried out all the same.

    `calls` are those that were begun, `answered` the attempts that had an answer.
    """

    def __init__(self) -> None:
        self.now = 1_000.0
        self.seconds = 0.02
        self.silent_from: int | None = None
        self.lost = False
        self.calls: list[str] = []
        self.answered: list[str] = []

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def began(self, model: Any, **_: Any) -> None:
        self.calls.append(f"{model.service_model.endpoint_prefix}.{model.name}")
        botocore_stubber.enabled = not self._is_silent or self.lost

    def sent(self, event_name: str, **_: Any) -> None:
        service, operation = event_name.replace("-", "").split(".")[1:]
        if not self._is_silent:
            self.wait(self.seconds)
            self.answered.append(operation)
            return
        self.wait(clients.patience_with(service).seconds)
        raise ReadTimeoutError(endpoint_url="https://aws.test")

    def ended(self, **_: Any) -> None:
        botocore_stubber.enabled = True

    @property
    def _is_silent(self) -> bool:
        return self.silent_from is not None and len(self.calls) >= self.silent_from


@contextmanager
def slow_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowAws]:
    """The service's clients, new ones, meet it; the budget's clock and botocore's sleep are its."""
    aws = SlowAws()
    clients.client.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(time_budget, "time", SimpleNamespace(monotonic=lambda: aws.now))
        patched.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=aws.wait))
        for name in SERVICES:
            events = clients.client(name).meta.events
            events.register("before-call", aws.began)
            events.register("before-send", aws.sent)  # behind the client's own look
            events.register("after-call", aws.ended)
            events.register("after-call-error", aws.ended)
        try:
            yield aws
        finally:
            botocore_stubber.enabled = True
            clients.client.cache_clear()
