"""Answers queries in a process of its own, so that time and memory are the matcher's alone."""

import json
import resource
import sys
import time
from pathlib import Path

started = time.perf_counter()

from chalicelib.matching.index import Index  # noqa: E402
from chalicelib.matching.matcher import Matcher  # noqa: E402
from chalicelib.matching.model import shipped_model  # noqa: E402
from chalicelib.matching.records import Query  # noqa: E402

imported = time.perf_counter()


def _memory_mb() -> tuple[float, float]:
    """The most that was resident, and what of it is not the mapped file's now.

    Linux keeps the first for the program; `getrusage` also counts the parent it was forked from.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return peak, peak
    status = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return int(status["VmHWM"].split()[0]) / 1024, int(status["RssAnon"].split()[0]) / 1024


def main(index_path: str) -> None:
    """Read queries as JSON lines from stdin, write one answer a line, then one line of figures."""
    before, _ = _memory_mb()
    start = time.perf_counter()
    model = shipped_model()
    model_s = time.perf_counter() - start
    start = time.perf_counter()
    matcher = Matcher(Index.open(Path(index_path)), model=model)
    load_s = time.perf_counter() - start
    for line in sys.stdin:
        query = Query(**json.loads(line))
        start, busy = time.perf_counter(), time.process_time()
        decision = matcher.match(query)
        ms = (time.perf_counter() - start) * 1000
        cpu_ms = (time.process_time() - busy) * 1000
        shown = [candidate.facility_id for candidate in decision.candidates]
        answer = [decision.status, decision.facility_id, shown, decision.score, ms, cpu_ms]
        sys.stdout.write(json.dumps(answer) + "\n")
    peak, own = _memory_mb()
    figures = {
        "import_s": round(imported - started, 4),
        "model_s": round(model_s, 4),
        "load_s": round(load_s, 5),
        "rss_mb": round(peak, 1),
        "rss_own_mb": round(own, 1),
        "rss_before_mb": round(before, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
