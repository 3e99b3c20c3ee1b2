"""The chain of one case: the first entry that is not as it was made, and its place in the tree."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from verifier.heads import Head
from verifier.merkle import is_included, leaf_hash
from verifier.reading import Checked, Malformed
from verifier.report import Finding
from verifier.signed import canonical

_CONTENT = frozenset({"seq", "at", "actor", "action", "data", "prev_hash"})
_GENESIS = "0" * 64


class Chain(NamedTuple):
    """A chain as far as it holds: the hashes of its entries, and what is wrong, if anything."""

    public_ref: str
    hashes: Sequence[str]
    times: Sequence[datetime]
    finding: Finding | None


def chain_of(public_ref: str, entries: Sequence[Any]) -> Chain:
    """The entries up to the first bad one."""
    hashes: list[str] = []
    times: list[datetime] = []
    for entry in entries:
        seq = len(hashes) + 1
        try:
            found = Checked(entry, "the entry")
            actual = _checked(found, seq, hashes[-1] if hashes else _GENESIS)
            times.append(found.time("at"))
            if seq == 1:
                _names_its_case(entry, public_ref)
        except Malformed as reason:
            return Chain(public_ref, hashes, times, Finding("entry", str(reason), public_ref, seq))
        hashes.append(actual)
    finding = None if hashes else Finding("entry", "there is no entry", public_ref, 1)
    return Chain(public_ref, hashes, times, finding)


def _checked(found: Checked, seq: int, before: str) -> str:
    """The hash of an entry that is number `seq` and follows `before`. Malformed otherwise."""
    if found.value.keys() != _CONTENT | {"hash"}:
        raise Malformed("has other fields than an entry has")
    if found.number("seq") != seq:
        raise Malformed("is missing, or stands at another place")
    if found.hash("prev_hash") != before:
        raise Malformed("does not follow the entry before")
    content = {name: value for name, value in found.value.items() if name != "hash"}
    actual = leaf_hash(canonical(content)).hex()
    if actual != found.hash("hash"):
        raise Malformed("was changed: its hash is another one")
    return actual


def _names_its_case(entry: Any, public_ref: str) -> None:
    if Checked(entry.get("data"), "data of the first entry").value.get("public_ref") != public_ref:
        raise Malformed("is the first entry of another case")


def place_finding(chain: Chain, sealed: Any, head: Head | None) -> Finding | None:
    """What is wrong with the place in the tree that a proof claims; None where it holds."""
    try:
        found = Checked(sealed, "the place in the tree")
        seq, index = found.number("seq"), found.number("leaf_index")
        path = found.path("path")
    except Malformed as reason:
        return Finding("inclusion", str(reason), chain.public_ref)
    if head is None:
        return Finding("inclusion", "no tree head goes with the proof", chain.public_ref, seq)
    if not 1 <= seq <= len(chain.hashes):
        detail = f"entry {seq} is sealed and not here: the chain was cut"
        return Finding("cut_tail", detail, chain.public_ref, len(chain.hashes) + 1)
    content = {"chain": chain.hashes[0], "hash": chain.hashes[seq - 1], "seq": seq}
    leaf = leaf_hash(canonical(content))
    if not is_included(leaf, index, head.tree_size, path, head.root):
        return Finding("inclusion", "the sealed tree holds something else", chain.public_ref, seq)
    return None
