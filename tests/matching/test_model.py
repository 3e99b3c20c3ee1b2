"""The shipped weights fit the code, and others are refused."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.matching.model import WEIGHTS, ModelUnusable, load_model, shipped_model
from chalicelib.matching.pairs import FEATURES
from chalicelib.matching.reasons import TEXTS
from chalicelib.matching.standing import STANDING


def test_the_shipped_weights_are_loaded_once() -> None:
    assert shipped_model() is shipped_model()
    assert 0.9 < shipped_model().matched_from < 1.0
    assert 0.0 < shipped_model().review_from < 0.2


@pytest.mark.parametrize("part", [1.02, 5, 500])
def test_a_registry_that_borrows_has_a_model_and_a_threshold_of_its_own(part: float) -> None:
    model = shipped_model()
    assert model.decides(0.0) == (model.decision, model.matched_from)
    assert model.decides(math.log(part)) == (model.decision_small, model.matched_from_small)


@pytest.mark.parametrize("part", ["pair_features", "decision_features"])
def test_weights_for_other_features_are_refused(tmp_path: Path, part: str) -> None:
    copied = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    settings = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    settings[part] = settings[part][1:]
    (copied / "model.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ModelUnusable, match="make train-matcher"):
        load_model(copied)


def test_feature_names_are_unique() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    assert len(set(STANDING)) == len(STANDING)


def test_every_reason_has_a_text_of_its_own() -> None:
    assert len(set(TEXTS.values())) == len(TEXTS)


def test_weights_and_tables_stay_small() -> None:
    files = [path for path in WEIGHTS.parent.rglob("*") if path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 2_000_000


def test_the_room_runs_without_numpy_or_a_training_library() -> None:
    code = (
        "import sys, chalicelib.matching.matcher;"
        "print([m for m in ('numpy', 'lightgbm', 'scipy', 'opencc') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
