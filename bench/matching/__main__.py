"""Measure the matcher and the baselines.

python -m bench.matching                                   synthetic, from a bare clone
python -m bench.matching --registry FILE --queries FILE    your own (formats: docs/matching.md)
python -m bench.matching --registry FILE --queries FILE --filler 950000     … in a larger registry
python -m bench.matching --curve                           10,000 to 1,000,000 facilities
python -m bench.matching [--registry FILE --queries FILE] --small     registries of 10 to 40,000
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from .baselines import run_baselines
from .curve import SIZES, point
from .files import BadFile, Case, read_cases, read_registry
from .generate import benchmark, fillers
from .measure import results, run_matcher
from .queries import Row
from .small import points

_SEED = 7


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.matching",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--registry", type=Path, help="JSON lines: id, name, address, country, os_id"
    )
    parser.add_argument("--queries", type=Path, help="JSON lines with the right answers")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--curve", action="store_true", help="cost and recall by registry size")
    parser.add_argument(
        "--small", action="store_true", help="precision and recall in smaller registries"
    )
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="last point of the curve")
    parser.add_argument("--size", type=int, default=10_000, help="synthetic facilities")
    parser.add_argument("--asked", type=int, default=2_000, help="synthetic queries")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument(
        "--baseline-queries", type=int, default=400, help="queries the slow baselines get; 0: none"
    )
    parser.add_argument(
        "--filler", type=int, default=0, help="made-up facilities to pad the given registry with"
    )
    parsed = parser.parse_args(given)
    if bool(parsed.registry) != bool(parsed.queries):
        parser.error("--registry and --queries belong together: give both or neither")
    if parsed.filler and not parsed.registry:
        parser.error("--filler pads a given registry: give --registry and --queries")
    return parsed


def _data(given: argparse.Namespace) -> tuple[list[Row], list[Case]]:
    if given.registry:
        rows, cases = list(read_registry(given.registry)), list(read_cases(given.queries))
        return [*rows, *fillers(given.filler, random.Random(given.seed))], cases
    made = benchmark(given.size, given.asked, given.seed)
    return made.rows, made.cases


def _report(given: argparse.Namespace) -> dict[str, object]:
    rows, cases = _data(given)
    matcher, by_kind = results(cases, run_matcher(rows, cases))
    few = random.Random(given.seed).sample(cases, min(given.baseline_queries, len(cases)))
    return {
        "facilities": len(rows),
        "queries": len(cases),
        "matcher": matcher,
        "by_kind": by_kind,
        "baselines": {"asked": len(few), **run_baselines(rows, few)} if few else {},
    }


def _print(report: dict[str, object]) -> None:
    """The same figures for people."""
    for part in ("matcher", "by_kind", "baselines"):
        print(f"\n{part}")
        figures = report[part]
        assert isinstance(figures, dict)
        for name, value in figures.items():
            if name != "false_matches":
                print(f"  {name:34s} {_short(value)}")
    matcher = report["matcher"]
    assert isinstance(matcher, dict)
    print("\nfalse matches", *matcher["false_matches"], sep="\n  ")


def _short(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "  ".join(f"{key.replace('_matched', '')} {inner}" for key, inner in value.items())


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    if given.curve:
        for size in SIZES:
            if size <= given.largest:
                print(json.dumps(point(size, given.seed)), flush=True)
        return 0
    try:
        if given.small:
            for line in points(*_data(given), given.seed):
                print(json.dumps(line, ensure_ascii=False), flush=True)
            return 0
        report = _report(given)
    except BadFile as error:
        print(f"python -m bench.matching: {error}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
