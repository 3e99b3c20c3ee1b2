"""S6: whatever is done to an export, its proofs or the heads is found, and the place is named.

Each tampering is done at the first, a middle and the last place, by an `outsider`, who changes
files, and by an `insider`, who holds the signing key and has the manifest signed anew.
"""

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.record.merkle import leaf_hash
from chalicelib.domain.record.seal import TREE_HEAD, statement_of
from tests.domain.trees import Tree
from tests.verifier.world import (
    CASES,
    ENTRIES,
    Files,
    first_bad,
    found_in,
    rechained,
    rehashed,
    verified,
)
from verifier.__main__ import checked

Entries = list[dict[str, Any]]
POSITIONS = {"first": 0, "middle": 2, "last": ENTRIES - 1}
WHO = ("outsider", "insider")
VICTIM = 1
"""The case whose chain is tampered with."""


def flip(entries: Entries, at: int) -> int:
    entries[at]["data"] = {**entries[at]["data"], "visibility": "brand"}
    return at + 1


def flip_time(entries: Entries, at: int) -> int:
    entries[at]["at"] = "2026-11-21T08:00:00.000Z"
    return at + 1


def flip_actor(entries: Entries, at: int) -> int:
    entries[at]["actor"] = "system"
    return at + 1


def flip_hash(entries: Entries, at: int) -> int:
    entries[at]["hash"] = "1" * 64
    return at + 1


def drop(entries: Entries, at: int) -> int:
    del entries[at]
    return at + 1


def swap(entries: Entries, at: int) -> int:
    other = at + 1 if at + 1 < len(entries) else at - 1
    entries[at], entries[other] = entries[other], entries[at]
    return min(at, other) + 1


def duplicate(entries: Entries, at: int) -> int:
    entries.insert(at, entries[at])
    return at + 2


def insert(entries: Entries, at: int) -> int:
    """An entry that fits what is before it; nothing after it fits."""
    forged = {**entries[at], "data": {**entries[at]["data"], "forged": True}}
    entries.insert(at, rehashed(forged))
    return at + 2


def reword(entries: Entries, at: int) -> int:
    """The same in place of an entry: it is found at the next one, or by its place in the tree."""
    entries[at] = rehashed({**entries[at], "data": {**entries[at]["data"], "forged": True}})
    return min(at + 2, ENTRIES)


def cut_tail(entries: Entries, at: int) -> int:
    del entries[at:]
    return at + 1


def extra_field(entries: Entries, at: int) -> int:
    entries[at]["note"] = "x"
    return at + 1


def large_number(entries: Entries, at: int) -> int:
    entries[at]["data"] = {"number": 2**60}
    return at + 1


CHAIN = (
    flip,
    flip_time,
    flip_actor,
    flip_hash,
    drop,
    swap,
    duplicate,
    insert,
    reword,
    cut_tail,
    extra_field,
    large_number,
)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("act", CHAIN, ids=lambda act: act.__name__)
def test_a_chain_that_was_tampered_with_is_found_and_the_first_bad_entry_named(
    files: Files,
    tmp_path: Path,
    tampered: dict[str, int],
    act: Callable[[Entries, int], int],
    position: str,
    who: str,
) -> None:
    proof = files.proofs[VICTIM]
    bad = act(proof["entries"], POSITIONS[position])
    if who == "insider":
        if proof["entries"]:
            files.rows[VICTIM]["entry_hash"] = proof["entries"][-1]["hash"]
        files.sign_manifest()

    report = verified(files, tmp_path)

    assert first_bad(report, proof["public_ref"]) == bad
    others = {found.public_ref for found in report.findings} - {proof["public_ref"], None}
    assert others == set()
    _count(tampered, "chains", who)


def _count(tampered: dict[str, int], what: str, who: str) -> None:
    name = f"{what} ({who})"
    tampered[name] = tampered.get(name, 0) + 1


# A chain that was written anew from some entry on: it holds, and the row agrees


@pytest.mark.parametrize("position", POSITIONS)
def test_a_chain_that_was_forged_to_its_end_is_found_by_the_tree(
    files: Files, tmp_path: Path, tampered: dict[str, int], position: str
) -> None:
    at, proof = POSITIONS[position], files.proofs[VICTIM]
    entries = copy.deepcopy(proof["entries"])
    entries[at]["data"] = {**entries[at]["data"], "forged": True}
    proof["entries"] = rechained(entries)
    files.rows[VICTIM]["entry_hash"] = proof["entries"][-1]["hash"]
    files.sign_manifest()

    without = verified(files, tmp_path / "without")
    with_leaves = verified(files, tmp_path / "with", leaves=True)

    ref = proof["public_ref"]
    assert ("inclusion", ref, ENTRIES) in found_in(without)
    assert ("inclusion", ref, ENTRIES) in found_in(with_leaves)
    if at:  # another first entry makes it another chain, of which nothing is sealed
        assert ("chain_fork", ref, at + 1) in found_in(with_leaves)
    _count(tampered, "forks of a chain", "insider")


