"""An export: its signed manifest, its rows and their proofs, read side by side."""

import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from verifier.chains import Chain, chain_of, place_finding
from verifier.heads import Head, Heads, head_of
from verifier.leaves import Leaves
from verifier.reading import Checked, Folder, Malformed, Measured, document, parsed
from verifier.report import Finding, Report
from verifier.signed import EXPORT_MANIFEST, Keys, canonical, statement

LATEST = timedelta(days=3)
"""After this time an entry must have been sealed."""

SLACK = 1024 * 1024
"""Bytes that a file may be longer than the manifest says before nobody reads on."""

_ROWS_FILE = re.compile(r"cases\.(csv|jsonl)")


class Manifest(NamedTuple):
    """What the manifest says of the files."""

    rows_file: str
    rows_bytes: int
    rows_sha256: str
    row_count: int
    proofs_bytes: int
    proofs_sha256: str
    sealed: int
    tree_head: Any


class Evidence(NamedTuple):
    """What rows are checked against."""

    head: Head | None
    leaves: Leaves | None


def check_export(
    folder: Folder, keys: Keys, heads: Heads | None, leaves: Leaves | None, report: Report
) -> None:
    """Check an export. What is wrong goes into the report."""
    try:
        manifest = _manifest(folder, keys, report)
        head = _tree_head(manifest, keys, heads, report)
        _check_files(folder, manifest, Evidence(head, leaves), report)
    except Malformed as reason:
        report.add(Finding("export", str(reason)))


def _manifest(folder: Folder, keys: Keys, report: Report) -> Manifest:
    with folder.open("manifest.json") as file:
        found = Checked(parsed(document(file, "manifest.json")), "the manifest")
    proofs = Checked(found.value.get("proofs"), "the proofs in the manifest")
    if not _ROWS_FILE.fullmatch(found.text("file")):
        raise Malformed("the manifest names no file of rows")
    unsigned = {name: value for name, value in found.value.items() if name != "signature"}
    digest = hashlib.sha256(canonical(unsigned)).hexdigest()
    signed = statement(EXPORT_MANIFEST, {"sha256": digest})
    if not keys.have_signed(found.hash("key_id"), signed, found.text("signature")):
        report.add(Finding("manifest_signature", "the manifest is not signed with this key"))
    return Manifest(
        rows_file=found.text("file"),
        rows_bytes=found.number("bytes"),
        rows_sha256=found.hash("sha256"),
        row_count=found.number("row_count"),
        proofs_bytes=proofs.number("bytes"),
        proofs_sha256=proofs.hash("sha256"),
        sealed=proofs.number("sealed"),
        tree_head=found.value.get("tree_head"),
    )


def _tree_head(manifest: Manifest, keys: Keys, heads: Heads | None, report: Report) -> Head | None:
    """The head that the proofs lead to. It must be one of those that everybody sees."""
    if manifest.tree_head is None:
        report.notes.append("the export was made before anything was sealed")
        return None
    try:
        head = head_of(manifest.tree_head, keys)
    except Malformed as reason:
        report.add(Finding("tree_head", str(reason)))
        return None
    if heads is None:
        report.notes.append("the tree head was not compared with published ones (--heads)")
        return head
    published = heads.by_size.get(head.tree_size)
    if published is None:
        detail = f"the head of {head.tree_size} leaves is not among the published ones"
        report.add(Finding("tree_head_unpublished", detail))
    elif published.hash != head.hash:
        detail = f"another head of {head.tree_size} leaves was published"
        report.add(Finding("head_fork", detail))
    return head


