"""Kill a piece of work at every AWS call it makes, before and after, and see what is left.

A scenario joins with one entry in `tests.faults.scenarios`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.calls import counted_calls, on_every_call
from tests.service import Service


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


def calls_of(scenario: Scenario, service: Service) -> int:
    """How many AWS calls the work makes when nobody kills it."""
    world = scenario.prepare(service)
    with counted_calls() as calls:
        scenario.act(service, world)
    return len(calls)
