"""The part of the bench that lets work pile up in one shard, and lets one worker drain it.

Shards know nothing of each other: eight workers do eight times as much. What must not happen is
that a case costs more calls, or that more cases are in memory, the longer the queue. A hundred
thousand due cases (`--backlog 12500`, in one shard of eight) take the emulator hours; a normal run
shows a few pages.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from bench.calls import population
from bench.calls.world import World, running
from bench.report import Part, Sheet
from chalicelib.domain.cases.case import Case
from chalicelib.store.clients import client
from chalicelib.usecases.work.work_due import BATCH

SIZES = (50, 250)
MOST_CASES_AT_ONCE = 2 * BATCH
"""A page of cases, as they were read and as they were changed."""


class Drained(NamedTuple):
    """What it took to work off a backlog of so many cases."""

    due: int
    calls: int
    seconds: float
    """CPU time of the work, the emulator's included."""
    most_at_once: int
    """Cases in memory at the worst moment."""


def backlog_part(sizes: Sequence[int] = SIZES) -> Part:
    """Let backlogs of these sizes drain, and compare them."""
    found = [drained(size) for size in sizes]
    least = found[0]
    sheet = Sheet("A backlog", HEADINGS, [_row(one, least) for one in found])
    failures = [wrong for one in found for wrong in _wrong(one, least)]
    data: dict[str, object] = {"drained": [one._asdict() for one in found]}
    return Part("backlog", data, [sheet], [NOTE], failures=failures)


HEADINGS = ("due in a shard", "at once in memory", "calls a case", "a second", "times")
NOTE = "a second: beside the emulator. times: CPU time a case beside the first line."


def _row(one: Drained, least: Drained) -> list[str]:
    beside = (one.seconds / one.due) / (least.seconds / least.due)
    return [
        f"{one.due:,}",
        f"{one.most_at_once}",
        f"{one.calls / one.due:.2f}",
        f"{one.due / one.seconds:.0f}",
        f"{beside:.2f}",
    ]


def _wrong(one: Drained, least: Drained) -> Iterator[str]:
    """What must not grow, has grown."""
    if one.calls / one.due > least.calls / least.due:
        yield f"{one.due} due cases take more calls a case than {least.due}"
    if one.most_at_once > MOST_CASES_AT_ONCE:
        yield f"{one.due} due cases: {one.most_at_once} of them were in memory at once"


def drained(due: int) -> Drained:
    """Let so many cases be due, and have ticks and workers drain them."""
    with running() as world, _cases_in_memory() as seen:
        population.register(world)
        population.due_cases(world, due, shard=0)
        started, calls = time.process_time(), 0
        while population.still_due(world):
            calls += len(world.calls_of(partial(_ticked, world)))
        seconds = time.process_time() - started
    return Drained(due, calls, seconds, max(seen))


def _ticked(world: World) -> None:
    world.tick()
    world.drain()


def _cases() -> int:
    gc.collect()  # what nobody holds any more is not in the way
    return sum(type(one) is Case for one in gc.get_objects())


@contextmanager
def _cases_in_memory() -> Iterator[list[int]]:
    """How many cases there are whenever alerts go out: then a page is at its fullest."""
    seen, before = [0], _cases()

    def look(**_: Any) -> None:
        seen.append(_cases() - before)

    events_of_sns = client("sns").meta.events
    events_of_sns.register("before-call.sns.PublishBatch", look)
    try:
        yield seen
    finally:
        events_of_sns.unregister("before-call.sns.PublishBatch", look)
