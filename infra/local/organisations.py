"""The demo organisations: who they are, and how they come into a stack that has none yet.

Everything goes through the front door, as an operator and a brand would do it, and can be repeated.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import requests

from chalicelib.domain.vocabulary import Role
from infra.local.keys import DemoKey, Holder
from infra.local.options import ROOT
from infra.local.sink import PATH

LISTS = ROOT / "data" / "lists"
_TIMEOUT = 30  # seconds for an answer
_IMPORTED_WITHIN = 60  # seconds


class NotRegistered(Exception):
    """The API did not do what registering needs; the message says what it answered."""


class DemoBrand(NamedTuple):
    """A fictitious brand, and the disclosed list it is given."""

    brand_id: str
    name: str
    list_file: str
    has_endpoint: bool = False


class RegisteredBrand(NamedTuple):
    """Where a brand's alerts go."""

    brand_id: str
    name: str
    topic_arn: str
    queue_url: str
    queue_arn: str
    sink_url: str | None


PARTNERS: Mapping[str, str] = {
    "pearl-river-helpline": "Pearl River Helpline",
    "dhaka-workers-line": "Dhaka Workers' Line",
    "tirupur-helpdesk": "Tirupur Helpdesk",
}
# Two of them source from the same factories, so that one grievance can concern two brands.
BRANDS: Sequence[DemoBrand] = (
    DemoBrand("acme-outdoor", "Acme Outdoor", "osh_sample_10.csv", has_endpoint=True),
    DemoBrand("blue-lantern", "Blue Lantern Apparel", "osh_sample_12.csv"),
    DemoBrand("tall-oak", "Tall Oak Shoes", "osh_sample_12.csv"),
)


def holders() -> list[Holder]:
    """Who gets a key: `partner`, `partner_second` (a second supervisor), `partner_intake`,
    `partner_2`, …, `brand`, `brand_2`, …"""
    found = [
        Holder("operator", Role.OPERATOR, "operations"),
        Holder("operator_2", Role.OPERATOR, "operations"),
        Holder("auditor", Role.AUDITOR, "audit-house"),
        Holder("dpo", Role.DPO, "privacy-office"),
    ]
    for number, organisation in enumerate(PARTNERS):
        name = _numbered("partner", number)
        found.append(Holder(name, Role.PARTNER_SUPERVISOR, organisation))
        found.append(Holder(f"{name}_second", Role.PARTNER_SUPERVISOR, organisation))
        found.append(Holder(f"{name}_intake", Role.PARTNER_INTAKE, organisation))
    for number, brand in enumerate(BRANDS):
        found.append(Holder(_numbered("brand", number), Role.BRAND, brand.brand_id))
    return found


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number + 1}" if number else name


class Registrar:
    """Registers the demo brands with the service at `base_url`, and their lists."""

    def __init__(self, base_url: str, keys: Sequence[DemoKey], sink_url: str) -> None:
        (operator,) = (key.key for key in keys if key.name == "operator")
        self._base_url = base_url
        self._sink_url = sink_url
        self._api = requests.Session()
        self._api.headers["Authorization"] = f"Bearer {operator}"
        self._sns = boto3.client("sns")
        self._sqs = boto3.client("sqs")

    def register(self) -> list[RegisteredBrand]:
        """All brands with their subscriptions and lists. NotRegistered."""
        brands = [self._brand(brand) for brand in BRANDS]
        missing = [brand for brand in BRANDS if not self._has_links(brand)]
        imports = [self._upload(brand) for brand in missing]
        for path in imports:
            self._wait_for(path)
        return brands

    def _brand(self, brand: DemoBrand) -> RegisteredBrand:
        view = self._put_brand(brand)
        topic_arn: str = view["topic_arn"]
        queue_url = self._sqs.create_queue(QueueName=f"alerts-{brand.brand_id}")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        queue_arn = attributes["Attributes"]["QueueArn"]
        self._sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)
        sink_url = self._subscribe_sink(topic_arn, brand) if brand.has_endpoint else None
        return RegisteredBrand(
            brand.brand_id, brand.name, topic_arn, queue_url, queue_arn, sink_url
        )

    def _put_brand(self, brand: DemoBrand) -> dict[str, Any]:
        """Create it; one that is there stays as whoever tries the stack out has made it."""
        path = f"/v1/brands/{brand.brand_id}"
        there = self._api.get(self._base_url + path, timeout=_TIMEOUT)
        if there.status_code == 404:
            return self._json("PUT", path, json={"name": brand.name})
        return self._json("GET", path)

    def _subscribe_sink(self, topic_arn: str, brand: DemoBrand) -> str:
        """Subscribe our endpoint; an earlier run's, on another port, goes."""
        endpoint = f"{self._sink_url}{PATH}{brand.brand_id}"
        for known in self._sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]:
            ours = urlsplit(known["Endpoint"]).path == PATH + brand.brand_id
            if known["Protocol"] == "http" and ours and known["Endpoint"] != endpoint:
                self._sns.unsubscribe(SubscriptionArn=known["SubscriptionArn"])
        self._sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=endpoint)
        return endpoint

    def _has_links(self, brand: DemoBrand) -> bool:
        path = f"/v1/links?brand_id={brand.brand_id}&limit=1"
        return bool(self._json("GET", path)["items"])

    def _upload(self, brand: DemoBrand) -> str:
        query = {
            "brand_id": brand.brand_id,
            "source": f"{brand.brand_id}-factory-list",
            "disclosed_at": "2026-01-31",
        }
        job = self._json(
            "POST",
            "/v1/imports",
            params=query,
            data=(LISTS / brand.list_file).read_bytes(),
            headers={"Content-Type": "text/csv"},
        )
        return f"/v1/imports/{job['import_id']}"

    def _wait_for(self, path: str) -> None:
        deadline = time.monotonic() + _IMPORTED_WITHIN
        while (job := self._json("GET", path))["status"] != "done":
            if job["status"] == "failed" or time.monotonic() > deadline:
                raise NotRegistered(f"an import did not finish: {job['status']} {job['error']}")
            time.sleep(0.3)

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer = self._api.request(method, self._base_url + path, timeout=_TIMEOUT, **request)
        if not answer.ok:
            raise NotRegistered(f"{method} {path.split('?')[0]} answered {answer.status_code}")
        found: dict[str, Any] = answer.json()
        return found
