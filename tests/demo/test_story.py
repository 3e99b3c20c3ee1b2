"""The story ends at the first step that did not happen, with words and exit code 1."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.demo.__main__ import given_lists, main
from infra.demo.checks import StepFailed
from infra.demo.disclosures import slug
from infra.demo.endpoint import https_endpoint
from infra.demo.scene import Scene
from infra.demo.story import STORY, Step, tell
from infra.demo.telling import Teller, console
from infra.local.organisations import holders

DOCUMENT = {
    "base_url": "http://127.0.0.1:1",
    "aws_endpoint": "http://127.0.0.1:1",
    "keys": {holder.name: "hsk_" for holder in holders()},
}


def _told(*steps: Step) -> tuple[int, str]:
    terminal = io.StringIO()
    nobody: Any = None
    scene = Scene(Teller(console(file=terminal)), DOCUMENT, nobody, tick=lambda: None)
    return tell(scene, steps), terminal.getvalue()


def _raising(failure: Exception) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        raise failure

    return play


def test_every_step_that_happened_is_exit_code_0() -> None:
    code, told = _told(Step("First", lambda scene: scene.teller.done("it is so")))
    assert code == 0
    assert "1. First\n   ✓ it is so\n" in told
    assert "All 1 steps happened and were checked" in told


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (StepFailed("no alert came"), "no alert came"),
        (requests.ConnectionError("http://secret"), "ConnectionError"),
        (KeyError("items"), "an answer has another form: KeyError('items')"),
    ],
)
def test_a_step_that_did_not_happen_ends_the_story(failure: Exception, words: str) -> None:
    later: list[Scene] = []
    code, told = _told(Step("First", _raising(failure)), Step("Then", later.append))
    assert (code, later) == (1, [])
    assert told.endswith(f"\nStep failed: First: {words}\n")


def test_a_service_that_does_not_answer_ends_the_story() -> None:
    code, told = _told(STORY[0])
    assert code == 1
    assert told.endswith("\nStep failed: Three brands register: ConnectionError\n")


def test_what_workers_tell_is_shown_as_it_is_and_never_as_markup() -> None:
    _, told = _told(Step("[red]未发工资[/red]", lambda scene: scene.teller.say("[bold]কাজ[/bold]")))
    assert "1. [red]未发工资[/red]\n   [bold]কাজ[/bold]\n" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--list", "nowhere.csv", "--brand", "Nobody"], "there is no list at nowhere.csv"),
        (["--list", "nowhere.csv"], "each --list FILE needs its --brand NAME"),
    ],
)
def test_a_list_that_cannot_be_had_is_said_before_anything_starts(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().out == f"\nStep failed: The stack starts: {words}\n"


def test_each_given_list_has_its_brand(tmp_path: Path) -> None:
    for name in ("a.csv", "b.xlsx"):
        (tmp_path / name).touch()
    files = [str(tmp_path / "a.csv"), str(tmp_path / "b.xlsx")]
    assert given_lists(files, ["A", "B"]) == ((files[0], "A"), (files[1], "B"))


@pytest.mark.parametrize(
    ("name", "brand_id"),
    [("Nike", "nike"), ("H & M (Sweden)", "h-m-sweden"), ("x" * 60, "x" * 40)],
)
def test_a_brands_id_follows_from_its_name(name: str, brand_id: str) -> None:
    assert slug(name) == brand_id


def test_a_name_that_gives_no_id_is_refused() -> None:
    with pytest.raises(StepFailed, match="cannot be a brand's name"):
        slug("安踏")


def test_the_endpoint_hears_only_whoever_trusts_it(tmp_path: Path) -> None:
    notification = {"Message": json.dumps({"public_ref": "2026-A"})}
    with https_endpoint(tmp_path) as (endpoint, trusted):
        with pytest.raises(requests.exceptions.SSLError):
            requests.post(endpoint.url, json=notification, timeout=30)
        assert endpoint.about("2026-A") is None
        answer = requests.post(endpoint.url, json=notification, timeout=30, verify=str(trusted))
        assert (answer.status_code, endpoint.about("2026-A")) == (200, notification)
        assert endpoint.about("2026-B") is None
