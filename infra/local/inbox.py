"""What the foreground process hears, one thing at a time: children, signals, its own threads."""

import contextlib
import queue
import signal
from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.local.child import Child, News

_SIGNALS = {
    signal.SIGINT: "stop",
    signal.SIGTERM: "stop",
    signal.SIGHUP: "stop",
    signal.SIGUSR1: "tick",
}


class Heard(NamedTuple):
    """A piece of news, and the child it is from (None: this process itself)."""

    sender: Child | None
    news: News

    @property
    def name(self) -> str:
        """What it is about."""
        name: str = self.news["news"]
        return name


class Inbox:
    """A queue of news. Putting something in is safe in any thread, and in a signal handler."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Heard] = queue.SimpleQueue()

    def put(self, name: str, **fields: Any) -> None:
        """News of this process itself."""
        self._waiting.put(Heard(None, {"news": name, **fields}))

    def from_child(self, child: Child, news: News) -> None:
        """News of a child."""
        self._waiting.put(Heard(child, news))

    def get(self, timeout: float | None = None) -> Heard | None:
        """The next piece of news; None when there was none for `timeout` seconds."""
        try:
            return self._waiting.get(timeout=timeout)
        except queue.Empty:
            return None


@contextlib.contextmanager
def signals_into(inbox: Inbox) -> Iterator[None]:
    """Meanwhile, signals are news: to stop (however often it is said), or to tick now."""

    def hear(number: int, frame: object) -> None:
        inbox.put(_SIGNALS[signal.Signals(number)])

    before = {number: signal.signal(number, hear) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
