"""The page at /docs: its files are those it says, it needs no other host, and it works."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from waitress.server import create_server

from chalicelib.api.description.viewer import ASSETS, SECURITY_POLICY
from chalicelib.api.endpoint import OPERATIONS
from infra.local.gateway import Gateway
from tests.service import Service

FILES = Path(str(resources.files("chalicelib.api.description").joinpath("viewer_files")))
LARGEST_LAMBDA_ANSWER = 6 * 1024 * 1024
"""AWS Lambda quotas: invocation payload, synchronous."""


def test_the_page_is_html_that_may_run_nothing_but_its_own_scripts(service: Service) -> None:
    answer = service.public().get("/docs")
    assert answer.status == 200
    assert answer.headers == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=300",
    }
    assert "unsafe" not in SECURITY_POLICY
    assert not re.search(rb"<script>|<style|\son\w+=|https?:|//", answer.body)


def test_everything_the_page_loads_is_there_by_a_relative_address(service: Service) -> None:
    """Relative, because API Gateway serves the API below its stage."""
    page = service.public().get("/docs").body.decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == len(ASSETS) + 1
    for address in addresses:
        assert re.match(r"docs/|openapi\.json$", address)
        assert service.public().get(f"/{address}").status == 200


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_comes_byte_for_byte_with_its_type_and_may_be_kept(
    service: Service, name: str
) -> None:
    answer = service.public().get(f"/docs/{name}")
    assert answer.status == 200
    assert answer.body == (FILES / name).read_bytes()
    assert answer.headers["Content-Type"] == ASSETS[name]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.body) < LARGEST_LAMBDA_ANSWER


def test_the_address_of_a_file_changes_with_its_bytes(service: Service) -> None:
    page = service.public().get("/docs").body.decode()
    for name in ASSETS:
        digest = hashlib.sha256((FILES / name).read_bytes()).hexdigest()
        assert f"docs/{name}?v={digest[:12]}" in page


@pytest.mark.parametrize(
    "name", ["page.html", "README.md", "LICENSE", "x.js", "..", "%2e%2e%2fviewer.py", "page.css%00"]
)
def test_no_other_file_is_served(service: Service, name: str) -> None:
    answer = service.public().get(f"/docs/{name}")
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_files_of_others_are_those_whose_licence_and_sum_stand_beside_them() -> None:
    told = dict(
        re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (FILES / "README.md").read_text())
    )
    own = {"page.html", "page.js", "page.css", "favicon.svg", "README.md"}
    assert set(told) == {file.name for file in FILES.iterdir()} - own
    for name, digest in told.items():
        assert hashlib.sha256((FILES / name).read_bytes()).hexdigest() == digest, name
    assert "Apache License" in (FILES / "LICENSE.swagger-ui.txt").read_text()


# In a browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions"),
    # The page draws what is on the screen only: here that is all of it.
    "--window-size=1280,20000",
    *("--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"),
)


@pytest.fixture
def address(service: Service, gateway: Gateway) -> Iterator[str]:
    """The service over HTTP, below a stage's prefix as in API Gateway."""

    def below_stage(environ, start_response):  # type: ignore[no-untyped-def]
        path = environ["PATH_INFO"].removeprefix("/api")
        return gateway({**environ, "PATH_INFO": path}, start_response)

    server = create_server(below_stage, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}/api"
    server.close()
    thread.join(timeout=5)


def test_a_browser_shows_every_operation_and_has_nothing_to_object(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if CHROMIUM is None:
        with capsys.disabled():
            sys.stderr.write("\nno chromium on this machine: /docs was not opened in a browser\n")
        return
    shown = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}", f"{address}/docs"],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    missing = [
        operation.name
        for operation in OPERATIONS
        if f'id="operations-{operation.tag.replace(" ", "_")}-{operation.name}"' not in shown.stdout
    ]
    assert missing == []
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []
