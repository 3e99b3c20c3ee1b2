"""A Merkle tree kept in tiles: 256 hashes each, written once, so that a proof reads a few of them.

The layout is C2SP's tlog-tiles: tile (level, number) holds the hashes of complete subtrees of
256**level leaves, from `number * 256` on. One that is not full yet has a name of its own for each
number of hashes in it, so nothing that is written is ever written over.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from chalicelib.domain.record.merkle import Nodes, complete_root

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32


class Tile(NamedTuple):
    """The name of a tile: `width` is how many hashes it holds."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """`tile/0/x001/234`, and `tile/0/x001/234.p/17` while it is not full."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(reversed(groups))}{partial}"


ReadTile = Callable[[Tile], bytes]


def edge(size: int) -> list[Tile]:
    """The tiles on the right edge of a tree that are not full, lowest level first.

    A level whose tiles are all full has one of width 0 there: nothing to read.
    """
    tiles: list[Tile] = []
    level = 0
    while size >> (HEIGHT * level):
        count = size >> (HEIGHT * level)
        tiles.append(Tile(level, count // WIDTH, count % WIDTH))
        level += 1
    return tiles


def grown(
    size: int, partial: Sequence[bytes], leaves: Sequence[bytes]
) -> Iterator[tuple[Tile, bytes]]:
    """The tiles that are new when `leaves` (their hashes) are added to a tree of `size` leaves.

    `partial` is what the tiles of `edge(size)` hold.
    """
    level, added = 0, list(leaves)
    while added:
        count = size >> (HEIGHT * level)
        before = split_tile(partial[level]) if level < len(partial) else []
        row = before + added
        number = count // WIDTH
        added = []
        for begin in range(0, len(row), WIDTH):
            hashes = row[begin : begin + WIDTH]
            yield Tile(level, number + begin // WIDTH, len(hashes)), b"".join(hashes)
            if len(hashes) == WIDTH:
                added.append(complete_root(hashes))
        level += 1


def nodes_of(size: int, read: ReadTile) -> Nodes:
    """The complete subtrees of a tree of `size` leaves, from its tiles."""

    def node(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        count = size >> (HEIGHT * tile_level)
        number = first // WIDTH
        tile = Tile(tile_level, number, min(WIDTH, count - number * WIDTH))
        hashes = split_tile(read(tile))
        begin = first % WIDTH
        return complete_root(hashes[begin : begin + (1 << above)])

    return node


def split_tile(content: bytes) -> list[bytes]:
    """The hashes in a tile."""
    return [content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES)]
