"""Which imports a start spends its time on."""

import re
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence

from bench.cold_start.starting import Interpreter

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")

Times = dict[str, tuple[int, int]]
"""Microseconds by module: its own, and with what it imported first."""


def parsed(report: str) -> Times:
    """What `python -X importtime` wrote."""
    return {m[3]: (int(m[1]), int(m[2])) for m in _LINE.finditer(report)}


def fastest(reports: Sequence[Times]) -> Times:
    """The least that each module took in any of several starts: the rest was the machine's."""
    every = {name for report in reports for name in report}
    return {
        name: (
            min(report[name][0] for report in reports if name in report),
            min(report[name][1] for report in reports if name in report),
        )
        for name in every
    }


def by_package(times: Mapping[str, tuple[int, int]]) -> list[tuple[str, float]]:
    """Milliseconds by top-level package, its own modules only, most first."""
    sums: Counter[str] = Counter()
    for name, (own, _) in times.items():
        sums[name.split(".")[0]] += own
    return [(package, microseconds / 1000) for package, microseconds in sums.most_common()]


def import_times(interpreter: Interpreter, module: str, *, runs: int) -> Times:
    """Import a module in fresh interpreters and take the fastest of each part."""
    arguments = ["-X", "importtime", "-c", f"import {module}"]
    reports = [interpreter.run(arguments, errors=subprocess.PIPE)[1] for _ in range(runs)]
    return fastest([parsed(report) for report in reports])
