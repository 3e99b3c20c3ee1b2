"""A fresh interpreter that does with a function what Lambda does: import its handler, call it.

`python -m tests.handler_process chalicelib.api.authorizer.authorize` reads a list of events from
its standard input and prints the answers, and whether `app` was imported on the way.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Outcome:
    """What a handler answered, and whether it needed `app` to be imported."""

    imported_app: bool
    answers: list[Any]


class _Context:
    """As much of Lambda's context as functions use."""

    function_name = "handler"
    memory_limit_in_mb = 512
    aws_request_id = "fresh"

    def get_remaining_time_in_millis(self) -> int:
        """A minute, always."""
        return 60_000


def imported(handler: str) -> Callable[[Any, Any], Any]:
    """The object that a handler string means."""
    module, name = handler.rsplit(".", 1)
    function: Callable[[Any, Any], Any] = getattr(importlib.import_module(module), name)
    return function


def storage() -> dict[str, str]:
    """The settings of tables, queues, a bucket and a secret, made on moto."""
    import boto3

    from infra import template

    settings = template.create_tables(boto3.client("dynamodb"), stage="test")
    sqs, prefix = boto3.client("sqs"), template.SETTING_PREFIX
    secret = boto3.client("secretsmanager").create_secret(Name="root", SecretString="x" * 40)
    for bucket in ("handshake-test-files", "handshake-test-ledger"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    return settings | {
        f"{prefix}VAULT_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/vault",
        f"{prefix}FILES_BUCKET": "handshake-test-files",
        f"{prefix}LEDGER_BUCKET": "handshake-test-ledger",
        f"{prefix}LEDGER_KEY_ID": template.create_ledger_key(boto3.client("kms")),
        f"{prefix}WORK_QUEUE_URL": sqs.create_queue(QueueName="work")["QueueUrl"],
        f"{prefix}ATTACHMENTS_BUCKET": "attachments",
        f"{prefix}ATTACHMENTS_QUEUE_URL": sqs.create_queue(QueueName="attachments")["QueueUrl"],
        f"{prefix}OUTBOUND_QUEUE_URL": sqs.create_queue(QueueName="outbound")["QueueUrl"],
        f"{prefix}JOBS_QUEUE_URL": sqs.create_queue(QueueName="jobs")["QueueUrl"],
        f"{prefix}WORK_DEAD_LETTERS_URL": sqs.create_queue(QueueName="work-dead")["QueueUrl"],
        f"{prefix}JOBS_DEAD_LETTERS_URL": sqs.create_queue(QueueName="jobs-dead")["QueueUrl"],
        f"{prefix}ATTACHMENTS_DEAD_LETTERS_URL": sqs.create_queue(QueueName="a-dead")["QueueUrl"],
        f"{prefix}OUTBOUND_DEAD_LETTERS_URL": sqs.create_queue(QueueName="o-dead")["QueueUrl"],
        f"{prefix}SCHEDULE_DEAD_LETTERS_URL": sqs.create_queue(QueueName="dead")["QueueUrl"],
        f"{prefix}DELIVERY_DEAD_LETTERS_URL": sqs.create_queue(QueueName="d-dead")["QueueUrl"],
        f"{prefix}BRAND_TOPIC_ARN_PREFIX": "arn:aws:sns:eu-central-1:123456789012:brand-",
        f"{prefix}ROOT_SECRET_ARN": secret["ARN"],
        f"{prefix}PUBLIC_URL": "https://handshake.test",
    }


def run(handler: str, events: list[Any]) -> Outcome:
    """Import the handler first, then make the world, then call it with each event."""
    function = imported(handler)
    imported_app = "app" in sys.modules
    from moto import mock_aws

    with mock_aws():
        os.environ.update(storage())
        answers = [function(event, _Context()) for event in events]
    return Outcome(imported_app or "app" in sys.modules, answers)


if __name__ == "__main__":
    outcome = run(sys.argv[1], json.load(sys.stdin))
    json.dump(asdict(outcome), sys.stdout)
