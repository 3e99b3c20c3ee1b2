"""The two children: how they start, how they are told what to do, in which order they end."""

import time
from collections.abc import Mapping
from typing import Any

from infra.local import ports
from infra.local.child import Child, News, Program, in_words
from infra.local.environment import child_environment
from infra.local.inbox import Inbox
from infra.local.options import Options
from infra.local.places import Places

_APP_GRACE = 12.0  # seconds to finish what runs
_AWS_GRACE = 60.0  # seconds to save
_QUICK_DEATH = 5.0  # seconds
_LONGEST_PAUSE = 15.0  # seconds between attempts to start the app anew
_LAST_WORDS = 8  # lines


class Processes:
    """`aws` and `app`, with the sockets they serve. CannotStart when a port cannot be had."""

    def __init__(
        self, options: Options, places: Places, environ: Mapping[str, str], inbox: Inbox
    ) -> None:
        self._options = options
        self._places = places
        self._inbox = inbox
        self._app_socket = ports.listen(options.port, "PORT")
        self._aws_socket = ports.listen(options.aws_port, "AWS_PORT")
        self.base_url = ports.url_of(self._app_socket)
        self.aws_endpoint = ports.url_of(self._aws_socket)
        self.environment = child_environment(environ, self.aws_endpoint)
        self.aws: Child | None = None
        self.app: Child | None = None
        self._orders_to_app: News = {}
        self._app_started = 0.0
        self._quick_deaths = 0

    def start(self) -> None:
        """Start both. The app waits for `start_app`."""
        arguments = ["--save-seconds", str(self._options.save_seconds)]
        if not self._options.ephemeral:
            arguments += ["--snapshot", str(self._places.snapshot)]
        program = Program(
            name="aws",
            module="infra.local.aws",
            arguments=arguments,
            listening=self._aws_socket,
            log=self._places.aws_log,
            environment=self.environment,
        )
        self.aws = Child(program, self._inbox.from_child)
        self.app = self._new_app()

    def start_app(self, **orders: Any) -> None:
        """Let the app serve; another life of it gets the same orders."""
        self._orders_to_app = orders
        self._app_started = time.monotonic()
        self.tell_app("start", **orders)

    def app_died(self) -> float:
        """Note that it did. How many seconds to wait before its next life: none, as a rule."""
        quick = time.monotonic() - self._app_started < _QUICK_DEATH
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        return min(_LONGEST_PAUSE, 2.0**self._quick_deaths - 1)

    def start_app_anew(self) -> None:
        """Another life of the app, on the same socket: callers have waited meanwhile."""
        self.app = self._new_app()
        self.start_app(**self._orders_to_app)

    def tell_app(self, do: str, **fields: Any) -> None:
        """Give the app an order."""
        if self.app is not None:
            self.app.order(do, **fields)

    def save(self) -> None:
        """Let AWS save what has changed."""
        if self.aws is not None:
            self.aws.order("save")

    def ids(self) -> dict[str, int]:
        """Their process ids by name."""
        both = {"app": self.app, "aws": self.aws}
        return {name: child.pid for name, child in both.items() if child is not None}

    def end(self) -> bool:
        """The app first, so that it can finish; then AWS, which saves. Whether it could."""
        if self.app is not None:
            self.app.end(_APP_GRACE)
        ended = self.aws is not None and self.aws.end(_AWS_GRACE)
        self._app_socket.close()
        self._aws_socket.close()
        return ended

    def _new_app(self) -> Child:
        program = Program(
            name="app",
            module="infra.local.app_process",
            arguments=[],
            listening=self._app_socket,
            log=self._places.log,
            environment=self.environment,
        )
        return Child(program, self._inbox.from_child)


def last_words(child: Child, code: int) -> str:
    """Why a child ended, as far as its log says so."""
    program = child.program
    lines = program.log.read_text("utf-8", "replace").splitlines()[-_LAST_WORDS:]
    words = "\n".join(f"  {line}" for line in lines)
    return f"The {program.name} process ended ({in_words(code)}):\n{words}\nSee {program.log}."
