"""The app of the local stack, as a process: HTTP, the schedules and the queues' functions.

Started by the supervisor: `python -m infra.local.app_process --socket FD --news FD`. Its first
order says where its storage is; `tick` makes the schedules run at once.
"""

import argparse
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from waitress import create_server

from app import app
from chalicelib import deps
from infra.local.event_sources import queue_sources, schedules
from infra.local.gateway import Gateway
from infra.local.key_register import register
from infra.local.keys import DemoKey
from infra.local.parent import Order, Parent
from infra.local.request_log import RequestLog
from infra.local.triggers import Poller, Ticker, Trigger

THREADS = 8
_GRACE = 8.0  # seconds for what runs to end


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the supervisor is done, or goes away."""
    options = _parser().parse_args(arguments)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # the log is for the functions
    parent = Parent(options.news)
    running: _Running | None = None
    for order in parent.orders():
        if order["do"] == "start":
            running = _Running(order, socket.socket(fileno=options.socket), parent)
            parent.tell("ready")
        elif order["do"] == "tick" and running:
            running.tick()
    if running:
        running.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--news", type=int, required=True)
    return parser


class _Running:
    """The app at work."""

    def __init__(self, order: Order, listening: socket.socket, parent: Parent) -> None:
        settings: Mapping[str, str] = order["settings"]
        os.environ.update(settings)
        register([DemoKey(**key) for key in order["keys"]], deps.current())
        pace = order["tick_seconds"] / 60
        self._tickers = [Ticker(app, s, s.every_seconds * pace) for s in schedules(app)]
        pollers = [Poller(app, source) for source in queue_sources(app, settings)]
        self._triggers: list[Trigger] = [*self._tickers, *pollers]
        self._server = _server(listening, parent)
        threading.Thread(target=self._server.run, daemon=True).start()
        for trigger in self._triggers:
            trigger.start()

    def tick(self) -> None:
        for ticker in self._tickers:
            ticker.now()

    def stop(self) -> None:
        """Take no more, and let what runs come to its end if that is soon."""
        deadline = time.monotonic() + _GRACE
        for trigger in self._triggers:
            trigger.stop()
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=_GRACE)
        for trigger in self._triggers:
            trigger.idle.wait(max(0, deadline - time.monotonic()))


def _server(listening: socket.socket, parent: Parent) -> Any:
    log = RequestLog(Gateway(app), app.routes, lambda line: parent.tell("say", text=line))
    return create_server(log, sockets=[listening], threads=THREADS, ident=None)


if __name__ == "__main__":
    main()
