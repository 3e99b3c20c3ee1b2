"""The service as a test sees it: callers at the front door, a clock, the worker, the topics."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from app import app
from chalicelib import deps
from chalicelib.deps import Deps
from chalicelib.domain.access import AccessKey
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.settings import Settings
from chalicelib.store.keyring import Purpose
from infra import template
from infra.local.functions import invoke, queue_event, scheduled_event
from infra.local.gateway import Answer, Gateway

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ROOT_SECRET = "a-root-secret-that-only-tests-know-0123456789"


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**span)
        return self.now


class Tokens:
    """Randomness that is the same in every run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, size: int) -> str:
        self.count += 1
        return f"{self.count:0{2 * size}x}"


@dataclass
class Caller:
    """Somebody with a key (or without one) at the front door."""

    gateway: Gateway
    key: str | None = None

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST a JSON body."""
        return self.send("POST", path, body, headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        """PUT a JSON body."""
        return self.send("PUT", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        """PATCH with a JSON body."""
        return self.send("PATCH", path, body, headers)

    def delete(self, path: str, **headers: str) -> Answer:
        """DELETE."""
        return self.send("DELETE", path, None, headers)

    def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        """Send bytes as they are, anything else as JSON; `If_Match` becomes `If-Match`."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"content-type": "application/json"} if raw is not None else {}
        sent |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if self.key:
            sent["authorization"] = f"Bearer {self.key}"
        return self.gateway.handle(method, path, sent, raw)


@dataclass
class Service:
    """One running service."""

    gateway: Gateway
    deps: Deps
    clock: Clock
    topics: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, gateway: Gateway) -> "Service":
        """Tables, queues, bucket and secret, made anew."""
        clock = Clock()
        tables = template.create_tables(boto3.client("dynamodb"), stage="test")
        sqs = boto3.client("sqs")
        secret = boto3.client("secretsmanager").create_secret(
            Name="handshake-test-root", SecretString=ROOT_SECRET
        )
        boto3.client("s3").create_bucket(
            Bucket="handshake-test-files",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )
        prefix = template.SETTING_PREFIX
        settings = {name.removeprefix(prefix).lower(): table for name, table in tables.items()}
        config = Settings.model_validate(
            {
                **settings,
                "stage": "test",
                "files_bucket": "handshake-test-files",
                "work_queue_url": sqs.create_queue(QueueName="handshake-test-work")["QueueUrl"],
                "jobs_queue_url": sqs.create_queue(QueueName="handshake-test-jobs")["QueueUrl"],
                "brand_topic_arn_prefix": (
                    "arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-"
                ),
                "root_secret_arn": secret["ARN"],
                "public_url": "https://handshake.test",
            }
        )
        process = Deps(config, now=clock, token=Tokens())
        deps.use(process)
        return cls(gateway, process, clock)

    # Callers

    def caller(self, role: Role, organisation: str) -> Caller:
        """A new key for a role in an organisation, and its holder."""
        key_id = f"k{len(self.topics)}{role}{organisation}".replace("_", "")
        token = f"hsk_test_{role}_{organisation}_0123456789abcdef"
        hashed = keyed_hash(self.deps.keyring.key(Purpose.API_KEY_HASH), token)
        key = AccessKey(
            key_id=key_id, role=role, organisation=organisation, name="test", created_at=START
        )
        self.deps.access.save(hashed, key)
        return Caller(self.gateway, token)

    def partner(self, organisation: str = "handshake-gz") -> Caller:
        """A partner's supervisor."""
        return self.caller(Role.PARTNER_SUPERVISOR, organisation)

    def operator(self) -> Caller:
        """The operator."""
        return self.caller(Role.OPERATOR, "operations")

    def brand_desk(self, brand_id: str = "acme") -> Caller:
        """A brand's compliance desk."""
        return self.caller(Role.BRAND, brand_id)

    def auditor(self) -> Caller:
        """An auditor."""
        return self.caller(Role.AUDITOR, "audit-house")

    def public(self) -> Caller:
        """Anybody."""
        return Caller(self.gateway)

    # The registry

    def brand(self, brand_id: str = "acme", **fields: Any) -> dict[str, Any]:
        """A brand with an SQS queue subscribed to its topic."""
        body = {"name": f"{brand_id.title()} Outdoor", **fields}
        answer = self.operator().put(f"/v1/brands/{brand_id}", body)
        assert answer.status == 201, answer.body
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        url = sqs.create_queue(QueueName=f"desk-{brand_id}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=answer.json()["topic_arn"],
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
        )
        self.topics[brand_id] = url
        created: dict[str, Any] = answer.json()
        return created

    def factory(self, name: str = "Yi Chang Tai Garment Factory", **fields: Any) -> str:
        """A factory; its id."""
        body = {"name": name, "country": "CN", "city": "Shenzhen", **fields}
        answer = self.operator().post("/v1/factories", body)
        assert answer.status in (200, 201), answer.body
        return str(answer.json()["factory_id"])

    def link(self, factory_id: str, brand_id: str = "acme", **fields: Any) -> dict[str, Any]:
        """A sourcing link."""
        body = {"source": "factory-list", "disclosed_at": "2026-06-30", **fields}
        answer = self.operator().put(f"/v1/factories/{factory_id}/links/{brand_id}", body)
        assert answer.status in (200, 201), answer.body
        link: dict[str, Any] = answer.json()
        return link

    # Time and work

    def tick(self) -> None:
        """One run of the schedule, and everything its messages lead to."""
        invoke(app, "check_grievances", scheduled_event(), timeout_seconds=60)
        self.drain()

    def drain(self) -> None:
        """Work off both queues."""
        while self._work_queue("work_due", self.deps.settings.work_queue_url) + self._work_queue(
            "run_job", self.deps.settings.jobs_queue_url
        ):
            continue

    def _work_queue(self, function: str, url: str) -> int:
        sqs = boto3.client("sqs")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not messages:
            return 0
        answer = invoke(app, function, queue_event(messages), timeout_seconds=300)
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages) - len(failed)

    def received_alerts(self, brand_id: str = "acme") -> list[dict[str, Any]]:
        """The SNS envelopes that the brand's queue received since the last look."""
        sqs, envelopes = boto3.client("sqs"), []
        url = self.topics[brand_id]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                envelopes.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return envelopes


def filing(**changes: Any) -> dict[str, Any]:
    """A grievance that leads to an alert where the factory and a link are known."""
    return {
        "channel": "phone",
        "filed_by": "group",
        "workers_affected": 34,
        "factory_reported": {
            "name": "Yi Chang Tai Garment Factory",
            "city": "Shenzhen",
            "country": "CN",
        },
        "incident_from": "2026-09",
        "incident_to": "ongoing",
        "categories": ["compensation"],
        "narrative": "Wages for September and October were not paid.",
        "language": "zh-CN",
        "consent": {"level": "C3", "cross_border": True, "contact_back": True},
        **changes,
    }
