"""The template that is deployed: Chalice's, merged with ours, and finished."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from infra.template import Template

# Each with the reason why it is not a fault here.
LINT_EXCEPTIONS: dict[str, str] = {}

LINT_REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-1", "ap-south-1")

_API, _VAULT = "APIHandler", "VaultHandler"
_CFN_LINT = str(Path(sys.executable).with_name("cfn-lint"))
_FUNCTION_ARN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"


class LintFailed(Exception):
    """cfn-lint found something; its report is the message."""


def finished(
    chalice_template: str, *, stage: str, vault_routes: Collection[tuple[str, str]] = ()
) -> Template:
    """The packaged template, from the YAML that `chalice package --merge-template` wrote.

    `vault_routes` are the (path, METHOD)s that go to the function whose role may open the vault.
    JSON afterwards: Chalice's YAML has aliases, which CloudFormation does not read.
    """
    template: Template = yaml.safe_load(chalice_template)
    template["Parameters"]["Stage"]["Default"] = stage
    resources = template["Resources"]
    api = resources["RestAPI"]["Properties"]
    body = _to_the_vault(api["DefinitionBody"], vault_routes)
    api["DefinitionBody"] = _naming_functions(body, resources)
    return template


def vault_routes() -> list[tuple[str, str]]:
    """(path, METHOD) of every route of api/identities/identities.py."""
    import app
    from chalicelib.api.endpoint import OPERATIONS
    from chalicelib.api.identities.identities import TAG

    assert app.app.routes
    return [(o.path, o.method) for o in OPERATIONS if o.tag == TAG]


def _to_the_vault(body: dict[str, Any], routes: Collection[tuple[str, str]]) -> dict[str, Any]:
    """The API's description, with some routes answered by the vault's function. KeyError for a
    route that it does not have."""
    body = copy.deepcopy(body)  # Chalice's YAML has one integration for all routes, by alias
    for path, method in routes:
        integration = body["paths"][path][method.lower()]["x-amazon-apigateway-integration"]
        uri = integration["uri"]["Fn::Sub"].replace(f"${{{_API}.Arn}}", f"${{{_VAULT}.Arn}}")
        body["paths"][path][method.lower()]["x-amazon-apigateway-integration"] = {
            **integration,
            "uri": {"Fn::Sub": uri},
        }
    return body


def _naming_functions(piece: Any, resources: dict[str, Any]) -> Any:
    """The same piece of template, pointing at functions by name instead of by reference.

    The functions know the API's address (HANDSHAKE_PUBLIC_URL); with references both ways the API
    and they would wait for each other.
    """
    if isinstance(piece, dict):
        return {key: _naming_functions(value, resources) for key, value in piece.items()}
    if isinstance(piece, list):
        return [_naming_functions(value, resources) for value in piece]
    if isinstance(piece, str):
        return re.sub(r"\$\{(\w+)\.Arn\}", lambda found: _arn(resources[found[1]]), piece)
    return piece


def _arn(function: dict[str, Any]) -> str:
    name: str = function["Properties"]["FunctionName"]["Fn::Sub"]
    return _FUNCTION_ARN + name


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
