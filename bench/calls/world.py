"""The service on moto, asked as Lambda asks it, with a meter on its clients.

The authorizer is not in the way: it is a function of its own, and counted by itself.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import boto3
from moto import mock_aws
from moto.backends import get_backend

from app import app
from bench import events
from bench.calls.meter import Meter
from bench.calls.tally import Call, Cost, Tally
from chalicelib import deps
from chalicelib.deps import Deps
from chalicelib.domain.admission.key_text import key_text
from chalicelib.settings import Settings
from chalicelib.store.clients import client
from chalicelib.store.keyring import Purpose
from infra import template
from infra.local.functions import invoke, queue_event
from infra.local.key_register import register
from infra.local.keys import DemoKey
from infra.local.moto_for_days import share_items_between_backups

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ROOT_SECRET = "a-root-secret-for-the-bench-0123456789"

_SERVICES: tuple[Any, ...] = ("dynamodb", "sns", "sqs", "s3", "secretsmanager", "kms")


class Measured(NamedTuple):
    """What a scenario took; `cases` is how many cases (rows, alerts) it did it to."""

    name: str
    cases: int
    cost: Cost


@dataclass
class World:
    """A running service with empty tables, and the callers it has."""

    deps: Deps
    tally: Tally
    now: datetime = START
    tokens: int = 0
    _outside: dict[str, Any] = field(default_factory=dict)

    def let_in(self, role: str, organisation: str, key: str | None = None) -> None:
        """Somebody with a key, engaged for everything; uncounted."""
        uncounted = Deps(self.deps.settings, now=self.deps.now)
        text = key or key_text(f"{self.tokens + 1:048x}")
        with self.tally.counting():
            register([DemoKey(role, role, organisation, text)], uncounted)

    def outside(self, service: Any) -> Any:
        """A client whose calls are not counted."""
        if service not in self._outside:
            self._outside[service] = boto3.client(service)
        return self._outside[service]

    def ask(self, method: str, path: str, **event: Any) -> Any:
        """The JSON answer to a request (see `events.http_event`). RuntimeError for an error."""
        answer = app(events.http_event(method, path, **event), events.Context())
        if answer["statusCode"] >= 300:
            raise RuntimeError(f"{method} {path}: {answer['statusCode']} {answer['body']}")
        return json.loads(answer["body"]) if answer["body"] else None

    def tick(self) -> None:
        """One run of the schedule."""
        invoke(app, "check_grievances", events.tick_event(), timeout_seconds=60)

    def apply_retention(self) -> None:
        """One run of the rules of retention."""
        invoke(app, "apply_retention", events.tick_event(), timeout_seconds=900)

    def seal(self) -> None:
        """One run of the schedule that seals the ledger."""
        invoke(app, "seal_ledger", events.tick_event(), timeout_seconds=900)

    def use_index(self) -> None:
        """As in a container that has been at work: an index is built, fetched and nothing waits."""
        invoke(app, "build_match_index", events.tick_event(), timeout_seconds=900)
        self.tick()
        self.drain()
        self.deps.current_index.get(self.now)

    def drain(self) -> None:
        """Work off the queues, as their event source mappings do."""
        settings = self.deps.settings
        while (
            self._worked("work_due", settings.work_queue_url, 10)
            or self._worked("run_job", settings.jobs_queue_url, 1)
            or self._worked("clean_attachment", settings.attachments_queue_url, 1)
            or self._worked("send_outbound", settings.outbound_queue_url, 1)
        ):
            continue

    def _worked(self, function: str, url: str, batch: int) -> bool:
        sqs = self.outside("sqs")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=batch).get("Messages", [])
        if not messages:
            return False
        answer = invoke(app, function, queue_event(messages), timeout_seconds=900)
        if answer["batchItemFailures"]:
            raise RuntimeError(f"{function} failed: {answer}")
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return True

    def measured(self, name: str, cases: int, act: Callable[[], object]) -> Measured:
        """Do something and say what it took."""
        return Measured(name, cases, Cost.of(self.calls_of(act)))

    def calls_of(self, act: Callable[[], object]) -> list[Call]:
        """Do something and list the calls."""
        with self.tally.counting() as calls:
            act()
        return calls

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def _token(self, size: int) -> str:
        self.tokens += 1
        return f"{self.tokens:0{2 * size}x}"


@contextmanager
def running() -> Iterator[World]:
    """An empty service."""
    _quicken_moto()
    with mock_aws():
        for service in _SERVICES:
            get_backend(service).reset()
        world = World(Deps(_settings()), Tally())
        world.deps.now = lambda: world.now
        world.deps.token = world._token
        world.deps.keyring.key(Purpose.FINGERPRINT)  # once for each process, not each request
        deps.use(world.deps)
        try:
            with Meter(world.outside("dynamodb"), world.tally).watching(_counted_clients()):
                yield world
        finally:
            deps.use(None)


@cache
def _quicken_moto() -> None:
    """Once for the process: a hundred transactions would copy all tables three hundred times."""
    share_items_between_backups()


def _counted_clients() -> list[Any]:
    return [client(service) for service in _SERVICES]


def _settings() -> Settings:
    tables = template.create_tables(boto3.client("dynamodb"), stage="bench")
    sqs = boto3.client("sqs")
    for bucket in (
        "handshake-bench-files",
        "handshake-bench-ledger",
        "handshake-bench-attachments",
    ):
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=bucket)
    secret = boto3.client("secretsmanager").create_secret(Name="root", SecretString=ROOT_SECRET)
    region = boto3.session.Session().region_name
    values: Mapping[str, str] = {
        **{name.removeprefix(template.SETTING_PREFIX).lower(): t for name, t in tables.items()},
        "files_bucket": "handshake-bench-files",
        "ledger_bucket": "handshake-bench-ledger",
        "ledger_key_id": template.create_ledger_key(boto3.client("kms")),
        "attachments_bucket": "handshake-bench-attachments",
        "attachments_queue_url": sqs.create_queue(QueueName="attachments")["QueueUrl"],
        "outbound_queue_url": sqs.create_queue(QueueName="outbound")["QueueUrl"],
        "work_queue_url": sqs.create_queue(QueueName="work")["QueueUrl"],
        "jobs_queue_url": sqs.create_queue(QueueName="jobs")["QueueUrl"],
        **{
            f"{name}_dead_letters_url": sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
            for name in ("work", "jobs", "attachments", "outbound", "schedule", "delivery")
        },
        "brand_topic_arn_prefix": f"arn:aws:sns:{region}:123456789012:handshake-bench-brand-",
        "root_secret_arn": secret["ARN"],
        "vault_key_arn": boto3.client("kms").create_key()["KeyMetadata"]["Arn"],
        "public_url": "https://handshake.example",
    }
    return Settings.model_validate(values)
