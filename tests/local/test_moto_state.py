"""State survives a restart of moto: tables, files, topics, subscriptions, queues, the secret."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend

from infra import template
from infra.local.environment import REGION, STAGE
from infra.local.moto_state import read_state, write_state
from infra.local.snapshot import _decoded, _encoded

BACKENDS: tuple[Any, ...] = (
    "cloudformation",
    "dynamodb",
    "kms",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
)
Settings = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def settings() -> Iterator[Settings]:
    yield _new_storage()
    for backend in BACKENDS:
        get_backend(backend).reset()


def _new_storage() -> Settings:
    """What a restart leaves: the template's storage, empty."""
    for backend in BACKENDS:
        get_backend(backend).reset()
    return template.create_storage(boto3.client("cloudformation", region_name=REGION), stage=STAGE)


def _restarted(settings: Settings) -> Settings:
    state = json.loads(json.dumps(read_state(settings), default=_encoded), object_hook=_decoded)
    fresh = _new_storage()
    write_state(state, fresh)
    return fresh


def test_nothing_is_nothing_after_a_restart(settings: Settings) -> None:
    before = read_state(settings)
    after = read_state(_restarted(settings))
    (first,) = before["vault_key"]["ids"]
    assert after.pop("vault_key")["ids"][1:] == [first]
    assert {**after, "vault_key": before["vault_key"]} == before
    assert [queue["messages"] for queue in before["queues"]] == [[]] * 10


def test_what_was_kept_before_there_were_attachments_comes_back(settings: Settings) -> None:
    state = read_state(settings)
    state["buckets"].pop("HANDSHAKE_ATTACHMENTS_BUCKET")
    state["tables"].pop("HANDSHAKE_VAULT_TABLE")
    fresh = _new_storage()
    write_state(state, fresh)
    assert read_state(fresh)["buckets"]["HANDSHAKE_ATTACHMENTS_BUCKET"] == []


def test_items_come_back_under_the_tables_new_names(settings: Settings) -> None:
    item: dict[str, Any] = {
        "case_id": {"S": "g_1"},
        "sk": {"S": "CASE"},
        "version": {"N": "3"},
        "tags": {"L": [{"S": "a"}, {"M": {"b": {"NULL": True}}}]},
        "facts": {"M": {"summary": {"S": "未发工资"}, "open": {"BOOL": False}}},
        "work_queue": {"S": "due#1"},
        "due_at": {"S": "2026-11-22T08:00:00.000Z"},
    }
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName=settings["HANDSHAKE_CASES_TABLE"], Item=item)
    fresh = _restarted(settings)
    table = fresh["HANDSHAKE_CASES_TABLE"]
    assert table != settings["HANDSHAKE_CASES_TABLE"]
    assert dynamodb.scan(TableName=table)["Items"] == [item]
    due = dynamodb.query(
        TableName=table,
        IndexName="work",
        KeyConditionExpression="work_queue = :queue",
        ExpressionAttributeValues={":queue": {"S": "due#1"}},
    )
    assert [found["case_id"] for found in due["Items"]] == [{"S": "g_1"}]


def test_files_come_back_with_their_type(settings: Settings) -> None:
    s3 = boto3.client("s3")
    s3.put_object(
        Bucket=settings["HANDSHAKE_FILES_BUCKET"],
        Key="exports/x_1/cases.csv",
        Body="姓名\r\n".encode(),
        ContentType="text/csv; charset=utf-8",
    )
    fresh = _restarted(settings)
    found = s3.get_object(Bucket=fresh["HANDSHAKE_FILES_BUCKET"], Key="exports/x_1/cases.csv")
    assert (found["Body"].read().decode(), found["ContentType"]) == (
        "姓名\r\n",
        "text/csv; charset=utf-8",
    )


def test_what_was_signed_before_is_signed_with_the_key_after(settings: Settings) -> None:
    kms = boto3.client("kms")
    before = kms.get_public_key(KeyId=settings["HANDSHAKE_LEDGER_KEY_ID"])["PublicKey"]
    fresh = _restarted(settings)
    assert kms.get_public_key(KeyId=fresh["HANDSHAKE_LEDGER_KEY_ID"])["PublicKey"] == before


def test_the_root_secret_keeps_its_value(settings: Settings) -> None:
    before = _secret(settings)
    assert _secret(_restarted(settings)) == before


def test_secrets_of_lines_come_back_and_those_that_were_deleted_do_not(settings: Settings) -> None:
    secrets = boto3.client("secretsmanager")
    name = f"handshake-{STAGE}-line-ln_1"
    secrets.create_secret(Name=name, SecretString="before")
    secrets.put_secret_value(SecretId=name, SecretString="after")
    secrets.create_secret(Name=f"{name}x", SecretString="gone")
    secrets.delete_secret(SecretId=f"{name}x", ForceDeleteWithoutRecovery=True)
    _restarted(settings)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "after"
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=f"{name}x")


