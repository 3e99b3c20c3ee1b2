"""Everything a step of the story needs: the callers, the queues, the endpoint, what was done."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from infra.demo.api import Caller, eventually
from infra.demo.cast import ACME, LANTERN, OAK
from infra.demo.endpoint import HttpsEndpoint
from infra.demo.phones import Phone
from infra.demo.telling import Teller
from infra.local.environment import AWS, REGION

GivenList = tuple[str, str]
"""A list's path, and the name of the brand that published it."""


@dataclass
class Filed:
    """A grievance of the story."""

    body: bytes
    receipt_bytes: bytes
    partner: Caller

    @property
    def receipt(self) -> dict[str, Any]:
        """What the partner got."""
        receipt: dict[str, Any] = json.loads(self.receipt_bytes)
        return receipt

    @property
    def path(self) -> str:
        """Where the grievance is."""
        return f"/v1/grievances/{self.receipt['grievance_id']}"

    def read(self) -> dict[str, Any]:
        """The grievance as its partner sees it now."""
        grievance: dict[str, Any] = self.partner.get(self.path)
        return grievance


@dataclass
class Scene:
    """The stage: who can do what, and what they have done so far."""

    teller: Teller
    document: Mapping[str, Any]
    endpoint: HttpsEndpoint
    tick: Callable[[], None]
    given_lists: tuple[GivenList, ...] = ()
    queues: dict[str, str] = field(default_factory=dict)
    filed: dict[str, Filed] = field(default_factory=dict)
    envelopes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = self.document["keys"]
        self.operator = self._caller(keys["operator"])
        self.auditor = self._caller(keys["auditor"])
        self.pearl_river = self._caller(keys["partner"])
        self.pearl_river_second = self._caller(keys["partner_second"])
        self.dhaka = self._caller(keys["partner_2"])
        self.tirupur = self._caller(keys["partner_3"])
        self.desks = {
            ACME: self._caller(keys["brand"]),
            LANTERN: self._caller(keys["brand_2"]),
            OAK: self._caller(keys["brand_3"]),
        }
        self.anybody = self._caller(None)
        self.sns = self._client("sns")
        self.sqs = self._client("sqs")
        self.s3 = self._client("s3")

    def _caller(self, key: str | None) -> Caller:
        return Caller(self.document["base_url"], key)

    def _client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self.document["aws_endpoint"],
            region_name=REGION,
            aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
        )

    def envelope(self, brand_id: str, public_ref: str) -> dict[str, Any]:
        """The SNS notification about a case from a brand's queue, once it is there. StepFailed."""
        return eventually(
            lambda: self._received(brand_id, public_ref),
            f"no alert about {public_ref} reached the queue of {brand_id}",
        )

    def _received(self, brand_id: str, public_ref: str) -> dict[str, Any] | None:
        known = self.envelopes.setdefault(brand_id, [])
        known += self._receive(self.queues[brand_id])
        return next((e for e in known if public_ref in e["Message"]), None)

    def _receive(self, url: str) -> list[dict[str, Any]]:
        """What is in a queue, taken out of it."""
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages = answer.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def settled(self, name: str, state: str, routing: str, *, ticks: bool = False) -> Any:
        """A grievance of the story, once the check has brought it there. StepFailed.

        With `ticks` the schedule runs again and again meanwhile, as it does every minute.
        """
        filed, last_tick = self.filed[name], time.monotonic()

        def look() -> dict[str, Any] | None:
            nonlocal last_tick
            if ticks and time.monotonic() - last_tick > 1:
                self.tick()
                last_tick = time.monotonic()
            seen = filed.read()
            return seen if (seen["state"], seen["routing"]) == (state, routing) else None

        return eventually(look, f"{filed.receipt['public_ref']} has not become {state} ({routing})")
