"""The demo as anybody runs it, and with one step sabotaged."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.demo.api import Caller
from infra.demo.endpoint import https_endpoint
from infra.demo.scene import Scene
from infra.demo.story import STORY, tell
from infra.demo.telling import Teller, console
from infra.local.options import ROOT
from infra.local.running import running

pytestmark = pytest.mark.timeout(300)  # each starts a stack, which a busy machine makes slow


def test_the_whole_story_happens_with_a_list_given_by_path(tmp_path: Path) -> None:
    given = ["--list", str(ROOT / "data" / "lists" / "osh_sample_12.xls"), "--brand", "Sea & Sun"]
    told = subprocess.run(
        [sys.executable, "-m", "infra.demo", *given],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    positions = [told.stdout.index(f"\n{n}. {step.title}\n") for n, step in enumerate(STORY, 1)]
    assert positions == sorted(positions)
    assert "✓ osh_sample_12.xls: 15 facilities" in told.stdout
    assert f"All {len(STORY)} steps happened and were checked" in told.stdout
    assert "\x1b" not in told.stdout
    assert list(tmp_path.iterdir()) == []


class Forgetful(Caller):
    """A partner whose system changes what it sends when it sends it again."""

    def __init__(self, base_url: str, key: str) -> None:
        super().__init__(base_url, key)
        self._sent: set[bytes] = set()

    def send(self, method: str, path: str, **request: Any) -> requests.Response:
        body = request.get("data")
        if body is not None and body in self._sent:
            request["data"] = body.replace(b"34", b"35")
        self._sent.add(body or b"")
        return super().send(method, path, **request)


def test_a_sabotaged_step_is_named_and_ends_it_with_exit_code_1(tmp_path: Path) -> None:
    terminal = io.StringIO()
    with (
        https_endpoint(tmp_path) as (endpoint, _),
        running(tmp_path, "--ephemeral", "--empty", environment={"TICK_SECONDS": "1e5"}) as stack,
    ):
        document = stack.document()
        scene = Scene(Teller(console(file=terminal)), document, endpoint, stack.tick)
        scene.pearl_river = Forgetful(document["base_url"], document["keys"]["partner"])
        assert tell(scene, [STORY[0], STORY[4], STORY[5]]) == 1
    assert terminal.getvalue().endswith(
        "\nStep failed: The line drops, and a post is sent twice: "
        "the repeated post was answered with 422 instead of 200\n"
    )
    assert not (tmp_path / "state").exists()
