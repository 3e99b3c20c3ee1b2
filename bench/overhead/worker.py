"""Times all contenders in one process, in turn. Prints JSON; `bench.overhead.part` reads it.

What counts is the time the process had the CPU: whatever else the machine does is not in it.

    python -m bench.overhead.worker --rounds 60 --calls 25 --seed 7
    python -m bench.overhead.worker --profile
"""

import argparse
import cProfile
import gc
import json
import pstats
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from bench.events import Context
from bench.overhead import contenders

WORK = "the work alone"

Samples = dict[str, list[float]]
"""Microseconds of CPU for one call, by contender, by round."""


def timed(turns: Mapping[str, Callable[[], object]], rounds: int, calls: int, seed: int) -> Samples:
    """Time the contenders `rounds` times, in an order that changes from round to round."""
    order = random.Random(seed)
    found: Samples = {name: [] for name in turns}
    for _ in range(rounds):
        gc.collect()
        for name in order.sample(list(turns), len(turns)):
            found[name].append(_microseconds(turns[name], calls))
    return found


def _microseconds(act: Callable[[], object], calls: int) -> float:
    start = time.process_time_ns()
    for _ in range(calls):
        act()
    return (time.process_time_ns() - start) / calls / 1000


def _turns(asked: contenders.Asked) -> dict[str, Callable[[], object]]:
    turns: dict[str, Callable[[], object]] = {}
    for name in contenders.NAMES:
        handle = contenders.handler(name)
        contenders.answered(handle, asked)
        turns[name] = _turn(handle, asked)
    return {**turns, WORK: asked.work}


def _turn(handle: contenders.Handle, asked: contenders.Asked) -> Callable[[], object]:
    context = Context()
    return lambda: handle(asked.event, context)


def profile(calls: int, top: int) -> None:
    """Where our own POST spends its time, by function, without callees."""
    asked = contenders.requests()["POST /v1/grievances"]
    handle = contenders.handler(contenders.OURS)
    contenders.answered(handle, asked)
    profiler = cProfile.Profile()
    profiler.runcall(lambda: [handle(asked.event, Context()) for _ in range(calls)])
    stats = pstats.Stats(profiler, stream=sys.stdout)
    stats.sort_stats("tottime").print_stats(top)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or profile."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead.worker")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--calls", type=int, default=25)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--profile", action="store_true", help="cProfile of our POST, top 15")
    given = parser.parse_args(arguments)
    contenders.stub_stores()
    if given.profile:
        profile(calls=2000, top=15)
        return 0
    samples = {
        name: timed(_turns(asked), given.rounds, given.calls, given.seed)
        for name, asked in contenders.requests().items()
    }
    print(json.dumps(samples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
