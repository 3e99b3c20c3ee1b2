"""The first key of a deployment."""

from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.access import AccessKey
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.access import Access
from chalicelib.store.keyring import Keyring, Purpose, root_secret
from chalicelib.store.table import Table
from infra import keys
from infra.template import create_storage

pytestmark = pytest.mark.usefixtures("aws_credentials")

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = datetime(2027, 1, 31, tzinfo=UTC)


@pytest.fixture
def outputs() -> dict[str, str]:
    settings = create_storage(boto3.client("cloudformation"), stage="test")
    return {
        "AccessTable": settings["HANDSHAKE_ACCESS_TABLE"],
        "RootSecretArn": settings["HANDSHAKE_ROOT_SECRET_ARN"],
    }


def stored(key: str, outputs: dict[str, str]) -> AccessKey | None:
    """The key as the authorizer would find it."""
    arn = outputs["RootSecretArn"]
    keyring = Keyring(lambda: root_secret(boto3.client("secretsmanager"), arn))
    access = Access(Table(boto3.client("dynamodb"), outputs["AccessTable"]))
    return access.key(keyed_hash(keyring.key(Purpose.API_KEY_HASH), key))


@pytest.fixture(autouse=True)
def an_aws_account() -> object:
    with mock_aws():
        yield


def test_an_issued_key_is_found_by_the_authorizer(outputs: dict[str, str]) -> None:
    key = keys.issue(
        Role.BRAND,
        "acme",
        "compliance desk",
        outputs=outputs,
        client=keys.aws,
        now=NOW,
        expires_at=LATER,
    )
    found = stored(key, outputs)
    assert found is not None
    assert found.model_dump(exclude={"key_id"}) == {
        "role": Role.BRAND,
        "organisation": "acme",
        "name": "compliance desk",
        "created_at": NOW,
        "expires_at": LATER,
        "revoked_at": None,
    }
    assert found.key_id.startswith("k_")


def test_the_key_itself_is_stored_nowhere(outputs: dict[str, str]) -> None:
    key = keys.issue(
        Role.OPERATOR, "operations", "first", outputs=outputs, client=keys.aws, now=NOW
    )
    items = boto3.client("dynamodb").scan(TableName=outputs["AccessTable"])["Items"]
    assert len(items) == 1
    assert key.removeprefix("hsk_") not in str(items)


def test_two_keys_for_the_same_holder_differ(outputs: dict[str, str]) -> None:
    made = {
        keys.issue(Role.AUDITOR, "a", "n", outputs=outputs, client=keys.aws, now=NOW)
        for _ in range(2)
    }
    assert len(made) == 2
    assert all(len(key) == len("hsk_") + 43 for key in made)


def test_the_command_prints_a_key_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    client = boto3.client("cloudformation")
    body = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": %s}'
    settings = create_storage(client, stage="test")
    outputs = {
        "AccessTable": settings["HANDSHAKE_ACCESS_TABLE"],
        "RootSecretArn": settings["HANDSHAKE_ROOT_SECRET_ARN"],
    }
    declared = ", ".join(f'"{name}": {{"Value": "{value}"}}' for name, value in outputs.items())
    client.create_stack(StackName="deployed", TemplateBody=body % f"{{{declared}}}")
    arguments = ["--stack", "deployed", "--role", "operator", "--organisation", "operations"]
    assert keys.main([*arguments, "--name", "first"]) == 0
    (key,) = capsys.readouterr().out.split()
    found = stored(key, outputs)
    assert found is not None
    assert (found.role, found.organisation) == (Role.OPERATOR, "operations")
