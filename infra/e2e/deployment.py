"""Deploys the packaged template and zip as one would into AWS: upload both, create the stack."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.e2e.ministack import REGION, Ministack

STACK = "handshake-e2e"

_CODE_BUCKET = "code"
_PARAMETERS = {"Stage": "e2e", "CarriersUrl": "http://127.0.0.1:9"}  # where nobody listens
_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
_BATCHES = {"sqs:SendMessage": "sqs:SendMessageBatch", "sns:Publish": "sns:PublishBatch"}
_FINISHED_WITHIN = 120  # seconds


class NotDeployed(Exception):
    """The stack could not be created; the message has the reasons by resource."""


@dataclass(frozen=True)
class Deployed:
    """A stack that is there: where its API answers, its outputs, and how to reach its AWS."""

    base_url: str
    outputs: dict[str, str]
    endpoint: str
    ca: Path

    def client(self, service: str) -> Any:
        """A client with the account's own rights, for looking on from outside."""
        return _client(service, self.endpoint, self.ca)

    def write(self, path: Path) -> None:
        """Keep it in a file for the process that runs the tests."""
        kept = {**vars(self), "ca": str(self.ca)}
        path.write_text(json.dumps(kept), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Deployed":
        kept = json.loads(path.read_text("utf-8"))
        return cls(**{**kept, "ca": Path(kept["ca"])})


def deploy(stack: Ministack, *, zip_file: Path, template_file: Path) -> Deployed:
    """Raises NotDeployed."""
    s3 = _client("s3", stack.endpoint, stack.ca)
    s3.create_bucket(Bucket=_CODE_BUCKET)
    s3.put_object(Bucket=_CODE_BUCKET, Key=zip_file.name, Body=zip_file.read_bytes())
    template = json.loads(template_file.read_text("utf-8"))
    allow_batches_by_name(with_code_in(_CODE_BUCKET, zip_file.name, template))
    forget_encryption_contexts(template)
    s3.put_object(Bucket=_CODE_BUCKET, Key="template.json", Body=json.dumps(template).encode())
    outputs = _create(stack, f"{stack.endpoint}/{_CODE_BUCKET}/template.json")
    return Deployed(
        base_url=f"{stack.endpoint}/restapis/{outputs['RestAPIId']}/api/_user_request_",
        outputs=outputs,
        endpoint=stack.endpoint,
        ca=stack.ca,
    )


def with_code_in(bucket: str, key: str, template: dict[str, Any]) -> dict[str, Any]:
    """What `aws cloudformation package` does: point the functions at the uploaded zip."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return template


def allow_batches_by_name(template: dict[str, Any]) -> None:
    """Let a role that may send or publish one message do so in a batch under ministack too.

    On AWS the single action covers its batch (Service Authorization Reference, SQS and SNS);
    ministack 1.5.33 asks for an action that AWS does not have. Nothing else is added.
    """
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    batches = [_BATCHES[a] for a in statement["Action"] if a in _BATCHES]
                    statement["Action"] = [*statement["Action"], *batches]


def forget_encryption_contexts(template: dict[str, Any]) -> None:
    """Take away what asks for `kms:EncryptionContext:…`: ministack 1.5.33 gives conditions no such
    key, so that nobody could use the vault's key at all. tests/infra asserts both on the template.
    """
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::KMS::Key":
            statements = properties["KeyPolicy"]["Statement"]
            asking = [s for s in statements if s["Effect"] == "Deny" and _asks_for_context(s)]
            statements[:] = [s for s in statements if s not in asking]
        elif resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    if _asks_for_context(statement):
                        del statement["Condition"]


def _asks_for_context(statement: dict[str, Any]) -> bool:
    return "kms:EncryptionContext:case" in str(statement.get("Condition")) or (
        "kms:EncryptionContext:tenant" in str(statement.get("Condition"))
    )


def _create(stack: Ministack, template_url: str) -> dict[str, str]:
    cloudformation = _client("cloudformation", stack.endpoint, stack.ca)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in _PARAMETERS.items()],
    )
    made = _finished(cloudformation)
    if made["StackStatus"] != "CREATE_COMPLETE":
        raise NotDeployed(f"{made['StackStatus']}: {_failures(cloudformation)}")
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


def _finished(cloudformation: Any) -> dict[str, Any]:
    deadline = time.monotonic() + _FINISHED_WITHIN
    while True:
        (made,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        if not made["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > deadline:
            return dict(made)
        time.sleep(0.2)


def _failures(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    )


def _client(service: str, endpoint: str, ca: Path) -> Any:
    make: Any = boto3.client  # its stubs have one overload for each service's literal name
    return make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        verify=str(ca),
        config=Config(
            s3={"addressing_style": "path"}, read_timeout=120, retries={"total_max_attempts": 1}
        ),
        **_CREDENTIALS,
    )
