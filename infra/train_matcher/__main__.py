"""Fit the matcher's models and write their weights: `make train-matcher`.

    python -m infra.train_matcher [--registry FILE --queries FILE] [--decisions FILE] [--out DIR]

The first model says whether a query and one record are the same factory; the second, whether the
best record is right, seen beside its rivals. Both also learn from queries that the generator of
bench.matching makes about the registry, and from queries whose factory was taken out of it, which
is what most wrong answers would come from. A third decides instead of the second in registries
that are smaller than the one that is given. It also learns from such, of ten facilities to 30,000,
where many queries are about somebody else; what a smaller registry borrows
(`chalicelib.matching.background`) is counted in the registry that is given.
Without files the registry is synthetic.

Registry rows: `id, name, address, country, os_id`. Query rows: those without `id`, plus `qid, kind,
truth[], also[], answerable, soft, fid` (docs/matching.md). `--decisions` takes what reviewers have
decided, in the query rows' format: `name, address, country, os_id, truth, answerable`; `truth` is
empty and `answerable` false when they refused everything that was shown. They are learnt from and
counted like query rows, and lie in one fold with all else that was asked about their factory.

The figures that are printed come from nested cross-validation over factories (`nested`): no model,
no score and no threshold has seen the factory it is judged by. Needs requirements-train.txt; the
product does not.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Sequence
from pathlib import Path

from bench.matching.files import facilities, read_cases, read_registry
from bench.matching.generate import benchmark
from chalicelib.matching.background import Background
from chalicelib.matching.model import WEIGHTS

from .nested import Judged, Nested
from .report import at, figures, print_report, print_small
from .samples import SEED, Sample, decided, doubles_of, made_cases, said, samples, small_samples
from .thresholds import review_threshold, shipped_threshold
from .weights import write_weights

MADE = 3_000
_SYNTHETIC = (10_000, 3_000)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.train_matcher",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--registry", type=Path, help="registry rows (default: synthetic)")
    parser.add_argument("--queries", type=Path, help="query rows with their answers")
    parser.add_argument("--decisions", type=Path, help="what reviewers decided")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--abroad", metavar="CC", help="only judge a country none was learnt from")
    parser.add_argument("--made", type=int, default=MADE, help="factories the generator asks about")
    return parser.parse_args(given)


def main(arguments: Sequence[str] | None = None) -> None:
    given = _arguments(arguments)
    gc.disable()  # nearly all that is made lives to the end; looking for garbage doubles the time
    if given.registry and given.queries:
        rows, cases = list(read_registry(given.registry)), list(read_cases(given.queries))
    else:
        made = benchmark(*_SYNTHETIC, SEED)
        rows, cases = made.rows, made.cases
    if given.decisions:
        cases += decided(given.decisions)
    said(f"{len(rows)} facilities, {len(cases)} queries")
    background = Background.of(facilities(rows))
    doubles = doubles_of(rows)
    data = samples(rows, cases, made_cases(rows, given.made), doubles)
    data += small_samples(rows, cases, doubles, background)
    nested = Nested(data, given.abroad)
    judged = nested.evaluated()
    if given.abroad:
        print_report(figures(_whole(judged), 0.0))
    else:
        ship(nested, judged, background, given.out)


def _whole(judged: Sequence[tuple[Sample, Judged]]) -> list[tuple[Sample, Judged]]:
    return [(one, seen) for one, seen in judged if not one.size]


def _threshold(judged: Sequence[tuple[Sample, Judged]]) -> float:
    return round(shipped_threshold({seen.threshold for _, seen in judged}), 6)


def ship(
    nested: Nested, judged: Sequence[tuple[Sample, Judged]], background: Background, out: Path
) -> None:
    """Write the weights that learnt from everything, and print what was found on the way."""
    whole = _whole(judged)
    small = [(one, seen) for one, seen in judged if one.size]
    matched_from, small_from = _threshold(whole), _threshold(small)
    answerable = [seen.ranking.pair for one, seen in whole if one.case.answerable]
    review_from = review_threshold(answerable)
    counted = figures(whole, review_from)
    settings = write_weights(
        out,
        nested.shipped,
        background,
        {
            "matched_from": matched_from,
            "matched_from_small": small_from,
            "review_from": round(review_from, 6),
            "cross_validation": {
                key: counted["all"].figures()[key]
                for key in ("precision_matched", "precision_ci95", "recall_matched", "wrong")
            },
        },
    )
    print_report(counted)
    print("\nat the shipped thresholds")
    for name, tally in figures(at(whole, matched_from), review_from).items():
        print(f"{name:20s} {json.dumps(tally.figures())}")
    print("\nsmall registries, nested thresholds; at the shipped one")
    print_small(small)
    print_small(at(small, small_from))
    print(
        f"\nversion {settings['version']}, seed {SEED}, matched from {matched_from}, "
        f"small {small_from}"
    )


if __name__ == "__main__":
    main()
