"""The template that is deployed: Chalice's, merged with ours, and finished."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from infra.template import Template

# Each with the reason why it is not a fault here.
LINT_EXCEPTIONS: dict[str, str] = {}

LINT_REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-1", "ap-south-1")

_CFN_LINT = str(Path(sys.executable).with_name("cfn-lint"))
_API_FUNCTION = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    "handshake-${Stage}-api_handler"
)


class LintFailed(Exception):
    """cfn-lint found something; its report is the message."""


def finished(chalice_template: str, *, stage: str) -> Template:
    """The packaged template, from the YAML that `chalice package --merge-template` wrote.

    JSON afterwards: Chalice's YAML has aliases, which CloudFormation does not read.
    """
    template: Template = yaml.safe_load(chalice_template)
    template["Parameters"]["Stage"]["Default"] = stage
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for methods in paths.values():
        for method in methods.values():
            _name_the_api_function(method)
    return template


def _name_the_api_function(method: dict[str, Any]) -> None:
    """Let a route point at its function by name instead of by reference.

    The function knows the API's address (HANDSHAKE_PUBLIC_URL); with references both ways the two
    would wait for each other.
    """
    uri = method["x-amazon-apigateway-integration"].get("uri")
    if uri:
        uri["Fn::Sub"] = uri["Fn::Sub"].replace("${APIHandler.Arn}", _API_FUNCTION)


def write(template: Template, path: Path) -> None:
    """Write the template as JSON, in one order, and refuse it if cfn-lint does."""
    path.write_text(json.dumps(template, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    lint(path)


def lint(path: Path) -> None:
    """Raises LintFailed."""
    ignored = [argument for rule in LINT_EXCEPTIONS for argument in ("--ignore-checks", rule)]
    report = subprocess.run(
        [_CFN_LINT, "--template", str(path), "--regions", *LINT_REGIONS, *ignored],
        capture_output=True,
        text=True,
        check=False,
    )
    if report.returncode:
        raise LintFailed(report.stdout + report.stderr)
