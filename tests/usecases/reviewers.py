"""What a reviewer does in the tests: reads the queue, chooses a factory, refuses others."""

from typing import Any

from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import walked

QUEUE = "/v1/review-queue"
SPELLED = {"name": "易昌泰（深圳）制衣厂", "country": "CN"}
NAME = "Yi Chang Tai Garment Factory"


def resolved(partner: Caller, grievance_id: str, factory_id: str, **wish: Any) -> Answer:
    headers = {"If_Match": wish.pop("if_match")} if "if_match" in wish else {}
    body = {"factory_id": factory_id, **wish}
    return partner.post(f"/v1/grievances/{grievance_id}/factory", body, **headers)


def refused(partner: Caller, grievance_id: str, *factory_ids: str, **wish: Any) -> Answer:
    headers = {"If_Match": wish.pop("if_match")} if "if_match" in wish else {}
    body = {"factory_ids": factory_ids, **wish}
    return partner.post(f"/v1/grievances/{grievance_id}/refused-factories", body, **headers)


def queued(partner: Caller) -> list[str]:
    return [item["grievance_id"] for item in walked(partner, QUEUE)]


def namesakes(service: Service) -> list[str]:
    """Two factories of one name in one country; their ids in order."""
    return sorted(
        service.factory(NAME, city=city, address=address)
        for city, address in (("Shenzhen", "48 Kangzheng Road"), ("Dongguan", "7 Changan Road"))
    )
