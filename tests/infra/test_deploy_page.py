"""docs/deploy.md says what the template and the commands really have."""

import re
from pathlib import Path
from typing import Any

import pytest

from infra import operators, package

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deploy.md").read_text("utf-8")


def test_every_parameter_is_explained_and_no_other(template: dict[str, Any]) -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(template["Parameters"])


def test_the_price_of_the_alarms_is_that_of_as_many_as_there_are(
    resources: dict[str, Any],
) -> None:
    count = sum(r.get("Type") == "AWS::CloudWatch::Alarm" for r in resources.values())
    assert f"| {count} alarms at 0.10 | {count / 10:.2f} |" in PAGE


def test_the_page_names_how_long_logs_are_kept(stages: dict[str, dict[str, Any]]) -> None:
    assert f"kept for {stages['prod']['log_retention_in_days']} days" in PAGE


def test_the_architecture_and_stage_it_names_first_are_the_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        package.main(["--help"])
    usage = capsys.readouterr().out
    for option in re.findall(r"(--[a-z]+)", PAGE.split("aws cloudformation package")[0]):
        assert option in usage


def test_the_operators_commands_on_the_page_are_understood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("key", "bootstrap"):
        with pytest.raises(SystemExit):
            operators.main([command, "--help"])
    usage = capsys.readouterr().out
    named = PAGE.split("-m infra.operators bootstrap")[1].split("```")[0]
    for option in re.findall(r"(--[a-z]+)", named):
        assert option in usage
    assert "-m infra.operators key" in PAGE


def test_what_stays_when_the_stack_goes_is_said(resources: dict[str, Any]) -> None:
    kept = {name for name, r in resources.items() if r.get("DeletionPolicy") == "Retain"}
    assert kept == {
        "AccessTable",
        "CasesTable",
        "JobsTable",
        "LedgerBucket",
        "LedgerKey",
        "LedgerTable",
        "RegistryTable",
        "VaultTable",
        "VaultKeysTable",
        "VaultKey",
        "FilesBucket",
        "AttachmentsBucket",
        "Key",
        "RootSecret",
        "ApiGatewayLogsRole",
        "ApiGatewaySettings",
    }
    removal = PAGE.split("## Remove it")[1]
    for words in (
        "seven\ntables",
        "the buckets",
        "the keys",
        "the secret",
        "API Gateway's log role",
    ):
        assert words in removal
