"""The fitted models as the files that the product reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from chalicelib.matching.background import BACKGROUND, Background
from chalicelib.matching.model import TABLES, packed_name
from chalicelib.matching.pairs import FEATURES
from chalicelib.matching.standing import STANDING
from chalicelib.matching.tree_table import packed

if TYPE_CHECKING:
    from .fits import Ensemble

Node = Mapping[str, object]


def tree_line(node: Node, share: float = 1.0) -> str:
    """A tree of LightGBM's dump as a line for `chalicelib.matching.trees`.

    Its leaves are multiplied by `share`.
    """
    if "leaf_value" in node:
        return f"={float(str(node['leaf_value'])) * share:.5g}"
    left, right = node["left_child"], node["right_child"]
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    split = f"{node['split_feature']}<{node['threshold']:.7g}"
    return f"{split} {tree_line(left, share)} {tree_line(right, share)}"


def write_weights(
    out: Path,
    models: Sequence[Ensemble],
    background: Background,
    settings: Mapping[str, object],
) -> dict[str, object]:
    """Write models, background and `settings` to `out`; the version is of what is in the tables."""
    texts = {
        name: "".join(f"{tree_line(tree, 1 / len(model.fits))}\n" for tree in model.trees())
        for name, model in zip(TABLES, models, strict=True)
    }
    lent = background.packed()
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
        (out / packed_name(name)).write_bytes(packed(text.splitlines()))
    (out / BACKGROUND.name).write_bytes(lent)
    written = {
        "version": f"{crc32(lent, crc32(repr(texts).encode())):08x}",
        **settings,
        "pair_features": list(FEATURES),
        "decision_features": list(STANDING),
    }
    (out / "model.json").write_text(
        json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return written
