"""Children hear orders, tell news, end when told to or when their supervisor is gone."""

import os
import queue
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.child import Child, News, Program, in_words
from infra.local.inbox import Inbox, signals_into
from infra.local.options import Options
from infra.local.places import Places
from infra.local.ports import listen
from infra.local.processes import Processes, last_words


class Ears:
    """What a child tells."""

    def __init__(self) -> None:
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()

    def __call__(self, child: Child, news: News) -> None:
        self.news.put(news)

    def next(self) -> News:
        return self.news.get(timeout=60)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with listen(0, "PORT") as opened:
        yield opened


def _started(listening: socket.socket, log: Path, ears: Ears) -> Child:
    program = Program(
        name="echo",
        module="tests.local.echo_child",
        arguments=[],
        listening=listening,
        log=log,
        environment=dict(os.environ),
    )
    return Child(program, ears)


def test_orders_go_in_and_news_come_out(listening: socket.socket, tmp_path: Path) -> None:
    ears = Ears()
    child = _started(listening, tmp_path / "log", ears)
    assert ears.next() == {"news": "ready"}
    child.order("echo", text="未发工资")
    assert ears.next() == {"news": "heard", "do": "echo", "text": "未发工资"}
    assert child.end(grace_seconds=30)
    assert [ears.next(), ears.next()] == [{"news": "bye"}, {"news": "ended", "code": 0}]
    child.order("echo", text="too late, and harmless")


def test_sigterm_ends_it_in_order(listening: socket.socket, tmp_path: Path) -> None:
    ears = Ears()
    child = _started(listening, tmp_path / "log", ears)
    assert ears.next() == {"news": "ready"}
    os.kill(child.pid, signal.SIGINT)  # Ctrl-C is the supervisor's to hear
    os.kill(child.pid, signal.SIGTERM)
    assert [ears.next(), ears.next()] == [{"news": "bye"}, {"news": "ended", "code": 0}]
    assert child.end(grace_seconds=30)


def test_one_that_is_not_ready_is_not_waited_for(listening: socket.socket, tmp_path: Path) -> None:
    child = _started(listening, tmp_path / "log", Ears())
    assert not child.end(grace_seconds=30)


def test_one_that_dies_says_how(listening: socket.socket, tmp_path: Path) -> None:
    ears = Ears()
    child = _started(listening, tmp_path / "log", ears)
    assert ears.next() == {"news": "ready"}
    child.order("raise")
    ended = ears.next()
    assert ended == {"news": "ended", "code": 1}
    words = last_words(child, ended["code"])
    assert words.startswith("The echo process ended (exit code 1):\n")
    assert "  RuntimeError: as ordered\n" in words
    assert words.endswith(f"See {tmp_path / 'log'}.")
    assert child.end(grace_seconds=30)


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit code 0"), (3, "exit code 3"), (-9, "signal SIGKILL")]
)
def test_an_exit_code_in_words(code: int, words: str) -> None:
    assert in_words(code) == words


def test_signals_are_news_while_somebody_listens() -> None:
    inbox, before = Inbox(), signal.getsignal(signal.SIGTERM)
    with signals_into(inbox):
        for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
    heard: list[Any] = [inbox.get(timeout=5) for _ in range(4)]
    assert sorted(news.name for news in heard) == ["stop", "stop", "stop", "tick"]
    assert inbox.get(timeout=0) is None
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_app_that_keeps_dying_is_started_at_longer_and_longer_intervals(
    tmp_path: Path,
) -> None:
    options = Options(port=0, aws_port=0, ephemeral=True)
    processes = Processes(options, Places(tmp_path), {}, Inbox())
    processes.start_app()
    assert [processes.app_died() for _ in range(6)] == [1, 3, 7, 15, 15, 15]
    assert processes.ids() == {}
    assert not processes.end()
