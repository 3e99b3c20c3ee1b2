"""A local stack of one's own, for the demo and for tests: started, waited for, stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.options import ROOT

ANY_PORT: Mapping[str, str] = {"PORT": "0", "AWS_PORT": "0", "ALERTS_PORT": "0"}

_READY_WITHIN = 180.0  # seconds; a busy machine takes its time
_ENDED_WITHIN = 90.0


class NotStarted(Exception):
    """The stack ended, or did not answer in time; what its terminal said is the message."""


class Running:
    """A stack that was started with its files in `directory`."""

    def __init__(
        self, directory: Path, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._terminal = directory / "terminal.txt"
        self._stack_file = directory / "stack.json"
        self._stack_file.unlink(missing_ok=True)
        with self._terminal.open("wb") as terminal:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local", "--directory", str(directory), *arguments],
                cwd=ROOT,
                env={**os.environ, **ANY_PORT, "PYTHONUNBUFFERED": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=subprocess.STDOUT,
            )

    def document(self) -> dict[str, Any]:
        """stack.json as it is now. FileNotFoundError while the stack is not ready."""
        document: dict[str, Any] = json.loads(self._stack_file.read_text("utf-8"))
        return document

    def said(self) -> str:
        """What the terminal shows."""
        return self._terminal.read_text("utf-8", "replace")

    def wait_until_ready(self) -> dict[str, Any]:
        """stack.json, once it is there. NotStarted."""
        deadline = time.monotonic() + _READY_WITHIN
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                return self.document()
            except FileNotFoundError:
                time.sleep(0.05)
        raise NotStarted(self.said())

    def tick(self) -> None:
        """Let the schedules run now."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and wait; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(_ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextmanager
def running(
    directory: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A stack that answers, stopped afterwards whatever happens. NotStarted."""
    stack = Running(directory, arguments, environment or {})
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        stack.stop()
