"""The verifier's arithmetic against the service's, which was written apart from it."""

from random import Random

import pytest

from chalicelib.domain.record.merkle import leaf_hash
from tests.domain.record.test_merkle import CONSISTENCY, INCLUSION, LEAVES, ROOTS
from tests.domain.trees import Tree
from verifier import merkle

SIZE = 70
TREE = Tree(merkle.leaf_hash(str(number).encode()) for number in range(SIZE))
SEED = 9162


def proof(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(node) for node in path]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_published_audit_paths_are_accepted(index: int, size: int, path: list[str]) -> None:
    leaf, root = merkle.leaf_hash(LEAVES[index]), bytes.fromhex(ROOTS[size])
    assert merkle.is_included(leaf, index, size, proof(path), root)


@pytest.mark.parametrize(("earlier", "size", "path"), CONSISTENCY)
def test_published_consistency_proofs_are_accepted(
    earlier: int, size: int, path: list[str]
) -> None:
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert merkle.is_beginning(earlier, roots[earlier], size, roots[size], proof(path))


def test_every_true_proof_of_every_small_tree_is_accepted() -> None:
    for size in range(1, SIZE + 1):
        root = TREE.root(size)
        for index in range(size):
            path = TREE.inclusion(index, size)
            assert merkle.is_included(TREE.leaves[index], index, size, path, root)
        for earlier in range(1, size + 1):
            path = TREE.consistency(earlier, size)
            assert merkle.is_beginning(earlier, TREE.root(earlier), size, root, path)


def changed(path: list[bytes], drawn: Random) -> list[list[bytes]]:
    """Proofs that are not this one: nodes changed, left out, doubled, swapped, added."""
    found = []
    for at, node in enumerate(path):
        other = bytes([node[0] ^ 1]) + node[1:]
        found += [[*path[:at], other, *path[at + 1 :]], [*path[:at], *path[at + 1 :]]]
        found.append([*path[:at], node, *path[at:]])
    if len(path) > 1:
        one, two = drawn.sample(range(len(path)), 2)
        swapped = list(path)
        swapped[one], swapped[two] = swapped[two], swapped[one]
        found.append(swapped)
    return [*found, [*path, bytes(32)], [bytes(32), *path]]


def test_no_changed_proof_is_accepted() -> None:
    drawn = Random(SEED)
    for size in range(2, SIZE):
        root, index = TREE.root(size), drawn.randrange(size)
        leaf = TREE.leaves[index]
        for path in changed(TREE.inclusion(index, size), drawn):
            assert not merkle.is_included(leaf, index, size, path, root), f"seed {SEED}"
        earlier = drawn.randrange(1, size)
        before = TREE.root(earlier)
        for path in changed(TREE.consistency(earlier, size), drawn):
            assert not merkle.is_beginning(earlier, before, size, root, path), f"seed {SEED}"


def test_a_proof_is_of_one_leaf_one_place_one_size_and_one_root() -> None:
    for size in range(2, 40):
        root = TREE.root(size)
        for index in range(size):
            leaf, path = TREE.leaves[index], TREE.inclusion(index, size)
            other = (index + 1) % size
            assert not merkle.is_included(TREE.leaves[other], index, size, path, root)
            assert not merkle.is_included(leaf, other, size, path, root)
            assert not merkle.is_included(leaf, index, size, path, TREE.root(size - 1))
            assert not merkle.is_included(leaf, size, size, path, root)
            assert not merkle.is_included(leaf, -1, size, path, root)
        for earlier in range(1, size):
            path, before = TREE.consistency(earlier, size), TREE.root(earlier)
            assert not merkle.is_beginning(earlier, TREE.root(size), size, root, path)
            assert not merkle.is_beginning(size, root, earlier, before, path)
            assert not merkle.is_beginning(0, before, size, root, path)
            assert not merkle.is_beginning(earlier, before, size, root, [])


def test_equal_sizes_have_equal_roots_and_nothing_to_prove() -> None:
    root = TREE.root(7)
    assert merkle.is_beginning(7, root, 7, root, [])
    assert not merkle.is_beginning(7, root, 7, TREE.root(6), [])
    assert not merkle.is_beginning(7, root, 7, root, [root])


def test_a_growing_tree_has_the_root_of_each_size() -> None:
    growing = merkle.GrowingTree()
    for size in range(SIZE + 1):
        assert growing.root == TREE.root(size)
        if size < SIZE:
            growing.add(TREE.leaves[size])


def test_both_sides_hash_alike() -> None:
    assert merkle.leaf_hash(b"ab") == leaf_hash(b"ab")