def _check_files(folder: Folder, manifest: Manifest, evidence: Evidence, report: Report) -> None:
    with folder.open(manifest.rows_file) as rows_raw, folder.open("proofs.jsonl") as proofs_raw:
        # A little more than there should be is read, so that what is wrong can be named.
        rows_file = Measured(rows_raw, manifest.rows_file, manifest.rows_bytes + SLACK)
        proofs_file = Measured(proofs_raw, "proofs.jsonl", manifest.proofs_bytes + SLACK)
        try:
            _check_pairs(_rows(rows_file, manifest.rows_file), proofs_file, evidence, report)
        except (OSError, EOFError, zipfile.BadZipFile, csv.Error, UnicodeError) as error:
            raise Malformed(f"a file cannot be read ({type(error).__name__})") from error
    if (rows_file.size, rows_file.sha256) != (manifest.rows_bytes, manifest.rows_sha256):
        report.add(Finding("rows_file", f"{manifest.rows_file} is not the file of the manifest"))
    if (proofs_file.size, proofs_file.sha256) != (manifest.proofs_bytes, manifest.proofs_sha256):
        report.add(Finding("proofs_file", "proofs.jsonl is not the file of the manifest"))
    if (report.rows, report.sealed_rows) != (manifest.row_count, manifest.sealed):
        report.add(Finding("row_count", "the manifest counts other rows than there are"))


def _rows(file: Measured, name: str) -> Iterator[tuple[str, str]]:
    """(public_ref, entry_hash) of each row."""
    if name.endswith(".csv"):
        reader = csv.DictReader((line.decode("utf-8") for line in file.lines()), strict=True)
        found: Iterator[Any] = iter(reader)
    else:
        found = (parsed(line) for line in file.lines())
    for row in found:
        checked = Checked(row, "the row")
        yield checked.text("public_ref"), checked.text("entry_hash")


def _check_pairs(
    rows: Iterator[tuple[str, str]], proofs: Measured, evidence: Evidence, report: Report
) -> None:
    seen = ""
    for row, line in zip_longest(rows, proofs.lines()):
        if row is None:
            raise Malformed("there are more proofs than rows")
        seen, entry_hash = row
        report.rows += 1
        if line is None:
            report.add(Finding("proofs", "there is no proof of this row", seen))
            continue
        try:
            _check_case(seen, entry_hash, line, evidence, report)
        except Malformed as reason:
            report.add(Finding("proofs", str(reason), seen))


def _check_case(
    public_ref: str, entry_hash: str, line: bytes, evidence: Evidence, report: Report
) -> None:
    proof = Checked(parsed(line), "the proof")
    if proof.text("public_ref") != public_ref:
        raise Malformed("the proof at this place is another case's")
    chain = chain_of(public_ref, proof.items("entries"))
    report.entries += len(chain.hashes)
    if chain.finding is not None:
        report.add(chain.finding)
        return
    place = _check_place(chain, proof.value.get("sealed"), evidence, report)
    if chain.hashes[-1] != entry_hash:
        detail = "the row ends with another entry than the chain"
        report.add(Finding("row_hash", detail, public_ref, _first_unsure(entry_hash, chain, place)))


def _first_unsure(entry_hash: str, chain: Chain, sealed: int) -> int:
    """The first entry on which the row and the chain may differ."""
    if entry_hash in chain.hashes:
        return chain.hashes.index(entry_hash) + 2
    return len(chain.hashes) + (sealed == len(chain.hashes))


def _check_place(chain: Chain, sealed: Any, evidence: Evidence, report: Report) -> int:
    """The number of the latest entry that is certain; 0 for none."""
    length, seq = len(chain.hashes), 0
    if sealed is not None:
        finding = place_finding(chain, sealed, evidence.head)
        if finding is None:
            seq = int(sealed["seq"])
        else:
            report.add(finding)
            if finding.check == "cut_tail":
                return length
    report.sealed_rows += seq == length
    if evidence.head is None:
        return seq
    if evidence.leaves is not None:
        left_out = evidence.leaves.finding(chain, evidence.head.tree_size)
        if left_out is not None:
            report.add(left_out)
    if sealed is None or seq:
        _check_age(chain, seq, evidence.head, report)
    return seq


def _check_age(chain: Chain, sealed: int, head: Head, report: Report) -> None:
    """What is not sealed must be new: the tree of a head holds everything that is much older."""
    if sealed < len(chain.times) and chain.times[sealed] < head.sealed_at - LATEST:
        detail = "was made long before the tree head, which does not cover it"
        report.add(Finding("unsealed", detail, chain.public_ref, sealed + 1))
