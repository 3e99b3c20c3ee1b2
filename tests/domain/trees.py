"""A Merkle tree held in memory, for what is kept in tiles to be compared with."""

from collections.abc import Iterable

from chalicelib.domain.record.merkle import complete_root, consistency_path, inclusion_path, root


class Tree:
    """The tree over some leaf hashes, at any size it ever had."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self.leaves = list(leaves)

    def _node(self, level: int, index: int) -> bytes:
        return complete_root(self.leaves[index << level : (index + 1) << level])

    def root(self, size: int) -> bytes:
        """The root."""
        return root(size, self._node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """An audit path."""
        return inclusion_path(index, size, self._node)

    def consistency(self, earlier: int, size: int) -> list[bytes]:
        """A consistency proof."""
        return consistency_path(earlier, size, self._node)
