"""The template, its policies and stages, as plain data."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import template as template_module
from tests.conftest import empty_aws

ROOT = Path(__file__).resolve().parents[2]
Resource = dict[str, Any]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return template_module.load()


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Resource]:
    found: dict[str, Resource] = template["Resources"]
    return found


@pytest.fixture(scope="session")
def policies() -> dict[str, list[Resource]]:
    """Statements by the name of the function they are for."""
    files = (ROOT / "infra" / "policies").glob("*.json")
    return {file.stem: json.loads(file.read_text("utf-8"))["Statement"] for file in files}


@pytest.fixture(scope="session")
def stages() -> dict[str, Resource]:
    """Each stage's settings, those it shares with the other stages included."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
    stages: dict[str, Resource] = config.pop("stages")
    return {name: {**config, **stage} for name, stage in stages.items()}


@pytest.fixture(autouse=True)
def _no_leftovers() -> None:
    empty_aws()


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
