"""The local stack and the tests get what production gets, from the same file."""

import json
from typing import Any

import boto3
import pytest
from chalice.package import YAMLTemplateSerializer
from moto import mock_aws

from chalicelib.settings import Settings
from infra import template as template_module
from infra.template import (
    TEMPLATE_FILE,
    create_storage,
    create_tables,
    references,
    setting_name,
    storage_part,
)

pytestmark = pytest.mark.usefixtures("aws_credentials")


def test_the_template_is_read_as_chalice_reads_it(template: dict[str, Any]) -> None:
    assert template == YAMLTemplateSerializer().load_template(TEMPLATE_FILE.read_text("utf-8"))


def test_a_caller_may_change_what_it_loaded() -> None:
    template_module.load()["Resources"].clear()
    assert template_module.load()["Resources"]


@pytest.mark.parametrize(
    ("output", "setting"),
    [
        ("Stage", "HANDSHAKE_STAGE"),
        ("CasesTable", "HANDSHAKE_CASES_TABLE"),
        ("BrandTopicArnPrefix", "HANDSHAKE_BRAND_TOPIC_ARN_PREFIX"),
        ("RootSecretArn", "HANDSHAKE_ROOT_SECRET_ARN"),
    ],
)
def test_an_outputs_name_tells_its_setting(output: str, setting: str) -> None:
    assert setting_name(output) == setting


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ({"Ref": "Key"}, ["Key"]),
        ({"Ref": "AWS::Region"}, []),
        ({"Ref": "RestAPI.Stage"}, ["RestAPI"]),
        ({"Fn::GetAtt": ["Key", "Arn"]}, ["Key"]),
        ({"Fn::Sub": "${Key.Arn}/${AWS::Region}/${!literal}/${Stage}"}, ["Key", "Stage"]),
        ({"Fn::Sub": ["${Name}", {"Name": {"Ref": "Stage"}}]}, ["Name", "Stage"]),
        ([{"a": {"b": {"Ref": "Stage"}}}, "Ref"], ["Stage"]),
    ],
)
def test_references_are_found_in_every_form(piece: Any, named: list[str]) -> None:
    assert list(references(piece)) == named


def test_the_storage_part_refers_to_nothing_outside_itself(template: dict[str, Any]) -> None:
    part = storage_part(template)
    assert set(references(part)) <= {*part["Resources"], *part["Parameters"]}
    assert not [r for r in part["Resources"].values() if "Condition" in r]


def test_the_storage_part_has_every_table_queue_bucket_and_key(template: dict[str, Any]) -> None:
    kinds = [r["Type"] for r in storage_part(template)["Resources"].values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "AWS::KMS::Key": 2,
        "AWS::KMS::Alias": 2,
        "AWS::DynamoDB::Table": 7,
        "AWS::S3::Bucket": 3,
        "AWS::SQS::Queue": 10,
        "AWS::SNS::Topic": 1,
    }


@mock_aws
def test_storage_can_be_made_and_gives_every_setting_but_the_address() -> None:
    settings = create_storage(boto3.client("cloudformation"), stage="test")
    wanted = {f"HANDSHAKE_{name.upper()}" for name in Settings.model_fields}
    assert wanted - set(settings) == {"HANDSHAKE_PUBLIC_URL"}
    values = {n.removeprefix("HANDSHAKE_").lower(): v for n, v in settings.items()}
    Settings.model_validate({**values, "public_url": ""})


@mock_aws
def test_what_was_made_is_really_there() -> None:
    settings = create_storage(boto3.client("cloudformation"), stage="test")
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert sorted(v for n, v in settings.items() if n.endswith("_TABLE")) == sorted(tables)
    boto3.client("s3").head_bucket(Bucket=settings["HANDSHAKE_FILES_BUCKET"])
    sqs = boto3.client("sqs")
    for queue in ("HANDSHAKE_WORK_QUEUE_URL", "HANDSHAKE_JOBS_QUEUE_URL"):
        attributes = sqs.get_queue_attributes(QueueUrl=settings[queue], AttributeNames=["All"])
        redrive = json.loads(attributes["Attributes"]["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"].endswith("-dead-letters")
    secret = boto3.client("secretsmanager").get_secret_value(
        SecretId=settings["HANDSHAKE_ROOT_SECRET_ARN"]
    )
    assert len(secret["SecretString"]) == 64


@mock_aws
def test_two_stages_share_nothing() -> None:
    cloudformation = boto3.client("cloudformation")
    one = create_storage(cloudformation, stage="one")
    other = create_storage(cloudformation, stage="other")
    limits = {
        *("HANDSHAKE_REQUESTS_PER_MINUTE", "HANDSHAKE_FILINGS_PER_DAY"),
        "HANDSHAKE_CARRIERS_URL",
    }
    assert {name for name in one if one[name] == other[name]} == limits
    assert not set(one.values()) & {v for name, v in other.items() if name not in limits}


@mock_aws
def test_tables_made_in_a_hurry_have_the_templates_keys_and_indexes(
    template: dict[str, Any],
) -> None:
    dynamodb = boto3.client("dynamodb")
    names = create_tables(dynamodb, stage="test")
    assert set(names) == {
        "HANDSHAKE_CASES_TABLE",
        "HANDSHAKE_REGISTRY_TABLE",
        "HANDSHAKE_ACCESS_TABLE",
        "HANDSHAKE_JOBS_TABLE",
        "HANDSHAKE_VAULT_TABLE",
        "HANDSHAKE_VAULT_KEYS_TABLE",
        "HANDSHAKE_LEDGER_TABLE",
    }
    cases = dynamodb.describe_table(TableName=names["HANDSHAKE_CASES_TABLE"])["Table"]
    declared = template["Resources"]["CasesTable"]["Properties"]
    assert cases["KeySchema"] == declared["KeySchema"]
    made = {index["IndexName"]: index["Projection"] for index in cases["GlobalSecondaryIndexes"]}
    assert made == {
        index["IndexName"]: index["Projection"] for index in declared["GlobalSecondaryIndexes"]
    }
