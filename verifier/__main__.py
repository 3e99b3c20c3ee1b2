"""Check an export against the sealed ledger, without the service.

    python -m verifier EXPORT --key key.pem --heads heads.json [--leaves leaves-*.jsonl] [--json]

EXPORT is a directory with manifest.json, proofs.jsonl and the file of rows, or a zip of them.
--key is the public key (GET /v1/ledger/key), --heads the published heads (GET /v1/ledger/heads, all
pages); either may be given several times. With --leaves (GET /v1/ledger/heads/{tree_size}/leaves,
all of them) every root is built anew, and an entry that was left out of the export is found.

Ends with 0 where everything holds, 1 where something does not, 2 where it could not be checked.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from verifier.export import check_export
from verifier.heads import Heads
from verifier.leaves import Leaves
from verifier.reading import CannotRead, Folder
from verifier.report import Report
from verifier.signed import Keys

OK, BAD, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name; the exit code."""
    given = _parser().parse_args(arguments)
    try:
        report = checked(given.export, given.key, given.heads, given.leaves)
    except CannotRead as reason:
        print(reason, file=sys.stderr)
        return USAGE
    print(json.dumps(report.plain(), indent=1) if given.json else report.text())
    return OK if report.is_good else BAD


def checked(
    export: Path, keys: Sequence[Path], heads: Sequence[Path], leaves: Sequence[Path] = ()
) -> Report:
    """The report on an export. Raises CannotRead."""
    report, known = Report(), Keys(keys)
    published = Heads()
    published.read(heads, known, report)
    published.check(report)
    with ExitStack() as stack:
        all_leaves = stack.enter_context(Leaves()) if leaves else None
        if all_leaves is not None:
            all_leaves.read(leaves, published, report)
        check_export(Folder(export), known, published if heads else None, all_leaves, report)
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verifier",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("export", type=Path, help="directory or zip")
    parser.add_argument("--key", type=Path, action="append", required=True, help="PEM")
    parser.add_argument("--heads", type=Path, action="append", default=[], help="JSON")
    parser.add_argument("--leaves", type=Path, nargs="+", default=[], help="leaves-<size>.jsonl")
    parser.add_argument("--json", action="store_true", help="a JSON report")
    return parser


if __name__ == "__main__":
    sys.exit(main())