@pytest.mark.parametrize("kept", range(1, ENTRIES))
def test_a_tail_cut_with_a_true_proof_of_an_older_entry_is_found_against_the_anchored_tree(
    files: Files, tmp_path: Path, tampered: dict[str, int], kept: int
) -> None:
    """The most a dishonest service can do: nothing in the export contradicts itself."""
    proof = files.proofs[VICTIM]
    del proof["entries"][kept:]
    last = proof["entries"][-1]["hash"]
    proof["sealed"] = files.place_of(last)
    files.rows[VICTIM]["entry_hash"] = last
    files.sign_manifest()

    assert verified(files, tmp_path / "without").is_good  # docs/verify.md says so
    report = verified(files, tmp_path / "with", leaves=True)

    assert found_in(report) == {("cut_tail", proof["public_ref"], kept + 1)}
    _count(tampered, "tails cut against the anchored tree", "insider")


# Rows, proofs, and what goes with them


def row_flip(files: Files, at: int) -> None:
    files.rows[at]["state"] = "closed"


def row_hash(files: Files, at: int) -> None:
    files.rows[at]["entry_hash"] = "1" * 64


def row_drop(files: Files, at: int) -> None:
    del files.rows[at]


def row_swap(files: Files, at: int) -> None:
    other = (at + 1) % CASES
    files.rows[at], files.rows[other] = files.rows[other], files.rows[at]


def row_duplicate(files: Files, at: int) -> None:
    files.rows.insert(at, files.rows[at])


def row_insert(files: Files, at: int) -> None:
    files.rows.insert(at, {**files.rows[at], "public_ref": "2026-0000-0000-0000"})


def row_renamed(files: Files, at: int) -> None:
    files.rows[at]["public_ref"] = "2026-0000-0000-0000"
    files.proofs[at]["public_ref"] = "2026-0000-0000-0000"


def proof_drop(files: Files, at: int) -> None:
    del files.proofs[at]


def proof_swap(files: Files, at: int) -> None:
    other = (at + 1) % CASES
    files.proofs[at], files.proofs[other] = files.proofs[other], files.proofs[at]


def proof_duplicate(files: Files, at: int) -> None:
    files.proofs.insert(at, files.proofs[at])


def proof_emptied(files: Files, at: int) -> None:
    files.proofs[at]["entries"] = []


def proof_cut_tail(files: Files, at: int) -> None:
    del files.proofs[at:]


def chain_of_another_case(files: Files, at: int) -> None:
    other = files.proofs[(at + 1) % CASES]
    files.proofs[at] |= {"entries": other["entries"], "sealed": other["sealed"]}
    files.rows[at]["entry_hash"] = other["entries"][-1]["hash"]


def path_flip(files: Files, at: int) -> None:
    files.proofs[at]["sealed"]["path"][0] = "1" * 64


def path_drop(files: Files, at: int) -> None:
    files.proofs[at]["sealed"]["path"].pop()


def path_swap(files: Files, at: int) -> None:
    path = files.proofs[at]["sealed"]["path"]
    path[0], path[1] = path[1], path[0]


def path_duplicate(files: Files, at: int) -> None:
    path = files.proofs[at]["sealed"]["path"]
    path.append(path[-1])


def leaf_moved(files: Files, at: int) -> None:
    sealed = files.proofs[at]["sealed"]
    sealed["leaf_index"] = (sealed["leaf_index"] + 1) % (CASES * ENTRIES)


def sealed_number(files: Files, at: int) -> None:
    files.proofs[at]["sealed"]["seq"] = ENTRIES - 1


def sealed_nonsense(files: Files, at: int) -> None:
    files.proofs[at]["sealed"] = {"seq": True, "leaf_index": -1, "path": ["x"]}


AN_INSIDER_MAY = {row_flip, row_drop, proof_cut_tail}
"""Rows are the service's own word, under its signature; only the chain proves what was entered."""

