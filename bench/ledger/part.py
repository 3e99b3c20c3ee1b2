"""The part of the bench that speaks of the record: entries checked a second, bytes of a proof."""

import hashlib
import json
import tempfile
import time
from pathlib import Path

from bench.ledger.world import Sealed, chain, export, proof_line
from bench.report import Part, Sheet
from chalicelib.domain.record.merkle import consistency_path
from verifier.__main__ import checked

CASES = 4_000
LENGTH = 5
LEAVES = 1_000_000
_HASHED = "SHA-256 of an entry's bytes, nothing else"


def ledger_part(cases: int = CASES, leaves: int = LEAVES) -> Part:
    """Verify an export; build a tree of so many leaves and take proofs from it."""
    speed, proofs = verification(cases), proof_sizes(leaves)
    rows = [
        ["entries checked a second, whole verifier", f"{speed['entries_per_second']:,.0f}"],
        [f"times {_HASHED}", f"{speed['times_hashing']:.1f}"],
        [f"audit path in a tree of {leaves:,}", f"{proofs['path_hashes']} hashes"],
        ["the same as bytes, and in JSON", f"{proofs['path_bytes']:,}, {proofs['json_bytes']:,}"],
        [f"a case of {LENGTH} entries with its proof", f"{proofs['line_bytes']:,} bytes"],
        ["consistency proof from half of it", f"{proofs['consistency_hashes']} hashes"],
        ["tiles", f"{proofs['tiles']:,}"],
    ]
    sheet = Sheet("The record", ("what", "figure"), rows)
    return Part("ledger", {"verification": speed, "proofs": proofs}, [sheet])


def verification(cases: int) -> dict[str, float]:
    """How quick the verifier is, in CPU time, and beside plain hashing of the same bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-ledger-") as name:
        folder = Path(name)
        export(folder, cases, LENGTH)
        started = time.process_time()
        report = checked(folder, [folder / "key.pem"], [folder / "heads.json"])
        took = time.process_time() - started
        if not report.is_good or report.entries != cases * LENGTH:
            raise RuntimeError(report.text())
        lines = (folder / "proofs.jsonl").read_bytes().splitlines()
        started = time.process_time()
        for line in lines:
            for _ in range(LENGTH):
                hashlib.sha256(line[: len(line) // LENGTH]).digest()
        hashing = time.process_time() - started
    return {
        "entries": report.entries,
        "entries_per_second": report.entries / took,
        "times_hashing": took / hashing,
    }


def proof_sizes(leaves: int) -> dict[str, int]:
    """What a proof in a tree of so many leaves is made of."""
    sealed = Sealed(
        [hashlib.sha256(number.to_bytes(8, "big")).digest() for number in range(leaves)]
    )
    path = sealed.path(leaves // 3)
    place = {"seq": LENGTH, "leaf_index": leaves // 3, "path": path}
    return {
        "path_hashes": len(path),
        "path_bytes": 32 * len(path),
        "json_bytes": len(json.dumps(place, separators=(",", ":"))),
        "line_bytes": len(proof_line(0, chain(0, LENGTH), place)),
        "consistency_hashes": len(consistency_path(leaves // 2 + 1, leaves, sealed.nodes)),
        "tiles": len(sealed.tiles),
    }
