"""Reads the template, and makes the part of it that holds data where there is no Lambda.

The local stack and the tests create their tables, queues, bucket and secret from the very file
that a deployment is made of.
"""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml

TEMPLATE_FILE = Path(__file__).with_name("template.yaml")
SETTING_PREFIX = "HANDSHAKE_"

Template = dict[str, Any]

# What emulators make. They know no resource policies; create_storage adds the root secret.
_STORAGE_TYPES = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
)
_TABLE_PROPERTIES = frozenset(
    {"AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema"}
)


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms (`!Ref X`, `!GetAtt X.Arn`, `!Sub ...`)."""


def _intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value = _node_value(loader, node)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


def _node_value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _intrinsic)


def load() -> Template:
    """The template as plain data: every intrinsic in its long form. The caller may change it."""
    return copy.deepcopy(_parsed())


@cache
def _parsed() -> Template:
    with TEMPLATE_FILE.open(encoding="utf-8") as file:
        template: Template = yaml.load(file, _Loader)  # noqa: S506  (a subclass of CSafeLoader)
    return template


def storage_part(template: Template) -> Template:
    """Tables, queues, bucket, key and operations topic: a valid template by itself.

    Outputs that speak of anything else (the API, the secret) are left out, and so are conditions
    and parameters that nothing left refers to.
    """
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource.get("Type") in _STORAGE_TYPES and not _signs(resource)
    }
    parameters = template["Parameters"]
    outputs = {
        name: output
        for name, output in template["Outputs"].items()
        if all(known in resources or known in parameters for known in references(output))
    }
    used = set(references([resources, outputs]))
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {name: parameters[name] for name in parameters if name in used},
        "Resources": resources,
        "Outputs": outputs,
    }


def _signs(resource: dict[str, Any]) -> bool:
    """Whether it is a key that signs: moto's CloudFormation would make one that encrypts."""
    return "KeySpec" in resource["Properties"]


def references(node: Any) -> Iterator[str]:
    """Logical names of parameters and resources that a piece of template refers to."""
    if isinstance(node, list):
        for child in node:
            yield from references(child)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _named_by(key, value)
            yield from references(value)


def _named_by(key: str, value: Any) -> Iterator[str]:
    if key == "Ref":
        names = [value]
    elif key == "Fn::GetAtt":
        names = [value[0]]
    elif key == "Fn::Sub":
        names = re.findall(r"\$\{([^!}]+)\}", value if isinstance(value, str) else value[0])
    else:
        names = []
    yield from (name.split(".")[0] for name in names if not name.startswith("AWS::"))


def setting_name(output: str) -> str:
    """`CasesTable` is the value of the setting `HANDSHAKE_CASES_TABLE`."""
    return SETTING_PREFIX + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", output).upper()


def create_storage(
    cloudformation: Any,
    *,
    stage: str,
    secretsmanager: Any | None = None,
    kms: Any | None = None,
) -> dict[str, str]:
    """Create the storage part as the stack `handshake-<stage>`, its root secret and its signing
    key, and wait.

    moto's CloudFormation knows neither, so those are made with `secretsmanager` and `kms` (by
    default clients like any the process makes), as the template describes them.
    Returns the outputs by the name of their setting. Every `HANDSHAKE_*` is there but
    `HANDSHAKE_PUBLIC_URL`, which whoever serves the API has to add.
    """
    name = f"handshake-{stage}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=_storage_body(),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    settings = {setting_name(o["OutputKey"]): o["OutputValue"] for o in stack["Outputs"]}
    settings["HANDSHAKE_ROOT_SECRET_ARN"] = _create_root_secret(
        secretsmanager or boto3.client("secretsmanager"), f"{name}-root"
    )
    settings["HANDSHAKE_LEDGER_KEY_ID"] = create_ledger_key(kms or boto3.client("kms"))
    return settings


def create_ledger_key(kms: Any) -> str:
    """The key that signs, as the template describes it; its ARN."""
    shape = _parsed()["Resources"]["LedgerKey"]["Properties"]
    made = kms.create_key(KeySpec=shape["KeySpec"], KeyUsage=shape["KeyUsage"])
    return str(made["KeyMetadata"]["Arn"])


def _create_root_secret(secretsmanager: Any, name: str) -> str:
    shape = _parsed()["Resources"]["RootSecret"]["Properties"]["GenerateSecretString"]
    value = secretsmanager.get_random_password(**shape)["RandomPassword"]
    return str(secretsmanager.create_secret(Name=name, SecretString=value)["ARN"])


@cache
def _storage_body() -> str:
    return json.dumps(storage_part(_parsed()))


def create_tables(dynamodb: Any, *, stage: str) -> dict[str, str]:
    """Create the tables alone, with the template's own keys and indexes; for tests in a hurry.

    Returns their names by setting. Encryption, recovery and time to live are left out: an emulator
    does nothing with them.
    """
    return {
        setting_name(name): _create_table(dynamodb, f"handshake-{stage}-{name}", properties)
        for name, properties in _tables().items()
    }


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return {
        name: {k: v for k, v in resource["Properties"].items() if k in _TABLE_PROPERTIES}
        for name, resource in _parsed()["Resources"].items()
        if resource.get("Type") == "AWS::DynamoDB::Table"
    }


def _create_table(dynamodb: Any, name: str, properties: dict[str, Any]) -> str:
    dynamodb.create_table(TableName=name, **properties)
    return name
