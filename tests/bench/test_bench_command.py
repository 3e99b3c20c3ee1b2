"""The command: what it prints, and when it fails."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from bench import __main__ as command
from bench import size
from bench.report import Part, Sheet, shortly, show


def printed(part: Part) -> str:
    """What people see of a part."""
    console = Console(file=io.StringIO(), width=100)
    show([part], console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_part_is_printed_with_its_table_notes_and_failures() -> None:
    sheet = Sheet("Costs", ("what", "calls"), [["intake", "1"]])
    text = printed(
        Part("calls", {}, [sheet], ["As ever."], ["too slow"], ["intake: calls is 1, expected 2"])
    )
    assert [line.strip() for line in text.splitlines() if line.strip()] == [
        "Costs",
        "what     calls",
        "─" * 16,
        "intake       1",
        "As ever.",
        "TARGET MISSED: too slow",
        "FAILED: intake: calls is 1, expected 2",
    ]


@pytest.mark.parametrize(
    ("number", "text"), [(0.5, "0.5"), (7, "7"), (12.345, "12.3"), (1234.5, "1,234")]
)
def test_figures_are_short(number: float, text: str) -> None:
    assert shortly(number) == text


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts that cost nothing to run: one is well, one has failed."""
    found = {
        "good": lambda _: Part("good", {"calls": 1}, missed=["too slow"]),
        "bad": lambda _: Part("bad", {"calls": 2}, failures=["too many"]),
    }
    monkeypatch.setattr(command, "PARTS", found)


@pytest.mark.usefixtures("parts")
def test_json_is_one_object_with_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["--json"])
    report = json.loads(capsys.readouterr().out)
    machine = report.pop("machine")
    told = {"missed": ["too slow"], "failures": ["too many"]}
    assert report == {"good": {"calls": 1}, "bad": {"calls": 2}, **told}
    assert machine.keys() == {"python", "system", "machine"}
    assert code == 1


@pytest.mark.usefixtures("parts")
def test_a_missed_target_is_told_and_the_command_ends_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main(["good"]) == 0
    told = capsys.readouterr().out
    assert "TARGET MISSED: too slow" in told
    assert "python -m bench.matching" in told


@pytest.mark.usefixtures("parts")
def test_a_failure_fails_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["good", "bad"]) == 1
    assert "FAILED: too many" in capsys.readouterr().out


@pytest.mark.usefixtures("parts")
def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["nonsense"])
    assert ended.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_without_a_package_the_command_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(size, "packages", list)
    part = size.size_part()
    assert (part.data, part.notes) == ({}, ["No package in dist/. `make package` makes one."])


def test_a_package_is_weighed_packed_and_unpacked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "deployment.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", "x = 1\n" * 1000)
        archive.writestr("b.py", "")
    monkeypatch.setattr(size, "packages", lambda: [path])
    monkeypatch.setattr(size, "ROOT", tmp_path)
    part = size.size_part()
    assert part.data == {
        "deployment.zip": {"zipped": path.stat().st_size, "unzipped": 6000, "files": 2}
    }
    assert part.failures == []
