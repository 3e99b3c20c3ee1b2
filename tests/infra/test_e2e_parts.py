"""What `make e2e` changes in the template before it deploys it, and what it keeps away from."""

from pathlib import Path
from typing import Any

import pytest

from infra.e2e import ministack
from infra.e2e.deployment import (
    Deployed,
    allow_batches_by_name,
    forget_encryption_contexts,
    with_code_in,
)


def role(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["x"]}
    policy = {"PolicyDocument": {"Statement": [statement]}}
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}


def test_only_the_functions_are_pointed_at_the_uploaded_zip() -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./d.zip", "A": 1}}
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
    template = with_code_in("code", "d.zip", {"Resources": {"F": function, "T": table}})
    assert template["Resources"] == {
        "F": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": {"Bucket": "code", "Key": "d.zip"}, "A": 1},
        },
        "T": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
    }


def test_a_role_gets_the_emulators_name_for_a_batch_it_may_send_anyway_and_nothing_else() -> None:
    template = {
        "Resources": {
            "Sender": role("sqs:SendMessage", "sns:Publish"),
            "Reader": role("sqs:ReceiveMessage"),
            "Managed": {"Type": "AWS::IAM::Role", "Properties": {}},
        }
    }
    allow_batches_by_name(template)
    assert template["Resources"] == {
        "Sender": role(
            "sqs:SendMessage", "sns:Publish", "sqs:SendMessageBatch", "sns:PublishBatch"
        ),
        "Reader": role("sqs:ReceiveMessage"),
        "Managed": {"Type": "AWS::IAM::Role", "Properties": {}},
    }


def test_what_asks_for_an_encryption_context_is_forgotten_and_nothing_else() -> None:
    asking = {"Null": {"kms:EncryptionContext:case": "false"}}
    other = {"StringEquals": {"kms:ViaService": "x"}}
    user = role("kms:Decrypt")
    statements = user["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[0]["Condition"] = asking
    statements.append({"Effect": "Allow", "Action": ["kms:Decrypt"], "Condition": other})
    root = {"Effect": "Allow", "Action": "kms:*"}
    deny = {"Effect": "Deny", "Condition": {"Null": {"kms:EncryptionContext:tenant": "true"}}}
    key = {
        "Type": "AWS::KMS::Key",
        "Properties": {"KeyPolicy": {"Statement": [root, deny]}},
    }
    forget_encryption_contexts({"Resources": {"Role": user, "Key": key}})
    assert ["Condition" in statement for statement in statements] == [False, True]
    assert key["Properties"] == {"KeyPolicy": {"Statement": [root]}}


def test_a_deployment_is_read_as_it_was_written(tmp_path: Path) -> None:
    deployed = Deployed("https://x/api", {"Stage": "e2e"}, "https://x", tmp_path / "ca.pem")
    deployed.write(tmp_path / "stack.json")
    assert Deployed.read(tmp_path / "stack.json") == deployed


def test_ministack_starts_on_loopback_with_iam_and_tls_and_without_the_callers_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the caller's own")
    environment = ministack._environment(4600, tmp_path)
    assert "the caller's own" not in environment.values()
    assert {
        name: environment[name]
        for name in ("BIND_HOST", "AUTH", "USE_SSL", "IOT_MTLS_ENABLED", "SFTP_ENABLED")
    } == {
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "USE_SSL": "1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    assert (tmp_path / "ca.pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")


def test_a_ministack_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no module named ministack'\nexit 1\n")
    python.chmod(0o755)
    with (
        pytest.raises(ministack.NotReady, match="no module named ministack"),
        ministack.running(python, tmp_path),
    ):
        pass