def test_what_was_kept_before_there_were_lines_comes_back(settings: Settings) -> None:
    state = read_state(settings)
    state.pop("line_secrets")
    fresh = _new_storage()
    write_state(state, fresh)
    assert read_state(fresh)["line_secrets"] == {}


def _secret(settings: Settings) -> str:
    secrets = boto3.client("secretsmanager")
    value = secrets.get_secret_value(SecretId=settings["HANDSHAKE_ROOT_SECRET_ARN"])
    return value["SecretString"]


def test_what_was_wrapped_with_the_vaults_key_can_be_unwrapped_after_every_restart(
    settings: Settings,
) -> None:
    kms, context = boto3.client("kms"), {"tenant": "t", "case": "c"}
    made = kms.generate_data_key(
        KeyId=settings["HANDSHAKE_VAULT_KEY_ARN"], KeySpec="AES_256", EncryptionContext=context
    )
    _restarted(_restarted(settings))
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == made["Plaintext"]


def test_ciphertexts_come_back_as_bytes(settings: Settings) -> None:
    dynamodb = boto3.client("dynamodb")
    item: dict[str, Any] = {"case_id": {"S": "g"}, "ciphertext": {"B": b"\xff"}}
    dynamodb.put_item(TableName=settings["HANDSHAKE_VAULT_TABLE"], Item=item)
    table = _restarted(settings)["HANDSHAKE_VAULT_TABLE"]
    assert dynamodb.get_item(TableName=table, Key={"case_id": {"S": "g"}})["Item"] == item


def test_a_subscription_keeps_its_arn_its_filter_and_delivers(settings: Settings) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="handshake-local-brand-acme")["TopicArn"]
    queue = sqs.create_queue(QueueName="desk")["QueueUrl"]
    subscribed = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:desk",
        Attributes={
            "RawMessageDelivery": "true",
            "FilterPolicyScope": "MessageAttributes",
            "FilterPolicy": json.dumps({"severity": ["S1"]}),
        },
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    _restarted(settings)
    (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert found["SubscriptionArn"] == subscribed
    for severity in ("S1", "S3"):
        attribute: Any = {"severity": {"DataType": "String", "StringValue": severity}}
        sns.publish(TopicArn=topic, Message=severity, MessageAttributes=attribute)
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["S1"]


def test_waiting_messages_come_back_those_in_flight_too(settings: Settings) -> None:
    sqs = boto3.client("sqs")
    url = settings["HANDSHAKE_WORK_QUEUE_URL"]
    attributes: Any = {"origin": {"DataType": "String", "StringValue": "test"}}
    for body in ("taken", "waiting"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    taken = sqs.receive_message(QueueUrl=url)["Messages"]
    fresh = _restarted(settings)
    found = sqs.receive_message(
        QueueUrl=fresh["HANDSHAKE_WORK_QUEUE_URL"],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )["Messages"]
    assert [(m["Body"], m["Attributes"]["ApproximateReceiveCount"]) for m in found] == [
        ("taken", "2"),
        ("waiting", "1"),
    ]
    assert found[0]["MessageId"] == taken[0]["MessageId"]
    assert found[0]["MessageAttributes"]["origin"]["StringValue"] == "test"


def test_queues_that_somebody_else_made_come_back_with_their_dead_letters(
    settings: Settings,
) -> None:
    sqs = boto3.client("sqs")
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:123456789012:desk-dead"}
    sqs.create_queue(QueueName="desk-dead")
    url = sqs.create_queue(
        QueueName="desk",
        Attributes={
            "VisibilityTimeout": "77",
            "RedrivePolicy": json.dumps({**redrive, "maxReceiveCount": 2}),
        },
    )["QueueUrl"]
    _restarted(settings)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert found["VisibilityTimeout"] == "77"
    assert json.loads(found["RedrivePolicy"]) == {**redrive, "maxReceiveCount": 2}


def test_the_templates_own_queues_keep_what_the_template_says_now(settings: Settings) -> None:
    sqs = boto3.client("sqs")
    url = settings["HANDSHAKE_WORK_QUEUE_URL"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    fresh = _restarted(settings)
    found = sqs.get_queue_attributes(
        QueueUrl=fresh["HANDSHAKE_WORK_QUEUE_URL"], AttributeNames=["VisibilityTimeout"]
    )
    declared = template.load()["Resources"]["WorkQueue"]["Properties"]["VisibilityTimeout"]
    assert found["Attributes"] == {"VisibilityTimeout": str(declared)}
