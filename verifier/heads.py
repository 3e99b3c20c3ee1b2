"""The published heads: each signed, each following the one before, none beside another."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from verifier.merkle import is_beginning
from verifier.reading import CannotRead, Checked, Malformed, document, parsed
from verifier.report import Finding, Report
from verifier.signed import TREE_HEAD, Keys, statement

_SIGNED = ("key_id", "previous", "root", "sealed_at", "tree_size")


class Head(NamedTuple):
    """A tree head: what it says, and the proof that the tree before is its beginning."""

    tree_size: int
    root: bytes
    previous: str
    hash: str
    sealed_at: datetime
    consistency: list[bytes]


def head_of(value: Any, keys: Keys) -> Head:
    """A head whose signature is good. Malformed otherwise."""
    found = Checked(value, "the tree head")
    signed = {name: found.value.get(name) for name in _SIGNED}
    size, root = found.number("tree_size"), found.hash("root")
    previous, key_id = found.hash("previous"), found.hash("key_id")
    sealed_at = found.time("sealed_at")
    content = statement(TREE_HEAD, signed)
    if key_id not in keys:
        raise Malformed(f"the head of {size} leaves is signed with another key")
    if not keys.have_signed(key_id, content, found.text("signature")):
        raise Malformed(f"the signature of the head of {size} leaves is wrong")
    proof = found.path("consistency")
    own_hash = hashlib.sha256(content).hexdigest()
    return Head(size, bytes.fromhex(root), previous, own_hash, sealed_at, proof)


class Heads:
    """The heads that were published, by tree size."""

    def __init__(self) -> None:
        self.by_size: dict[int, Head] = {}

    def read(self, paths: Iterable[Path], keys: Keys, report: Report) -> None:
        """Read lists of heads: pages as the API gives them, JSON lists, or JSON Lines."""
        for path in paths:
            try:
                for value in _values(path):
                    self._add(head_of(value, keys), report)
            except Malformed as reason:
                report.add(Finding("heads", str(reason)))
        report.heads = len(self.by_size)

    def _add(self, head: Head, report: Report) -> None:
        other = self.by_size.setdefault(head.tree_size, head)
        if other.hash != head.hash:
            detail = f"there are two different heads of {head.tree_size} leaves"
            report.add(Finding("head_fork", detail))

    def check(self, report: Report) -> None:
        """Whether each head follows the one before it, and its tree begins with that one's."""
        ordered = [self.by_size[size] for size in sorted(self.by_size)]
        if ordered and ordered[0].previous != "0" * 64:
            report.notes.append(f"the list of heads begins at {ordered[0].tree_size} leaves")
        for before, head in pairwise(ordered):
            self._check_one(before, head, report)

    def _check_one(self, before: Head, head: Head, report: Report) -> None:
        names = f"the head of {head.tree_size} leaves and the one of {before.tree_size}"
        if head.previous != before.hash:
            report.add(Finding("head_chain", f"{names}: the later does not name the earlier"))
        elif not is_beginning(
            before.tree_size, before.root, head.tree_size, head.root, head.consistency
        ):
            report.add(Finding("head_consistency", f"{names}: the tree was changed in between"))


def _values(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            content = document(file, str(path))
    except OSError as error:
        raise CannotRead(f"{path} cannot be read") from error
    try:
        yield from _of_document(parsed(content))
    except Malformed:
        for line in content.splitlines():
            yield from _of_document(parsed(line))


def _of_document(value: Any) -> list[Any]:
    """The heads in a page, in a list of heads or of pages, or the one head."""
    if isinstance(value, list):
        return [head for part in value for head in _of_document(part)]
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        return list(value["items"])
    return [value]
