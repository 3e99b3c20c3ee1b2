"""Kill a piece of work at every AWS call it makes, before and after, and see what is left.

The work runs once. At each of its calls the process forks: the fork dies there and then lives
through what happens afterwards, with the store as it was at that call; the process itself goes on
to the next call. A world is made once and not once for each kill, which is two thirds of the time.

A scenario joins with one entry in `tests.faults.scenarios`.
"""

import gc
import json
import os
import tempfile
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.calls import on_every_call
from tests.service import Service

Afterwards = Callable[[], int]
"""What a dead process's world goes through, and how many died in it."""


class Killed(BaseException):
    """The process is gone: no handler of ours may catch this."""


@dataclass(frozen=True)
class Scenario:
    """Work that must survive a kill anywhere.

    `prepare` makes the world, `act` is the work that is killed, `again` is what happens in any case
    afterwards (the caller repeats, the schedule ticks), `verify` says what must hold then.
    """

    name: str
    prepare: Callable[[Service], Any]
    act: Callable[[Service, Any], None]
    again: Callable[[Service, Any], None]
    verify: Callable[[Service, Any], None]
    at_least_calls: int


@contextmanager
def killed_at(position: int, moment: str) -> Iterator[None]:
    """Kill at the call number `position` (from 1), `before-call` or `after-call`; nothing that the
    dying process still tries reaches AWS."""
    seen = 0

    def kill(**_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen >= position:
            raise Killed

    try:
        with on_every_call(moment, kill):
            yield
    except Killed:
        return


@dataclass
class Kills:
    """How many calls the work made, how many forks of it died, and what was wrong after that."""

    calls: int
    died: int
    failures: list[str]


def killed_everywhere(
    work: Callable[[], None],
    then: Afterwards,
    *,
    moments: Collection[str] = ("before-call", "after-call"),
    at: Collection[int] = range(1, 10_000),
) -> Kills:
    """Do the work, and in a fork for each moment of each call `at` (from 1) die there and go on."""
    forks = _Forks(moments, at)
    with _shared_memory():
        try:
            with (
                on_every_call("before-call", forks.before),
                on_every_call("after-call", forks.after),
            ):
                work()
        except BaseException as error:
            if not forks.is_dying:
                raise
            if not isinstance(error, Killed):
                forks.end(_failing(error))
        if forks.is_dying:
            forks.end(then)
    return forks.kills


_removed = tempfile.TemporaryDirectory._rmtree  # type: ignore[attr-defined]


def _left_alone(*_: Any, **__: Any) -> None:
    return


class _Forks:
    def __init__(self, moments: Collection[str], at: Collection[int]) -> None:
        self.kills = Kills(0, 0, [])
        self.is_dying = False
        self._moments, self._at = moments, at
        self._report = -1

    def before(self, model: Any, **_: Any) -> None:
        self.kills.calls += 1
        self._pass("before-call", model)

    def after(self, model: Any, **_: Any) -> None:
        self._pass("after-call", model)

    def _pass(self, moment: str, model: Any) -> None:
        """Nothing that the dying process still tries reaches AWS."""
        if self.is_dying:
            raise Killed
        if moment not in self._moments or self.kills.calls not in self._at:
            return
        reading, self._report = os.pipe()
        child = os.fork()
        if child == 0:
            self._die()
        os.close(self._report)
        with os.fdopen(reading) as report:
            told = report.read()
        os.waitpid(child, 0)
        self._note(told, f"{moment} {self.kills.calls}, {model.name}")

    def _die(self) -> NoReturn:
        """Like a process that is gone, the fork removes no files: they are its parent's, too."""
        self.is_dying = True
        tempfile.TemporaryDirectory._rmtree = _left_alone  # type: ignore[attr-defined]
        raise Killed

    def _note(self, told: str, where: str) -> None:
        unheard: dict[str, Any] = {"died": 0, "failure": "it never came to an end"}
        outcome = json.loads(told) if told else unheard
        self.kills.died += outcome["died"]
        if outcome["failure"]:
            self.kills.failures.append(f"Killed {where}:\n{outcome['failure']}")

    def end(self, then: Afterwards) -> None:
        """The fork goes through what comes afterwards, tells how it was, and is no more."""
        died, failure = 1, None
        tempfile.TemporaryDirectory._rmtree = _removed  # type: ignore[attr-defined]
        try:
            died = then()
        except BaseException:  # noqa: BLE001 - whatever it is, the process that waits must know
            failure = traceback.format_exc()
        with os.fdopen(self._report, "w") as report:
            json.dump({"died": died, "failure": failure}, report)
        os._exit(0)


def _failing(error: BaseException) -> Afterwards:
    def then() -> int:
        raise error

    return then


@contextmanager
def _shared_memory() -> Iterator[None]:
    """What is there already is never looked at by a fork's garbage collection, which would copy
    it."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
