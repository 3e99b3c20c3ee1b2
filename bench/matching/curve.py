"""How size matters: 10,000, 100,000 and 1,000,000 synthetic facilities."""

import random
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.records import Facility
from chalicelib.matching.search import candidates, parse_query

from .files import Case, case_of, facility_of
from .generate import registry
from .measure import ask, latencies, say
from .queries import Row, questions

SIZES = (10_000, 100_000, 1_000_000)
_ASKED = 1_000
_PROGRESS = 50_000  # facilities between two lines of progress


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


def _told(rows: Iterable[Row], size: int) -> Iterator[Row]:
    """The same rows, with a line on stderr now and then."""
    for number, row in enumerate(rows):
        if number and number % _PROGRESS == 0:
            say(f"curve: {number:,} of {size:,} facilities filed")
        yield row


def _built(path: Path, size: int, rng: random.Random) -> tuple[list[Row], dict[str, float]]:
    """Build an index of made-up facilities: the ones to ask about, and what it cost."""
    step = max(size // _ASKED, 1)
    asked: list[Row] = []

    def watched() -> Iterator[Facility]:
        for number, row in enumerate(_told(registry(size, rng), size)):
            if number % step == 0:
                asked.append(row)
            yield facility_of(row)

    start, busy = time.perf_counter(), time.process_time()
    build_index(watched(), path, version="curve")
    return asked, {
        "index_mb": round(path.stat().st_size / 1e6, 1),
        "build_s": round(time.perf_counter() - start, 1),
        "build_cpu_s": round(time.process_time() - busy, 1),
        "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def point(size: int, seed: int) -> dict[str, float]:
    """One line of the curve. Building includes the making-up of the facilities."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        asked, built = _built(path, size, random.Random(seed))
        cases = _cases(asked, random.Random(seed + 1))
        run = ask(path, cases)
        return {
            "facilities": size,
            "candidate_recall": candidate_recall(Index.open(path), cases),
            **latencies(run.answers),
            **built,
            **run.costs,
        }
