"""A child process of the supervisor: started with its socket, given orders, ended in good time."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.options import ROOT

News = dict[str, Any]


@dataclass(frozen=True)
class Program:
    """What to run: a module of ours, the socket it serves, where its output goes."""

    name: str
    module: str
    arguments: Sequence[str]
    listening: socket.socket
    log: Path
    environment: Mapping[str, str]


class Child:
    """A running program. `hear` gets its news, last of all `{"news": "ended", "code": …}`."""

    def __init__(self, program: Program, hear: Callable[["Child", News], None]) -> None:
        self.program = program
        self._hear = hear
        self._ready = False
        reading, writing = os.pipe()
        descriptors = (program.listening.fileno(), writing)
        with program.log.open("ab") as log, _keyboard_interrupts_ignored():
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", program.module),
                    *("--socket", str(descriptors[0]), "--news", str(descriptors[1])),
                    *program.arguments,
                ],
                cwd=ROOT,
                env=dict(program.environment),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                text=True,
            )
        os.close(writing)
        threading.Thread(target=self._listen, args=(reading,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def order(self, do: str, **fields: Any) -> None:
        """Ask for something. Lost when the child is just ending."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
            self._process.stdin.flush()

    def end(self, grace_seconds: float) -> bool:
        """Let it end: no more orders come. False when it had to be killed.

        One that is not ready yet has nothing to finish, and is not waited for.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(grace_seconds if self._ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def _listen(self, reading: int) -> None:
        with os.fdopen(reading, encoding="utf-8") as news:
            for line in news:
                heard: News = json.loads(line)
                self._ready = self._ready or heard["news"] == "ready"
                self._hear(self, heard)
        self._hear(self, {"news": "ended", "code": self._process.wait()})


@contextlib.contextmanager
def _keyboard_interrupts_ignored() -> Any:
    """A child inherits this: Ctrl-C reaches it too, even before it can say that it ignores it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def in_words(code: int) -> str:
    """An exit code for people."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
