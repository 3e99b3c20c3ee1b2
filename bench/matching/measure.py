"""Build an index, ask the matcher everything, and count."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.matching.index_build import build_index

from .files import Case, facilities
from .queries import Row
from .score import Answer, tallies

ROOT = Path(__file__).parents[2]
_PROGRESS = 1_000  # answers between two lines of progress


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the matcher gave and what it cost."""

    answers: list[Answer]
    costs: dict[str, float]


def say(text: str) -> None:
    """A line of progress, beside the figures on stdout."""
    print(text, file=sys.stderr, flush=True)


def ask(index: Path, cases: Sequence[Case]) -> Run:
    """Ask a fresh process that opens the index and does nothing else."""
    lines = "".join(json.dumps(asdict(case.query)) + "\n" for case in cases)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as asked:
        asked.write(lines)
        asked.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.matching.worker", str(index)],
            stdin=asked,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            assert process.stdout is not None
            *answers, figures = [json.loads(line) for line in _watched(process.stdout, len(cases))]
    if process.returncode:
        raise RuntimeError(f"the matcher's process ended with {process.returncode}")
    return Run([Answer(a[0], a[1], tuple(a[2]), a[3], a[4], a[5]) for a in answers], figures)


def _watched(lines: Iterable[str], total: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number and number % _PROGRESS == 0:
            say(f"matcher: {number:,} of {total:,} queries answered")
        yield line


def run_matcher(rows: Iterable[Row], cases: Sequence[Case]) -> Run:
    """Build the index from the rows and ask every case."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        say("matcher: building the index")
        start = time.perf_counter()
        build_index(facilities(rows), path, version="bench")
        build_s = time.perf_counter() - start
        run = ask(path, cases)
        size = path.stat().st_size / 1e6
    return Run(run.answers, run.costs | {"build_s": round(build_s, 2), "index_mb": round(size, 1)})


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 3) if ordered else 0.0


def latencies(answers: Sequence[Answer]) -> dict[str, float]:
    """Wall and processor time a query; the latter is what a busy machine does not blur."""
    times = [answer.ms for answer in answers]
    busy = [answer.cpu_ms for answer in answers]
    return {
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
        "max_ms": percentile(times, 1.0),
        "p50_cpu_ms": percentile(busy, 0.5),
        "p99_cpu_ms": percentile(busy, 0.99),
    }


def results(cases: Sequence[Case], run: Run) -> tuple[dict[str, object], dict[str, object]]:
    """The `matcher` and `by_kind` objects of the report."""
    counted = tallies(cases, run.answers)
    matcher = counted["all"].figures() | {
        **latencies(run.answers),
        **run.costs,
        "false_matches": counted["all"].false_matches,
    }
    by_kind: dict[str, object] = {
        name.removeprefix("kind:"): tally.figures()
        for name, tally in sorted(counted.items())
        if name != "all"
    }
    return matcher, by_kind
