"""The part of the bench that compares warm requests."""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.environment import ROOT
from bench.overhead.contenders import OURS
from bench.overhead.worker import WORK
from bench.report import Part, Sheet, shortly
from bench.spread import Ratio, ratio, ratios

SAME_WORK = ("powertools_resolver", "fastapi_mangum")
"""The peers that validate with the same models and run the same use case."""

Samples = Mapping[str, Mapping[str, Sequence[float]]]


def overhead_part(python: Path, *, rounds: int, seed: int) -> Part:
    """Run the worker with the peers' interpreter and compare what it found."""
    return compared(measure(python, rounds=rounds, seed=seed))


def measure(python: Path, *, rounds: int, seed: int) -> Samples:
    """CPU microseconds a call, by request, contender and round."""
    arguments = ["-m", "bench.overhead.worker", "--rounds", str(rounds), "--seed", str(seed)]
    found: Samples = json.loads(_output(python, arguments))
    return found


def profiled(python: Path) -> str:
    """The functions in which our POST spends its time."""
    return _output(python, ["-m", "bench.overhead.worker", "--profile"])


def _output(python: Path, arguments: Sequence[str]) -> str:
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_LOG_LEVEL": "ERROR"}
    return subprocess.run(
        [str(python), "-W", "ignore", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def compared(samples: Samples) -> Part:
    """Ratios to ours, and the share of a request that is not the work itself."""
    data, rows, missed = {}, [], []
    for request, found in samples.items():
        against = ratios(found, OURS)
        data[request] = {name: _figures(found[name], against[name]) for name in found}
        rows += [_row(request, name, found[name], against[name]) for name in found]
        missed += [
            f"{request}: {peer} takes {against[peer].median:.2f} of what ours takes"
            for peer in SAME_WORK
            if against[peer].median < 1
        ]
    headings = ("request", "who", "CPU µs (median)", "times ours (p10 to p90)")
    sheet = Sheet("Warm requests without the store", headings, rows, texts=["who"])
    return Part("overhead", dict(data), [sheet], _notes(samples), missed)


def _figures(numbers: Sequence[float], against: Ratio) -> dict[str, object]:
    return {"cpu_us": statistics.median(numbers), "times_ours": against._asdict()}


def _row(request: str, name: str, numbers: Sequence[float], against: Ratio) -> list[str]:
    return [request, name, shortly(statistics.median(numbers)), str(against)]


def _notes(samples: Samples) -> list[str]:
    return [
        f"{request}: the framework's own part is "
        f"{1 - 1 / ratio(found[OURS], found[WORK]).median:.0%} of our request."
        for request, found in samples.items()
    ]
