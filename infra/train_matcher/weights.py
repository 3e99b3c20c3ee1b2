"""The fitted models as the files that the product reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from chalicelib.matching.pairs import FEATURES
from chalicelib.matching.standing import STANDING

if TYPE_CHECKING:
    from .fits import Ensemble

Node = Mapping[str, object]


class _Splits:
    """Leaves of each tree, and its splits by feature: threshold, tree, leaves on the left."""

    def __init__(self, share: float) -> None:
        self._share = share
        self.leaves: list[list[float]] = []
        self.by_feature: dict[int, list[tuple[float, int, int]]] = {}

    def add(self, tree: Node) -> None:
        self.leaves.append([])
        self._walk(tree)

    def _walk(self, node: Node) -> None:
        leaves = self.leaves[-1]
        if "leaf_value" in node:
            leaves.append(float(str(node["leaf_value"])) * self._share)
            return
        left, right = node["left_child"], node["right_child"]
        assert isinstance(left, dict)
        assert isinstance(right, dict)
        first = len(leaves)
        self._walk(left)
        bits = (1 << len(leaves)) - (1 << first)
        split = (float(f"{node['threshold']:.7g}"), len(self.leaves) - 1, bits)
        self.by_feature.setdefault(int(str(node["split_feature"])), []).append(split)
        self._walk(right)


def table(trees: Sequence[Node], share: float = 1.0) -> list[str]:
    """Trees of LightGBM's dump as the lines `chalicelib.matching.trees` reads.

    The leaves are multiplied by `share`.
    """
    splits = _Splits(share)
    for tree in trees:
        splits.add(tree)
    lines = [" ".join(("tree", *(f"{leaf:.5g}" for leaf in leaves))) for leaves in splits.leaves]
    for feature, found in sorted(splits.by_feature.items()):
        found.sort()
        lines.append(" ".join((f"split {feature}", *(f"{one[0]:.7g}" for one in found))))
        lines.append(" ".join(str(tree) for _, tree, _ in found))
        lines.append(" ".join(str(left) for _, _, left in found))
    return lines


def write_weights(
    out: Path, models: tuple[Ensemble, Ensemble], settings: Mapping[str, object]
) -> dict[str, object]:
    """Write both models and `settings` to `out`; the version is of what is in the tables."""
    texts = {
        name: "\n".join(table(model.trees(), 1 / len(model.fits))) + "\n"
        for name, model in zip(("pair.trees", "decision.trees"), models, strict=True)
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    written = {
        "version": f"{crc32(repr(texts).encode()):08x}",
        **settings,
        "pair_features": list(FEATURES),
        "decision_features": list(STANDING),
    }
    (out / "model.json").write_text(
        json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return written
