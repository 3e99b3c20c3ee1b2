"""Files made to confuse or to exhaust whoever checks them: a finding, quickly, and no traceback."""

import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verifier.world import Files
from verifier import reading
from verifier.__main__ import BAD, main

DEEP = b"[" * 200_000
HOSTILE = {
    "empty": b"",
    "not json": b"\xff\xfe\x00",
    "deep": DEEP,
    "huge number": b'{"seq": ' + b"9" * 10_000 + b"}",
    "nan": b'{"seq": NaN}',
    "twice": b'{"public_ref": "a", "public_ref": "b"}',
    "number": b"1",
    "null": b"null",
    "list": b"[]",
    "surrogate": b'{"public_ref": "\\ud800"}',
    "nul": b"\x00" * 1000,
    "fractions": b'{"tree_size": 1.5, "bytes": -1, "row_count": true}',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["manifest.json", "proofs.jsonl", "cases.csv", "heads.json"])
def test_nonsense_in_any_file_is_a_finding(
    files: Files, tmp_path: Path, name: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    files.write(tmp_path)
    (tmp_path / name).write_bytes(content)
    started = time.monotonic()

    code = _verified(tmp_path)

    assert code == BAD
    assert time.monotonic() - started < 5
    assert "NOT OK" in capsys.readouterr().out


def _verified(folder: Path) -> int:
    key, heads = str(folder / "key.pem"), str(folder / "heads.json")
    return main([str(folder), "--key", key, "--heads", heads])


@pytest.mark.parametrize("name", ["manifest.json", "proofs.jsonl", "cases.csv"])
def test_a_missing_file_is_a_finding(files: Files, tmp_path: Path, name: str) -> None:
    files.write(tmp_path)
    (tmp_path / name).unlink()

    assert _verified(tmp_path) == BAD


def _nested(proof: dict[str, object]) -> None:
    nested: object = 1
    for _ in range(400):
        nested = [nested]
    proof["entries"][1]["data"] = nested  # type: ignore[index]


def _wrong_types(proof: dict[str, object]) -> None:
    proof["entries"] = {"seq": 1}


def _entries_of_nothing(proof: dict[str, object]) -> None:
    proof["entries"] = [None, 1, "x"]


@pytest.mark.parametrize("act", [_nested, _wrong_types, _entries_of_nothing])
def test_nonsense_in_a_proof_is_that_cases_finding(
    files: Files, tmp_path: Path, act: Callable[[dict[str, object]], None]
) -> None:
    act(files.proofs[1])
    files.sign_manifest()
    files.write(tmp_path)

    assert _verified(tmp_path) == BAD


def test_a_line_without_an_end_is_not_read_to_its_end(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    with (tmp_path / "proofs.jsonl").open("wb") as file:
        for _ in range(96):
            file.write(b"x" * 1_000_000)

    tracemalloc.start()
    code = _verified(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert code == BAD
    assert peak < 4 * reading.LONGEST_LINE


def test_a_zip_that_unfolds_to_much_is_not_unfolded(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.write(tmp_path / "manifest.json", "manifest.json")
        zipped.write(tmp_path / "cases.csv", "cases.csv")
        with zipped.open("proofs.jsonl", "w", force_zip64=True) as bomb:
            for _ in range(500):
                bomb.write(b"x" * 999_999 + b"\n")
    started = time.monotonic()

    key = str(tmp_path / "key.pem")
    assert main([str(tmp_path / "export.zip"), "--key", key]) == BAD
    assert time.monotonic() - started < 5


def test_a_zip_with_two_manifests_is_a_finding(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as zipped:
        for folder in ("a", "b"):
            zipped.write(tmp_path / "manifest.json", f"{folder}/manifest.json")

    assert main([str(tmp_path / "export.zip"), "--key", str(tmp_path / "key.pem")]) == BAD


def test_many_findings_are_counted_and_not_all_listed(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files.rows = files.rows * 100
    files.sign_manifest()
    files.write(tmp_path)

    key = str(tmp_path / "key.pem")
    assert main([str(tmp_path), "--key", key, "--json"]) == BAD
    report = json.loads(capsys.readouterr().out)
    assert report["found"] > len(report["findings"]) == 100
