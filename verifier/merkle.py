"""Checks of Merkle proofs as RFC 9162 has them (2.1.3.2, 2.1.4.2), on the trees of RFC 6962."""

import hashlib
from collections.abc import Sequence


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf (and of a ledger entry)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from the hash of leaf `index` to the root over `size` leaves."""
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def is_beginning(
    earlier: int, earlier_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the tree of `size` leaves begins with the one of `earlier`."""
    if earlier == size:
        return not path and earlier_root == root
    if not 0 < earlier < size or not path:
        return False
    steps = [earlier_root, *path] if earlier & (earlier - 1) == 0 else list(path)
    fn, sn = earlier - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (old, new) == (earlier_root, root)


class GrowingTree:
    """The root of a tree that leaves are added to, in the memory of its right edge."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        height, found = 0, leaf
        while self._peaks and self._peaks[-1][0] == height:
            found = node_hash(self._peaks.pop()[1], found)
            height += 1
        self._peaks.append((height, found))
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root as it is now."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        found = self._peaks[-1][1]
        for _, peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found
