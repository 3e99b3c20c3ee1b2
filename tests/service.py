"""The service as a test sees it: callers at the front door, a clock, the worker, the topics."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import EndpointConnectionError

from app import app
from chalicelib import deps
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import ROLES_OF, Organisation, User, key_of
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.admission.key_text import digest_of, key_text
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.dates import timestamp
from chalicelib.domain.references import derive_id, public_ref
from chalicelib.domain.vocabulary import Role
from chalicelib.settings import Settings
from chalicelib.store.clients import client
from chalicelib.store.codec import decode, encode
from chalicelib.usecases.admission.keep_keys import hash_of
from infra import template
from infra.local.functions import invoke, queue_event, scheduled_event
from infra.local.gateway import Answer, Gateway
from tests.calls import on_every_call

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LIMITS_NOBODY_REACHES = {"requests_per_minute": 1_000_000, "filings_per_day": 1_000_000}
ROOT_SECRET = "a-root-secret-that-only-tests-know-0123456789"


def but_for_the_count(answer: Answer) -> Answer:
    """The answer without how many requests the caller has left: no two are alike in that."""
    headers = {name: value for name, value in answer.headers.items() if name != "RateLimit"}
    return answer._replace(headers=headers)


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
    known: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, gateway: Gateway) -> "Service":
        """Tables, queues, bucket and secret, made anew."""
        clock = Clock()
        tables = template.create_tables(client("dynamodb"), stage="test")
        sqs = client("sqs")
        vault_key = client("kms").create_key(Description="vault")["KeyMetadata"]["Arn"]
        secret = client("secretsmanager").create_secret(
            Name="handshake-test-root", SecretString=ROOT_SECRET
        )
        for bucket in (
            "handshake-test-files",
            "handshake-test-ledger",
            "handshake-test-attachments",
        ):
            client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
        prefix = template.SETTING_PREFIX
        settings = {name.removeprefix(prefix).lower(): table for name, table in tables.items()}
        config = Settings.model_validate(
            {
                **settings,
                "stage": "test",
                "files_bucket": "handshake-test-files",
                "ledger_bucket": "handshake-test-ledger",
                "ledger_key_id": template.create_ledger_key(client("kms")),
                "work_queue_url": sqs.create_queue(QueueName="handshake-test-work")["QueueUrl"],
                "jobs_queue_url": sqs.create_queue(QueueName="handshake-test-jobs")["QueueUrl"],
                **{
                    f"{name}_dead_letters_url": sqs.create_queue(
                        QueueName=f"handshake-test-{name}-dead"
                    )["QueueUrl"]
                    for name in (
                        *("work", "jobs", "attachments", "outbound"),
                        *("schedule", "delivery"),
                    )
                },
                "attachments_bucket": "handshake-test-attachments",
                "attachments_queue_url": sqs.create_queue(QueueName="handshake-test-attachments")[
                    "QueueUrl"
                ],
                "outbound_queue_url": sqs.create_queue(QueueName="handshake-test-outbound")[
                    "QueueUrl"
                ],
                "carriers_url": "http://127.0.0.1:9",
                "brand_topic_arn_prefix": (
                    "arn:aws:sns:eu-central-1:123456789012:handshake-test-brand-"
                ),
                "root_secret_arn": secret["ARN"],
                "vault_key_arn": vault_key,
                "public_url": "https://handshake.test",
                **LIMITS_NOBODY_REACHES,
            }
        )
        process = Deps(config, now=clock, token=Tokens())
        deps.use(process)
        return cls(gateway, process, clock)

    # Callers

    def caller(
        self,
        role: Role,
        organisation: str,
        person: int = 1,
        *,
        token: str | None = None,
        **fields: Any,
    ) -> Caller:
        """The holder of a key: somebody with a role in an organisation, known from now on.

        Another `person` is somebody else with the same role there. `fields` end the key.
        """
        who = hashlib.sha256(f"{role} {organisation} {person}".encode()).hexdigest()
        token = token or key_text(who[:48])
        if token not in self.known:
            self._let_in(role, organisation, person, token, fields)
            self.known.add(token)
        return Caller(self.gateway, token)

    def _let_in(
        self, role: Role, organisation: str, person: int, token: str, fields: dict[str, Any]
    ) -> None:
        access, hashed = self.deps.access, hash_of(digest_of(token), self.deps)
        if access.holder(hashed) is not None:
            return
        kind = next(kind for kind, roles in ROLES_OF.items() if role in roles)
        house = Organisation(
            organisation_id=organisation, kind=kind, name=organisation, created_at=START
        )
        user = User(
            user_id=user_id(role, organisation, person),
            organisation=organisation,
            role=role,
            name="test",
            created_at=START,
            created_by="test",
        )
        key = key_of(
            user,
            hashed,
            name="test",
            ends_with=token[-4:],
            issued_by="test",
            at=START,
            expires_at=None,
        ).changed(**fields)
        engaged = role in (Role.BRAND, Role.AUDITOR)
        if engaged and not access.all_engagements(organisation):
            self.engage(organisation)
        there = access.organisation(organisation) is not None
        rows = [access.new_user_row(user), *access.new_key_rows(key, hashed)]
        rows += [] if there else access.organisation_rows(house)
        access.save(rows, let_in(organisation, key.key_id))
        access.holder(hashed)  # as in a process that has met the key

    def engage(self, organisation: str, name: str = "test", **fields: Any) -> str:
        """An engagement without limits but those given, instead of one of that name; its id.
        Other engagements stay."""
        engagement = Engagement.model_validate(
            {
                "engagement_id": derive_id("e", organisation, name),
                "organisation": organisation,
                "made_by": "test",
                "made_at": START,
                "purpose": "due_diligence_audit",
                "purpose_text": "test",
                "brands": None,
                "countries": None,
                "received_from": "2000-01-01",
                "received_to": "2100-01-01",
                "valid_from": START - timedelta(days=1),
                "valid_until": START + timedelta(days=1000),
                **fields,
            }
        )
        row = self.deps.access.new_engagement_row(engagement)
        del row["Put"]["ConditionExpression"]
        number = derive_id("e", engagement.model_dump_json())
        self.deps.access.save([row], let_in(organisation, number))
        return engagement.engagement_id

    def partner(self, organisation: str = "handshake-gz", person: int = 1) -> Caller:
        """A partner's supervisor."""
        return self.caller(Role.PARTNER_SUPERVISOR, organisation, person)

    def operator(self, person: int = 1) -> Caller:
        """An operator."""
        return self.caller(Role.OPERATOR, "operations", person)

    def brand_desk(self, brand_id: str = "acme") -> Caller:
        """A brand's compliance desk."""
        return self.caller(Role.BRAND, brand_id)

    def management(self, factory_id: str, organisation: str = "mill-one") -> Caller:
        """The management of a factory of the registry."""
        body = {"kind": "factory", "name": organisation, "factory_id": factory_id}
        answer = self.operator().put(f"/v1/organisations/{organisation}", body)
        assert answer.status in (200, 201), answer.body
        return self.caller(Role.FACTORY, organisation)

    def auditor(self) -> Caller:
        """An auditor."""
        return self.caller(Role.AUDITOR, "audit-house")

    def public(self) -> Caller:
        """Anybody."""
        return Caller(self.gateway)

    # The registry

    def brand(
        self, brand_id: str = "acme", *, subscribe: bool = True, engaged: bool = True, **fields: Any
    ) -> dict[str, Any]:
        """A brand that is engaged, with an SQS queue subscribed to its topic."""
        body = {"name": f"{brand_id.title()} Outdoor", **fields}
        answer = self.operator().put(f"/v1/brands/{brand_id}", body)
        assert answer.status == 201, answer.body
        if engaged and not self.deps.access.all_engagements(brand_id):
            self.engage(brand_id)
        if subscribe:
            self.subscribe(brand_id)
        created: dict[str, Any] = answer.json()
        return created

    def subscribe(self, brand_id: str) -> None:
        """Subscribe a queue of the brand's own to its topic."""
        sqs, sns = client("sqs"), client("sns")
        url = sqs.create_queue(QueueName=f"desk-{brand_id}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=self.deps.topics.arn(brand_id),
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
        )
        self.topics[brand_id] = url

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

    def tick(self, *, seconds: float = 300) -> None:
        """One run of the schedule, and everything its messages lead to."""
        self.look_for_due_work()
        self.drain(seconds=seconds)

    def look_for_due_work(self) -> None:
        """One run of the schedule alone."""
        invoke(app, "check_grievances", scheduled_event(), timeout_seconds=60)

    def apply_retention(self, *, seconds: float = 900, **detail: Any) -> None:
        """One run of retention; `detail` is for a run by hand."""
        event = {**scheduled_event(), "detail": detail}
        invoke(app, "apply_retention", event, timeout_seconds=seconds)

    def enforce(self, *, seconds: float = 600) -> None:
        """One run of the schedule that enforces deadlines, alone."""
        invoke(app, "enforce_deadlines", scheduled_event(), timeout_seconds=seconds)

    def build_index(self) -> None:
        """One run of the schedule that builds the matching index."""
        invoke(app, "build_match_index", scheduled_event(), timeout_seconds=900)

    def seal(self, *, seconds: float = 900) -> None:
        """One run of the schedule that seals the ledger."""
        invoke(app, "seal_ledger", scheduled_event(), timeout_seconds=seconds)

    def drain(self, *, seconds: float = 300) -> None:
        """Work off the queues, with so many seconds for each function."""
        settings = self.deps.settings
        queues = {
            "work_due": settings.work_queue_url,
            "run_job": settings.jobs_queue_url,
            "clean_attachment": settings.attachments_queue_url,
            "send_outbound": settings.outbound_queue_url,
        }
        while sum(self._work_queue(name, url, seconds) for name, url in queues.items()):
            continue

    def _work_queue(self, function: str, url: str, seconds: float) -> int:
        sqs = client("sqs")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not messages:
            return 0
        event = queue_event([dict(message) for message in messages])
        answer = invoke(app, function, event, timeout_seconds=seconds)
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages) - len(failed)

    def received_alerts(self, brand_id: str = "acme") -> list[dict[str, Any]]:
        """The SNS envelopes that the brand's queue received since the last look."""
        sqs, envelopes = client("sqs"), []
        url = self.topics[brand_id]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                envelopes.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return envelopes

    def limit(self, **settings: int) -> None:
        """Let a test reach its limits: `requests_per_minute`, `filings_per_day`."""
        self.deps.settings = self.deps.settings.model_copy(update=settings)

    def forget_secrets(self) -> None:
        """As after a cold start: the root secret is fetched again."""
        self.deps = Deps(self.deps.settings, now=self.clock, token=self.deps.token)
        deps.use(self.deps)

    # What only the store can show

    def kept_secrets(self, line_id: str) -> dict[str, str] | None:
        """The secrets of a line as Secrets Manager has them; None where there are none."""
        secrets = client("secretsmanager")
        try:
            found = secrets.get_secret_value(SecretId=f"handshake-test-line-{line_id}")
        except secrets.exceptions.ResourceNotFoundException:
            return None
        kept: dict[str, str] = json.loads(found["SecretString"])
        return kept

    def all_items(self) -> list[dict[str, Any]]:
        """Every item of the cases table, in the order of its keys."""
        items = self.items_of(self.deps.settings.cases_table)
        return sorted(items, key=lambda item: (item["case_id"], item["sk"]))

    def items_of(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table."""
        pages = client("dynamodb").get_paginator("scan").paginate(TableName=table)
        return [decode(item) for page in pages for item in page["Items"]]

    def everything(self) -> list[dict[str, Any]]:
        """Every item of the cases table and of the vault's two."""
        settings = self.deps.settings
        vault = self.items_of(settings.vault_table) + self.items_of(settings.vault_keys_table)
        return self.all_items() + sorted(vault, key=repr)

    def alert_rows(self, grievance_id: str) -> list[Alert]:
        """The alerts of a case as they are stored."""
        rows = [i for i in self.all_items() if i["case_id"] == grievance_id]
        keys = [(i["case_id"], i["sk"]) for i in rows if i["sk"].startswith("ALERT#")]
        return self.deps.alerts.get_many(keys)

    def head_item(self, grievance_id: str) -> dict[str, Any]:
        """A case's head as it is stored."""
        (head,) = [i for i in self.all_items() if (i["case_id"], i["sk"]) == (grievance_id, "CASE")]
        return head

    def failed_attempts(self, grievance_id: str) -> int:
        """How often a case has failed."""
        return int(self.head_item(grievance_id).get("attempts", 0))

    def work_queue_of(self, grievance_id: str) -> str:
        """The partition of the work index a case is in; empty when it is in none."""
        return str(self.head_item(grievance_id).get("work_queue", ""))

    def poison(self, grievance_id: str) -> None:
        """Break a stored case so that no reader understands it."""
        self.set_attributes(grievance_id, "CASE", severity="S0")

    def set_attributes(self, grievance_id: str, sort_key: str, **attributes: Any) -> None:
        """Change a stored item past every rule."""
        client("dynamodb").update_item(
            TableName=self.deps.settings.cases_table,
            Key={"case_id": {"S": grievance_id}, "sk": {"S": sort_key}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues=encode({f":{n}": v for n, v in attributes.items()}),
        )

    def multiply(self, grievance_id: str, times: int, salt: str = "") -> list[str]:
        """Copies of a stored case, received one to three at the same millisecond; their ids."""
        table, head = self.deps.settings.cases_table, self.head_item(grievance_id)
        copies = [
            {
                **head,
                "case_id": copy,
                "public_ref": public_ref(copy, self.clock().year),
                "received_at": timestamp(self.clock() + timedelta(milliseconds=number * 2 // 3)),
            }
            for number, copy in enumerate(
                derive_id("g", grievance_id, f"{salt}{number}") for number in range(times)
            )
        ]
        for position in range(0, times, 25):
            batch = copies[position : position + 25]
            requests = [{"PutRequest": {"Item": encode(item)}} for item in batch]
            client("dynamodb").batch_write_item(RequestItems={table: requests})
        return [item["case_id"] for item in copies]

    def link_and_wake(self, factory_id: str, grievance_id: str) -> None:
        """What a new link and its follow-up do to a case that is uncovered."""
        self.link(factory_id)
        self.deps.work.make_due(grievance_id, self.clock())

    @contextmanager
    def before_call(self, operation: str, act: Callable[[], None]) -> Iterator[None]:
        """Let something happen just before the first call of an operation inside the block."""
        waiting = [act]

        def hook(model: Any, **_: Any) -> None:
            if model.name == operation and waiting:
                waiting.pop()()

        with on_every_call("before-call", hook):
            yield

    @contextmanager
    def refusing(self, operation: str) -> Iterator[None]:
        """AWS refuses every call of an operation inside the block, as in an outage."""

        def hook(model: Any, **_: Any) -> None:
            if model.name == operation:
                raise EndpointConnectionError(endpoint_url="https://aws.test")

        with on_every_call("before-call", hook):
            yield


def let_in(organisation: str, subject: str) -> AccessLogEntry:
    """The log entry of what a test gives out by itself; no month of a test shows it."""
    return AccessLogEntry(
        entry_id=subject,
        at=datetime(2000, 1, 1, tzinfo=UTC),
        event=AccessEvent.KEY_ISSUED,
        by_user="test",
        by_key="test",
        by_organisation="test",
        organisation=organisation,
        subject=subject,
    )


def user_id(role: Role, organisation: str, person: int = 1) -> str:
    """Who holds the key that `Service.caller` gives."""
    return derive_id("u", organisation, role, str(person))


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
        "consent": {
            "level": "C3",
            "cross_border": True,
            "contact_back": True,
            "script_version": "helpline-zh-3",
        },
        **changes,
    }
