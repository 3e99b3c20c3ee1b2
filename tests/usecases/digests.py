"""A brand that has its alerts in digests, and what arrives."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.service import Caller, Service
from tests.usecases.stories import covered

MONDAY = datetime(2026, 11, 23, 6, 15, tzinfo=UTC)
"""The first Monday's digest after the clock's start, a Sunday at 08:00."""


def subscribed(service: Service, digest: str, brand_id: str = "acme") -> Caller:
    """A desk whose queue gets digests, and nothing else of what need not come singly."""
    desk = service.brand_desk(brand_id)
    (row,) = [r for r in desk.get("/v1/subscriptions").json()["items"] if r["protocol"] == "sqs"]
    assert desk.delete(f"/v1/subscriptions/{row['subscription_id']}").status == 204
    queue = {"protocol": "sqs", "endpoint": row["endpoint"], "digest": digest}
    assert desk.post("/v1/subscriptions", queue).status == 201
    return desk


def digesting(service: Service, digest: str = "daily") -> Caller:
    """Acme's desk, which sources from a factory in China, gets digests; its partner is at work."""
    covered(service)
    return subscribed(service, digest)


def arrived(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    """What came since the last look."""
    return [json.loads(envelope["Message"]) for envelope in service.received_alerts(brand_id)]


def digests(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    """Those of them that are digests; everything else there is forgotten."""
    return [each for each in arrived(service, brand_id) if each["kind"].startswith("digest_")]


def refs(digest: dict[str, Any]) -> list[str]:
    """Which cases a digest lists, in its order."""
    return [item["public_ref"] for item in digest["alerts"]]


def ticks_until(service: Service, moment: datetime, *, every: timedelta) -> None:
    """Let time pass, with a run of the schedule so often."""
    while service.clock.now < moment:
        service.clock.now = min(moment, service.clock.now + every)
        service.tick()


def notes(service: Service) -> list[dict[str, Any]]:
    """The notes that digests are to be written."""
    return [i for i in service.all_items() if i["case_id"].startswith("WATCH#digest#")]