FILES = (
    row_flip,
    row_hash,
    row_drop,
    row_swap,
    row_duplicate,
    row_insert,
    row_renamed,
    proof_drop,
    proof_swap,
    proof_duplicate,
    proof_emptied,
    proof_cut_tail,
    chain_of_another_case,
    path_flip,
    path_drop,
    path_swap,
    path_duplicate,
    leaf_moved,
    sealed_number,
    sealed_nonsense,
)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("position", [0, 2, CASES - 1])
@pytest.mark.parametrize("act", FILES, ids=lambda act: act.__name__)
def test_rows_and_proofs_that_were_tampered_with_are_found(
    files: Files,
    tmp_path: Path,
    tampered: dict[str, int],
    act: Callable[[Files, int], None],
    position: int,
    who: str,
) -> None:
    act(files, position)
    if who == "insider":
        if act in AN_INSIDER_MAY:
            return
        files.sign_manifest()

    report = verified(files, tmp_path)

    assert not report.is_good
    if act.__name__.startswith(("path", "leaf", "sealed")):
        ref = files.proofs[position]["public_ref"]
        assert {"inclusion"} <= {f.check for f in report.findings if f.public_ref == ref}
    _count(tampered, "rows and proofs", who)


@pytest.mark.parametrize(
    "change",
    [
        {"row_count": CASES + 1},
        {"sha256": "1" * 64},
        {"bytes": 1},
        {"file": "../cases.csv"},
        {"file": "cases.exe"},
        {"generated_at": "2026-11-20T08:00:00Z"},
        {"request": {}},
        {"signature": ""},
        {"signature": "bm8="},
        {"key_id": "1" * 64},
        {"proofs": None},
        {"proofs": {"file": "proofs.jsonl", "bytes": 1, "sha256": "1" * 64, "sealed": 0}},
        {"tree_head": None},
        {"tree_head": {}},
        {"tree_head": []},
    ],
    ids=lambda change: ",".join(f"{k}={str(v)[:12]}" for k, v in change.items()),
)
def test_a_manifest_that_was_tampered_with_is_found(
    files: Files, tmp_path: Path, tampered: dict[str, int], change: dict[str, Any]
) -> None:
    files.manifest |= change

    assert not verified(files, tmp_path).is_good
    _count(tampered, "manifests", "outsider")


# Heads


def head_root(files: Files, at: int) -> None:
    files.heads[at]["root"] = "1" * 64


def head_size(files: Files, at: int) -> None:
    files.heads[at]["tree_size"] += 1


def head_time(files: Files, at: int) -> None:
    files.heads[at]["sealed_at"] = "2026-11-20T08:00:00.000Z"


def head_previous(files: Files, at: int) -> None:
    files.heads[at]["previous"] = "1" * 64


def head_signature(files: Files, at: int) -> None:
    files.heads[at]["signature"] = files.heads[at - 1]["signature"]


def head_fork(files: Files, at: int) -> None:
    """Two heads of one size: a different tree is shown to somebody else."""
    forked = {**files.heads[at], "root": "1" * 64}
    files.sign_head(forked)
    files.heads.insert(at, forked)
    files.leaves.insert(at, [])


def head_consistency(files: Files, at: int) -> None:
    files.heads[at]["consistency"] = ["1" * 64]


HEADS = (
    head_root,
    head_size,
    head_time,
    head_previous,
    head_signature,
    head_fork,
    head_consistency,
)
SIGNED_ANEW = {head_root, head_size, head_previous, head_time}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("act", HEADS, ids=lambda act: act.__name__)
def test_heads_that_were_tampered_with_are_found(
    files: Files,
    tmp_path: Path,
    tampered: dict[str, int],
    act: Callable[[Files, int], None],
    at: int,
    who: str,
) -> None:
    act(files, at)
    if who == "insider" and act in SIGNED_ANEW:
        files.sign_head(files.heads[at])

    report = verified(files, tmp_path)

    assert not report.is_good
    assert {f.check for f in report.findings} <= {
        "heads",
        "head_fork",
        "head_chain",
        "head_consistency",
        "tree_head_unpublished",
    }
    _count(tampered, "heads", who)


@pytest.mark.parametrize("at", [1, 2])
def test_a_head_that_is_missing_in_between_is_found(
    files: Files, tmp_path: Path, tampered: dict[str, int], at: int
) -> None:
    del files.heads[at]
    del files.leaves[at]

    report = verified(files, tmp_path)

    assert {f.check for f in report.findings} == {"head_chain"}
    _count(tampered, "heads", "outsider")


