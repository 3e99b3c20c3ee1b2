"""All leaves of the tree: every root is built anew from them, and what was left out is seen."""

import re
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from verifier.chains import Chain
from verifier.heads import Heads
from verifier.merkle import GrowingTree, leaf_hash
from verifier.reading import CannotRead, Checked, Malformed, Measured, parsed
from verifier.report import Finding, Report
from verifier.signed import canonical

_LARGEST_FILE = 1 << 40


class Leaves:
    """The leaves by chain, in a file that is thrown away: there may be many millions."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="verifier-")
        self._database = sqlite3.connect(Path(self._folder.name) / "leaves")
        self._database.execute(
            "CREATE TABLE leaf (chain TEXT, seq INTEGER, hash TEXT, number INTEGER,"
            " PRIMARY KEY (chain, seq)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def read(self, paths: Iterable[Path], heads: Heads, report: Report) -> None:
        """Read the files `leaves-<tree size>.jsonl`, from the first on; compare every root."""
        tree = GrowingTree()
        for path in sorted(paths, key=_size_in_name):
            try:
                self._read_one(path, tree, heads, report)
            except Malformed as reason:
                report.add(Finding("leaves", f"{path.name}: {reason}"))
                break
        missing = [size for size in heads.by_size if size > tree.size]
        if missing:
            report.notes.append(f"leaves of {len(missing)} heads are not here")
        report.leaves = tree.size

    def _read_one(self, path: Path, tree: GrowingTree, heads: Heads, report: Report) -> None:
        try:
            file = path.open("rb")
        except OSError as error:
            raise CannotRead(f"{path} cannot be read") from error
        with file:
            for line in Measured(file, path.name, _LARGEST_FILE).lines():
                self._add(line, tree, report)
                head = heads.by_size.get(tree.size)
                if head is not None and head.root != tree.root:
                    raise Malformed(f"the head of {tree.size} leaves has another root")
        if tree.size != _size_in_name(path):
            raise Malformed(f"ends at {tree.size} leaves")

    def _add(self, line: bytes, tree: GrowingTree, report: Report) -> None:
        found = Checked(parsed(line), "the leaf")
        leaf = (found.hash("chain"), found.number("seq"), found.hash("hash"))
        tree.add(leaf_hash(canonical(found.value)))
        try:
            self._database.execute("INSERT INTO leaf VALUES (?, ?, ?, ?)", (*leaf, tree.size))
        except sqlite3.IntegrityError:
            detail = f"leaf {tree.size - 1} is a second entry {leaf[1]} of one chain"
            report.add(Finding("chain_fork", detail, seq=leaf[1]))

    def finding(self, chain: Chain, tree_size: int) -> Finding | None:
        """What of a chain is sealed under a tree of that size, and is not so in the export."""
        hashes, public_ref = chain.hashes, chain.public_ref
        rows = self._database.execute(
            "SELECT seq, hash FROM leaf WHERE chain = ? AND number <= ? ORDER BY seq",
            (hashes[0], tree_size),
        )
        for seq, sealed in rows:
            if seq > len(hashes):
                detail = f"entry {seq} is sealed and not here: the chain was cut"
                return Finding("cut_tail", detail, public_ref, len(hashes) + 1)
            if hashes[seq - 1] != sealed:
                detail = "another entry was sealed in its place"
                return Finding("chain_fork", detail, public_ref, seq)
        return None


def _size_in_name(path: Path) -> int:
    found = re.search(r"leaves-(\d{1,15})\.jsonl$", path.name)
    if found is None:
        raise CannotRead(f"{path} is not named leaves-<tree size>.jsonl")
    return int(found[1])
