"""One cold start in this very process. Prints milliseconds as JSON.

python -m bench.cold_start.worker handshake.submit
"""

import time

_WALL, _CPU = time.perf_counter(), time.process_time()

import importlib  # noqa: E402  the clock runs already
import json  # noqa: E402
import sys  # noqa: E402

from bench.cold_start import contenders  # noqa: E402
from bench.cold_start.network import cut_off  # noqa: E402
from bench.events import Context  # noqa: E402


def main(name: str) -> dict[str, float]:
    """Start a contender, have it answer once, say how long that took since the first line."""
    start = contenders.STARTS[name]
    module = importlib.import_module(start.module)
    imported = time.process_time()
    cut_off()
    answer = getattr(module, start.handler)(start.event, Context())
    wall, cpu = time.perf_counter(), time.process_time()
    contenders.check(start, answer)
    return {
        "wall_ms": (wall - _WALL) * 1000,
        "cpu_ms": (cpu - _CPU) * 1000,
        "import_cpu_ms": (imported - _CPU) * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