def test_heads_cut_at_their_end_do_not_hold_the_head_of_the_export(
    files: Files, tmp_path: Path, tampered: dict[str, int]
) -> None:
    del files.heads[-1]

    report = verified(files, tmp_path)

    assert {f.check for f in report.findings} == {"tree_head_unpublished"}
    _count(tampered, "heads", "outsider")


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_tree_that_was_rewritten_and_sealed_anew_is_no_continuation_of_the_one_before(
    files: Files, tmp_path: Path, tampered: dict[str, int], kept: int
) -> None:
    """The whole service against an auditor who kept one old head."""
    rewritten = files.copied()
    rewritten.leaves[0][0]["hash"] = "1" * 64
    _seal_anew(rewritten)
    rewritten.write(tmp_path / "theirs")
    files.heads = files.heads[:kept]
    files.write(tmp_path / "kept")
    theirs = tmp_path / "theirs"

    heads = [theirs / "heads.json", tmp_path / "kept" / "heads.json"]
    report = checked(theirs, [theirs / "key.pem"], heads)

    assert "head_fork" in {f.check for f in report.findings}
    _count(tampered, "rewritten trees", "insider")


def _seal_anew(files: Files) -> None:
    """Heads over the leaves as they are now, each following the one before."""
    tree, size, previous = files.tree, 0, "0" * 64
    for head, leaves in zip(files.heads, files.leaves, strict=True):
        before, size = size, size + len(leaves)
        proof = tree.consistency(before, size)
        head |= {"root": tree.root(size).hex(), "previous": previous}
        head["consistency"] = [node.hex() for node in proof]
        files.sign_head(head)
        names = ("key_id", "previous", "root", "sealed_at", "tree_size")
        signed = statement_of(TREE_HEAD, {name: head[name] for name in names})
        previous = hashlib.sha256(signed).hexdigest()
    files.manifest["tree_head"] = files.heads[-1]
    files.sign_manifest()


# Leaves


def leaf_flip(leaves: list[Any], at: int) -> None:
    leaves[at]["hash"] = "1" * 64


def leaf_drop(leaves: list[Any], at: int) -> None:
    del leaves[at]


def leaf_swap(leaves: list[Any], at: int) -> None:
    leaves[at], leaves[at - 1] = leaves[at - 1], leaves[at]


def leaf_duplicate(leaves: list[Any], at: int) -> None:
    leaves.insert(at, leaves[at])


def leaf_nonsense(leaves: list[Any], at: int) -> None:
    leaves[at] = {"chain": 1}


LEAVES = (leaf_flip, leaf_drop, leaf_swap, leaf_duplicate, leaf_nonsense)


@pytest.mark.parametrize("part", [0, 1, 3])
@pytest.mark.parametrize("act", LEAVES, ids=lambda act: act.__name__)
def test_leaves_that_were_tampered_with_are_found(
    files: Files,
    tmp_path: Path,
    tampered: dict[str, int],
    act: Callable[[list[Any], int], None],
    part: int,
) -> None:
    act(files.leaves[part], 2)

    report = verified(files, tmp_path, leaves=True)

    assert "leaves" in {f.check for f in report.findings}
    _count(tampered, "leaves", "outsider")


def test_two_entries_of_one_number_in_one_chain_are_a_fork_of_it(
    files: Files, tmp_path: Path, tampered: dict[str, int]
) -> None:
    """The service seals a second version of an entry, and shows each to somebody else."""
    victim = files.proofs[VICTIM]
    forged = {"chain": victim["entries"][0]["hash"], "hash": "1" * 64, "seq": 3}
    files.leaves[-1].append(forged)
    files.heads[-1]["tree_size"] += 1
    _seal_anew(files)
    for proof in files.proofs:
        proof["sealed"] = files.place_of(proof["entries"][-1]["hash"])
    files.sign_manifest()

    assert verified(files, tmp_path / "without").is_good
    report = verified(files, tmp_path / "with", leaves=True)

    assert found_in(report) == {("chain_fork", None, 3)}
    _count(tampered, "forks of a chain", "insider")


def test_the_tree_of_the_test_is_the_tree_of_the_service(files: Files) -> None:
    """Else a forgery here would be found for being a bad one."""
    assert files.heads[-1]["root"] == files.tree.root(CASES * ENTRIES).hex()
    leaf = files.leaves[0][0]
    assert Tree([leaf_hash(canonical(leaf).encode())]).root(1) == files.tree.root(1)
    proof = files.proofs[VICTIM]
    assert proof["sealed"] == files.place_of(proof["entries"][-1]["hash"])
