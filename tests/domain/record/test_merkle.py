"""The tree against the vectors that Certificate Transparency's own implementations publish, and
against RFC 6962's definitions written out."""

from hashlib import sha256
from random import Random

import pytest

from chalicelib.domain.record.merkle import (
    EMPTY_ROOT,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
)
from chalicelib.domain.record.tiles import Tile, edge, grown, nodes_of
from tests.domain.trees import Tree

SEED = 6962

# certificate-transparency and transparency-dev/merkle: the reference tree of eight leaves.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        2,
        8,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

TREE = Tree(leaf_hash(leaf) for leaf in LEAVES)


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, section 2.1, defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


def defined_proof(m: int, leaves: list[bytes], known: bool = True) -> list[bytes]:
    """SUBPROOF as RFC 6962, section 2.1.2, defines it."""
    if m == len(leaves):
        return [] if known else [defined_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*defined_proof(m, leaves[:k], known), defined_root(leaves[k:])]
    return [*defined_proof(m - k, leaves[k:], False), defined_root(leaves[:k])]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_tree(size: int) -> None:
    assert TREE.root(size).hex() == ROOTS[size]
    assert ROOTS[0] == EMPTY_ROOT.hex()


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_audit_paths_of_the_reference_tree(index: int, size: int, path: list[str]) -> None:
    assert [node.hex() for node in TREE.inclusion(index, size)] == path


@pytest.mark.parametrize(("earlier", "size", "path"), CONSISTENCY)
def test_consistency_proofs_of_the_reference_tree(earlier: int, size: int, path: list[str]) -> None:
    assert [node.hex() for node in TREE.consistency(earlier, size)] == path


def test_the_example_of_the_rfc() -> None:
    """RFC 6962, section 2.1.3: the paths and proofs of the tree of seven leaves, by their names."""
    leaves = [f"d{number}".encode() for number in range(7)]
    tree = Tree(leaf_hash(leaf) for leaf in leaves)
    a, b, c, d, e, f, j = tree.leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)

    assert tree.root(7) == node_hash(k, l_)
    assert tree.inclusion(0, 7) == [b, h, l_]
    assert tree.inclusion(3, 7) == [c, g, l_]
    assert tree.inclusion(4, 7) == [f, j, k]
    assert tree.inclusion(6, 7) == [i, k]
    assert tree.consistency(3, 7) == [c, d, g, l_]
    assert tree.consistency(4, 7) == [l_]
    assert tree.consistency(6, 7) == [i, j, k]


def test_every_small_tree_is_as_it_is_defined() -> None:
    leaves = [str(number).encode() for number in range(40)]
    tree = Tree(leaf_hash(leaf) for leaf in leaves)
    for size in range(1, 41):
        assert tree.root(size) == defined_root(leaves[:size])
        for earlier in range(1, size + 1):
            assert tree.consistency(earlier, size) == defined_proof(earlier, leaves[:size])


def test_a_leaf_is_never_a_node() -> None:
    assert leaf_hash(b"ab") == sha256(b"\x00ab").digest()
    assert node_hash(b"a", b"b") == sha256(b"\x01ab").digest()


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_there_is_no_path_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        TREE.inclusion(index, 3)


@pytest.mark.parametrize(("earlier", "size"), [(4, 3), (-1, 3)])
def test_a_larger_tree_is_not_the_beginning_of_a_smaller_one(earlier: int, size: int) -> None:
    with pytest.raises(ValueError, match="not an earlier tree"):
        TREE.consistency(earlier, size)


def test_from_no_leaves_there_is_nothing_to_prove() -> None:
    assert TREE.consistency(0, 8) == []


# Tiles


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 5, 17), "tile/0/005.p/17"),
        (Tile(1, 1234067, 256), "tile/1/x001/x234/067"),
        (Tile(2, 1000, 1), "tile/2/x001/000.p/1"),
    ],
)
def test_a_tile_is_named_as_tlog_tiles_names_it(tile: Tile, path: str) -> None:
    assert tile.path == path


@pytest.mark.parametrize(
    "batches",
    [[1], [1, 1, 1], [255, 1, 1], [256, 256], [3, 250, 600], [255, 1, 65_280, 1, 70]],
    ids=str,
)
def test_a_tree_in_tiles_is_the_same_tree(batches: list[int]) -> None:
    kept: dict[str, bytes] = {}
    leaves: list[bytes] = []
    drawn = Random(SEED)
    for count in batches:
        before = len(leaves)
        partial = [kept[tile.path] if tile.width else b"" for tile in edge(before)]
        added = [leaf_hash(str(before + number).encode()) for number in range(count)]
        for tile, content in grown(before, partial, added):
            assert tile.path not in kept, "written over"
            kept[tile.path] = content
        leaves += added
        size, tree = len(leaves), Tree(leaves)
        nodes = nodes_of(size, lambda tile: kept[tile.path])
        assert root(size, nodes) == tree.root(size)
        assert consistency_path(before, size, nodes) == tree.consistency(before, size)
        for index in {0, size - 1, *(drawn.randrange(size) for _ in range(5))}:
            assert inclusion_path(index, size, nodes) == tree.inclusion(index, size)
