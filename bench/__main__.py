"""What it costs and how quick it is, counted or beside others in one run.

    python -m bench                          everything but the matcher
    python -m bench calls money              some parts: calls overhead cold-start size money ledger
                                             backlog
    python -m bench calls --accept           store the counted figures as the ones to expect
    python -m bench calls --only answering   one group of scenarios (may be given several times)
    python -m bench --matching               the matcher, too (python -m bench.matching)

Ends with 1 where a counted figure is not the expected one. Ratios of times that miss their target
are told; no target is an absolute time. docs/performance.md says what is measured.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from bench.backlog.part import SIZES, backlog_part
from bench.calls import expected
from bench.calls.part import calls_part
from bench.calls.scenarios import groups
from bench.cold_start.part import cold_start_part
from bench.environment import ROOT, machine, peers_python
from bench.ledger.part import ledger_part
from bench.money.part import money_part
from bench.overhead.part import overhead_part, profiled
from bench.report import Part, show
from bench.size import size_part

SEED = 7


def _calls(given: argparse.Namespace) -> Part:
    return calls_part(accept=given.accept, only=given.only)


def _overhead(given: argparse.Namespace) -> Part:
    return overhead_part(peers_python(), rounds=given.rounds, seed=given.seed)


def _cold_start(given: argparse.Namespace) -> Part:
    return cold_start_part(peers_python(), runs=given.runs, seed=given.seed)


def _size(_: argparse.Namespace) -> Part:
    return size_part()


def _money(_: argparse.Namespace) -> Part:
    return money_part(expected.read())


def _ledger(_: argparse.Namespace) -> Part:
    return ledger_part()


def _backlog(given: argparse.Namespace) -> Part:
    return backlog_part((*SIZES, *given.backlog))


PARTS: dict[str, Callable[[argparse.Namespace], Part]] = {
    "calls": _calls,
    "overhead": _overhead,
    "cold-start": _cold_start,
    "size": _size,
    "money": _money,
    "ledger": _ledger,
    "backlog": _backlog,
}


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", help=f"default: all of {' '.join(PARTS)}")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--accept", action="store_true", help="store the counted figures")
    parser.add_argument("--only", action="append", default=[], choices=sorted(groups()))
    parser.add_argument("--rounds", type=int, default=40, help="of warm requests, 25 calls each")
    parser.add_argument("--runs", type=int, default=5, help="cold starts of each contender")
    parser.add_argument(
        "--backlog", action="append", default=[], type=int, help="one more size, such as 100000"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of the order in each round")
    parser.add_argument("--profile", action="store_true", help="profile a warm request, then stop")
    parser.add_argument("--matching", action="store_true", help="run python -m bench.matching, too")
    chosen = parser.parse_args(given)
    for name in chosen.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name}")
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for."""
    given = _arguments(arguments)
    if given.profile:
        print(profiled(peers_python()))
        return 0
    parts = (PARTS[name](given) for name in given.parts or PARTS)
    failed = _as_json(parts) if given.json else _as_text(parts)
    if given.matching:
        subprocess.run([sys.executable, "-m", "bench.matching"], cwd=ROOT, check=True)
    elif not given.json:
        print("\nThe matcher has a bench of its own: python -m bench.matching (or --matching).")
    return 1 if failed else 0


def _as_text(parts: Iterator[Part]) -> bool:
    """Print each part when it is done; whether any failed."""
    print("measured on", ", ".join(f"{name} {value}" for name, value in machine().items()))
    failed = False
    for part in parts:
        show([part])
        failed = failed or bool(part.failures)
    return failed


def _as_json(parts: Iterator[Part]) -> bool:
    done = list(parts)
    failures = [failure for part in done for failure in part.failures]
    missed = [target for part in done for target in part.missed]
    found = {part.name: part.data for part in done}
    print(json.dumps({"machine": machine(), **found, "missed": missed, "failures": failures}))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
