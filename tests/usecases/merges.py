"""OS IDs that are merged, through the front door."""

from typing import Any

from infra.local.gateway import Answer
from tests.service import Service

OLD, MID, NEW = "CN2021045M4T9XQ", "CN20181207KD3V4", "CN2019303BQ3FZP"
LATER, APART = "CN2020300HJ6W2Z", "CN2017011B0RQ8Z"


def put_merge(service: Service, os_id: str = OLD, into: str = NEW, **more: Any) -> Answer:
    """An operator says that an OS ID was merged into another."""
    return service.operator().put(f"/v1/os-id-merges/{os_id}", {"into": into, **more})


def merged(service: Service, os_id: str = OLD, into: str = NEW) -> None:
    """The same, where nothing speaks against it."""
    answer = put_merge(service, os_id, into)
    assert answer.status in (200, 201), answer.body


def taken_back(service: Service, os_id: str = OLD) -> None:
    """A merge is taken back as it was read."""
    path, operator = f"/v1/os-id-merges/{os_id}", service.operator()
    answer = operator.delete(path, If_Match=operator.get(path).headers["ETag"])
    assert answer.status == 204, answer.body


def factory_of(service: Service, factory_id: str) -> dict[str, Any]:
    """A factory as an operator sees it."""
    answer = service.operator().get(f"/v1/factories/{factory_id}")
    assert answer.status == 200, answer.body
    factory: dict[str, Any] = answer.json()
    return factory


def what_it_is(service: Service, factory_id: str) -> tuple[str | None, str | None, list[str]]:
    """What a factory's OS ID is now, which factory it is by that, and which are this one."""
    factory = factory_of(service, factory_id)
    return factory["current_os_id"], factory["merged_into"], factory["merged_from"]
