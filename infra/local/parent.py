"""The supervisor, as its child processes see it: orders come in on stdin, news go out by lines."""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

Order = dict[str, Any]


class Parent:
    """Whoever started this process. When it is gone, or on SIGTERM, the orders end.

    SIGINT is ignored: Ctrl-C reaches every process of the terminal, and the supervisor decides.
    """

    def __init__(self, news_descriptor: int) -> None:
        self._news = os.fdopen(news_descriptor, "w", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, frame: self._orders.put(None))
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, news: str, **fields: Any) -> None:
        """Report something. Nobody hears it when the supervisor is gone, and nothing breaks."""
        line = json.dumps({"news": news, **fields})
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._news.write(line + "\n")

    def orders(self) -> Iterator[Order]:
        """What the supervisor asks for (`{"do": …}`), until this process is to end."""
        while (order := self._orders.get()) is not None:
            yield order

    def _listen(self) -> None:
        for line in sys.stdin:
            self._orders.put(json.loads(line))
        self._orders.put(None)
