"""Packaging finds a Python by itself, or says plainly what to install."""

import sys
from pathlib import Path

import pytest

from infra import interpreters
from infra.interpreters import NoInterpreter, find, version_of, virtual_environment

THIS = Path(sys.executable)


def fake_python(path: Path, answer: str, exit_code: int = 0) -> Path:
    """A program that answers the probe like an interpreter of some version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{answer}'\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **more}


@pytest.fixture(autouse=True)
def an_old_interpreter_runs_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(fake_python(tmp_path / "this" / "python", "3.11")))


def test_the_newest_on_the_path_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.12", "3.12")
    newest = fake_python(tmp_path / "bin" / "python3.13", "3.13")
    assert find(environment(tmp_path)) == newest


def test_a_pyenv_shim_that_refuses_does_not_hide_the_version_behind_it(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", "pyenv: python3.13: command not found", 127)
    real = fake_python(tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python3.13", "3.13")
    assert find(environment(tmp_path, PYENV_ROOT=str(tmp_path / "pyenv"))) == real


def test_pyenv_is_looked_for_in_the_home_directory(tmp_path: Path) -> None:
    real = fake_python(
        tmp_path / "home" / ".pyenv" / "versions" / "3.12.1" / "bin" / "python3.12", "3.12"
    )
    assert find(environment(tmp_path)) == real


def test_an_interpreter_that_uv_installed_is_found(tmp_path: Path) -> None:
    uv = tmp_path / "home" / ".local/share/uv/python/cpython-3.12.9-linux-x86_64-gnu"
    real = fake_python(uv / "bin" / "python3.12", "3.12")
    assert find(environment(tmp_path)) == real


def test_the_running_interpreter_will_do_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = fake_python(tmp_path / "this" / "python", "3.12")
    monkeypatch.setattr(sys, "executable", str(running))
    assert find(environment(tmp_path)) == running


def test_a_chosen_interpreter_comes_before_every_other(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", "3.13")
    chosen = fake_python(tmp_path / "mine" / "python", "3.12")
    assert find(environment(tmp_path, PACKAGE_PYTHON=str(chosen))) == chosen


@pytest.mark.parametrize("version", ["3.11", "3.14", "nonsense"])
def test_a_chosen_interpreter_that_lambda_does_not_run_is_refused_not_replaced(
    tmp_path: Path, version: str
) -> None:
    fake_python(tmp_path / "bin" / "python3.13", "3.13")
    chosen = fake_python(tmp_path / "mine" / "python", version)
    with pytest.raises(NoInterpreter, match="mine/python"):
        find(environment(tmp_path, PACKAGE_PYTHON=str(chosen)))


def test_without_any_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoInterpreter) as refusal:
        find(environment(tmp_path))
    message = str(refusal.value)
    for hint in ("3.13 or 3.12", "pyenv install 3.13", "uv python install 3.13", "PACKAGE_PYTHON="):
        assert hint in message


def test_what_cannot_be_run_has_no_version(tmp_path: Path) -> None:
    assert version_of(str(tmp_path / "nothing")) is None
    assert version_of(str(fake_python(tmp_path / "broken", "3.13", 1))) is None


def test_an_environment_is_made_once_and_anew_when_what_it_needs_changes(
    tmp_path: Path,
) -> None:
    needs = tmp_path / "requirements.txt"
    needs.write_text("# nothing\n")
    arguments = ["--no-index", "-r", str(needs)]
    python = virtual_environment(tmp_path / "venv", THIS, arguments)
    mark = tmp_path / "venv" / "mark"
    mark.touch()
    assert virtual_environment(tmp_path / "venv", THIS, arguments) == python
    assert mark.exists()
    needs.write_text("# still nothing\n")
    assert virtual_environment(tmp_path / "venv", THIS, arguments) == python
    assert not mark.exists()


def test_the_versions_offered_are_those_with_a_runtime_on_amazon_linux_2023() -> None:
    assert interpreters.OFFERED == ("3.13", "3.12")
