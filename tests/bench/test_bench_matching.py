"""The matcher's benchmark as a command: what it prints, and which files it refuses."""

import json
import random
from pathlib import Path

import pytest

from bench.matching.__main__ import main
from bench.matching.files import case_of
from bench.matching.generate import fillers, listed
from bench.matching.queries import Question
from bench.matching.score import Answer, Tally

ROW = {"id": "a", "name": "Posh Garments Ltd.", "address": "Tejgaon, Dhaka", "country": "BD"}
ASKED = {**ROW, "qid": "q", "kind": "self_full", "truth": ["a"], "answerable": True}


def written(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return [
        "--registry", written(tmp_path / "registry.jsonl", ROW),
        "--queries", written(tmp_path / "queries.jsonl", ASKED),
    ]  # fmt: skip


def test_the_report_has_the_promised_figures_and_progress_goes_elsewhere(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--filler", "20", "--baseline-queries", "1", "--json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert report["facilities"] == 21
    assert set(report["matcher"]) >= {
        "precision_matched", "precision_ci95", "recall_matched", "review_share",
        "review_top5_recall", "top5_recall", "lost_share", "p50_ms", "p99_ms", "index_mb",
        "build_s", "load_s", "rss_mb", "false_matches",
    }  # fmt: skip
    assert set(report["by_kind"]) >= {"self_full"}
    assert report["baselines"].pop("asked") == 1
    assert len(report["baselines"]) == 5
    assert all("precision_ci95" in figures for figures in report["baselines"].values())
    assert "building the index" in printed.err
    assert "baseline: " in printed.err


def test_small_registries_are_measured_size_by_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**ROW, "id": str(i), "name": f"Posh{chr(97 + i)} Shoes Ltd."} for i in range(12)]
    asked = [{**ASKED, "name": row["name"], "truth": [row["id"]]} for row in rows]
    files = [
        "--registry", written(tmp_path / "registry.jsonl", *rows),
        "--queries", written(tmp_path / "queries.jsonl", *asked),
    ]  # fmt: skip
    assert main([*files, "--small"]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["facilities"] == 10
    assert line["queries"] == 6 * 12
    assert line["answerable"] == 6 * 10


@pytest.mark.parametrize(
    "line", ["{", "[]", "7", '{"id": "a"}', '{"id": 1, "name": "x"}', '{"name": "x"}']
)
def test_a_broken_line_is_named_and_ends_with_2(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    good = json.dumps(ROW)
    (tmp_path / "registry.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    assert main(files) == 2
    said = capsys.readouterr().err.strip()
    assert "registry.jsonl, line 2: " in said
    assert "\n" not in said


def test_a_missing_file_is_named_and_ends_with_2(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "queries.jsonl").unlink()
    assert main(files) == 2
    said = capsys.readouterr().err.strip()
    assert "queries.jsonl" in said
    assert "\n" not in said


@pytest.mark.parametrize("kept", [["--registry"], ["--queries"], ["--filler"]])
def test_one_file_without_the_other_is_refused(
    kept: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = "5" if kept == ["--filler"] else str(tmp_path / "some")
    with pytest.raises(SystemExit) as ended:
        main([*kept, value])
    assert ended.value.code == 2
    assert "--registry" in capsys.readouterr().err


def test_fillers_are_none_of_the_listed_factories() -> None:
    rows = list(fillers(50, random.Random(7)))
    assert len({row.id for row in rows}) == 50
    assert not {(row.name, row.address) for row in rows} & {
        (row.name, row.address) for row in listed()
    }


def test_a_review_counts_the_truth_among_its_first_five() -> None:
    case = case_of(Question("pert_name", "f", "Posh"), "q", present=True)
    tally = Tally()
    for candidates in (("f",), ("a", "b", "c", "d", "f"), ("a", "b", "c", "d", "e", "f"), ()):
        tally.add(case, Answer("review", None, candidates, 0.5, 1.0))
    tally.add(case, Answer("matched", "f", ("f",), 1.0, 1.0))
    assert tally.figures()["review_top5_recall"] == 0.5
