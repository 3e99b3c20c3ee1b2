"""Cold starts: really cold, really answered, compared fairly."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bench.cold_start import packaged
from bench.cold_start.contenders import STARTS, Start, check
from bench.cold_start.imports import by_package, fastest, parsed
from bench.cold_start.part import figures, missed
from bench.cold_start.starting import Interpreter, Samples, cold_starts

INSTALLED = [name for name in STARTS if not name.startswith("fastapi")]


@pytest.mark.parametrize("name", INSTALLED)
def test_a_contender_starts_and_gives_the_right_answer_without_a_network(name: str) -> None:
    output, _ = Interpreter(Path(sys.executable)).run(["-m", "bench.cold_start.worker", name])
    found = json.loads(output)
    assert found.keys() == {"wall_ms", "cpu_ms", "import_cpu_ms"}
    assert 0 < found["import_cpu_ms"] <= found["cpu_ms"]


def test_a_call_that_was_not_foreseen_is_an_error() -> None:
    code = (
        "import boto3; from bench.cold_start.network import cut_off; cut_off();"
        "boto3.client('dynamodb').list_tables()"
    )
    with pytest.raises(subprocess.CalledProcessError) as failed:
        Interpreter(Path(sys.executable)).run(["-c", code], errors=subprocess.PIPE)
    assert "DynamoDB_20120810.ListTables" in failed.value.stderr


def test_a_first_round_is_thrown_away() -> None:
    found = cold_starts(Interpreter(Path(sys.executable)), ["handshake.health"], runs=1, seed=7)
    assert [len(samples) for samples in found.values()] == [1]


def test_a_wrong_answer_is_not_timed() -> None:
    with pytest.raises(AssertionError):
        check(Start("app", "app", {}, 201), {"statusCode": 422})


def test_functions_that_answer_no_http_are_not_checked_for_a_status() -> None:
    check(Start("app", "check_grievances", {}), None)


REPORT = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |     pydantic.main
import time:        50 |        150 |   pydantic
import time:      1000 |       1150 | app
"""


def test_the_interpreters_own_report_is_read() -> None:
    assert parsed(REPORT) == {
        "pydantic.main": (100, 100),
        "pydantic": (50, 150),
        "app": (1000, 1150),
    }


def test_the_fastest_of_several_starts_counts_for_each_module() -> None:
    slower = {"pydantic": (500, 90), "app": (900, 2000), "late": (1, 1)}
    assert fastest([{"pydantic": (50, 150)}, slower]) == {
        "pydantic": (50, 90),
        "app": (900, 2000),
        "late": (1, 1),
    }


def test_a_packages_modules_are_added_up_most_first() -> None:
    assert by_package(parsed(REPORT)) == [("app", 1.0), ("pydantic", 0.15)]


def starts(**cpu_ms: float) -> Samples:
    """One run of each contender, `handshake_health` for `handshake.health`."""
    return {
        name.replace("__", "."): [{"wall_ms": 2 * ms, "cpu_ms": ms, "import_cpu_ms": ms / 2}]
        for name, ms in cpu_ms.items()
    }


PEERS = {
    "bare_chalice_boto3__health": 100.0,
    "bare_chalice_boto3__submit": 100.0,
    "fastapi_mangum__health": 200.0,
    "fastapi_mangum__submit": 200.0,
}


def test_a_start_within_a_quarter_of_the_floor_meets_the_target() -> None:
    assert missed(starts(handshake__health=124.0, handshake__submit=125.0, **PEERS)) == []


def test_missed_targets_name_the_ratio_and_the_target() -> None:
    found = starts(handshake__health=100.0, handshake__submit=250.0, **PEERS)
    assert missed(found) == [
        "submit: 2.50 (2.50 to 2.50) times bare_chalice_boto3, 1.25 is the target",
        "submit: 1.25 (1.25 to 1.25) times fastapi_mangum, less than 1 is the target",
    ]


def test_a_function_without_a_rival_is_compared_with_the_floors_quickest_start() -> None:
    found = starts(handshake__authorize=150.0, bare_chalice_boto3__health=100.0)
    assert figures(found)["handshake.authorize"] == {
        "wall_ms": 300.0,
        "cpu_ms": 150.0,
        "import_cpu_ms": 75.0,
        "times_floor": {"median": 1.5, "low": 1.5, "high": 1.5},
    }


def package(folder: Path, architecture: str) -> Path:
    """A zip with a template beside it."""
    folder.mkdir(parents=True)
    function = {"Properties": {"Architectures": [architecture]}}
    template = {"Resources": {"APIHandler": function}}
    (folder / "template.json").write_text(json.dumps(template))
    with zipfile.ZipFile(folder / "deployment.zip", "w") as archive:
        archive.writestr("app.py", "x = 1\n")
    return folder / "deployment.zip"


def test_both_packages_are_found_the_deployable_one_first(tmp_path: Path) -> None:
    own, e2e = package(tmp_path / "dist", "arm64"), package(tmp_path / "dist" / "e2e", "x86_64")
    assert packaged.packages(tmp_path / "dist") == [own, e2e]


def test_without_a_package_none_is_found(tmp_path: Path) -> None:
    assert packaged.packages(tmp_path) == []


@pytest.mark.parametrize(
    ("architecture", "machine", "runs"),
    [("arm64", "aarch64", True), ("x86_64", "x86_64", True), ("arm64", "x86_64", False)],
)
def test_a_package_runs_where_the_processor_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, machine: str, runs: bool
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert packaged.runs_here(package(tmp_path / "dist", architecture)) is runs
