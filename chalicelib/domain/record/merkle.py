"""The Merkle tree of RFC 6962, section 2.1: hashes, and the proofs that go with them.

Nothing here holds a tree. `Nodes` says the hash of a complete subtree, from wherever it is kept:
`nodes(level, index)` covers the leaves from `index * 2**level` up to `(index + 1) * 2**level`.
Who reads a proof checks it with code of its own (`verifier/`), never with this.
"""

import hashlib
from collections.abc import Callable, Sequence

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf. The prefix keeps a leaf from ever being taken for a node."""
    return hashlib.sha256(LEAF_PREFIX + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a number of hashes that is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def root(size: int, nodes: Nodes) -> bytes:
    """The hash of the whole tree (MTH) when it has `size` leaves."""
    return _subtree(0, size, nodes) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, lowest first (PATH, 2.1.1).

    ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_subtree(middle, end, nodes))
            end = middle
        else:
            path.append(_subtree(begin, middle, nodes))
            begin = middle
    return path[::-1]


def consistency_path(earlier: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `size` leaves begins with the one of `earlier` (PROOF, 2.1.2).

    Empty where there is nothing to prove: from no leaves, or to the same tree. ValueError where
    the earlier tree is the larger one.
    """
    if not 0 <= earlier <= size:
        raise ValueError("not an earlier tree")
    if earlier in (0, size):
        return []
    path: list[bytes] = []
    begin, end = 0, size
    while end != earlier:
        middle = begin + _split(end - begin)
        if earlier <= middle:
            path.append(_subtree(middle, end, nodes))
            end = middle
        else:
            path.append(_subtree(begin, middle, nodes))
            begin = middle
    if begin:  # the earlier tree's own root is known to whoever asks
        path.append(_subtree(begin, end, nodes))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(begin: int, end: int, nodes: Nodes) -> bytes:
    size = end - begin
    if size & (size - 1) == 0:
        return nodes(size.bit_length() - 1, begin // size)
    middle = begin + _split(size)
    return node_hash(_subtree(begin, middle, nodes), _subtree(middle, end, nodes))
