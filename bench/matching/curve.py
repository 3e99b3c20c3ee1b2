"""How size matters: 10,000, 100,000 and 1,000,000 synthetic facilities."""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.records import Facility
from chalicelib.matching.search import candidates, parse_query

from .files import Case, case_of, facility_of
from .generate import registry
from .measure import ask, percentile
from .queries import Row, questions

SIZES = (10_000, 100_000, 1_000_000)
_ASKED = 1_000


def _cases(rows: Sequence[Row], rng: random.Random) -> list[Case]:
    made = [q for row in rows for q in questions(row, rng, 1) if q.matches]
    return [case_of(question, f"c{i}", present=True) for i, question in enumerate(made)]


def candidate_recall(index: Index, cases: Sequence[Case]) -> float:
    """The share of cases whose facility is among the candidates that are compared in full."""
    hits = 0
    for case in cases:
        found = candidates((index,), case.query.name, *parse_query(case.query), frozenset())
        hits += any(entry.facility_id in case.truth for entry in found)
    return round(hits / max(len(cases), 1), 4)


def point(size: int, seed: int) -> dict[str, float]:
    """One line of the curve."""
    rng = random.Random(seed)
    step = max(size // _ASKED, 1)
    asked: list[Row] = []

    def watched() -> Iterator[Facility]:
        for number, row in enumerate(registry(size, rng)):
            if number % step == 0:
                asked.append(row)
            yield facility_of(row)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        start = time.perf_counter()
        build_index(watched(), path, version="curve")
        build_s = time.perf_counter() - start
        cases = _cases(asked, random.Random(seed + 1))
        run = ask(path, cases)
        times = [answer.ms for answer in run.answers]
        busy = [answer.cpu_ms for answer in run.answers]
        return {
            "facilities": size,
            "candidate_recall": candidate_recall(Index.open(path), cases),
            "p50_ms": percentile(times, 0.5),
            "p95_ms": percentile(times, 0.95),
            "p99_ms": percentile(times, 0.99),
            "p50_cpu_ms": percentile(busy, 0.5),
            "p99_cpu_ms": percentile(busy, 0.99),
            "index_mb": round(path.stat().st_size / 1e6, 1),
            "build_s": round(build_s, 1),
            **run.costs,
        }
