"""What stories about access begin with: organisations, users, keys, made at the front door."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.admission.access_log import AccessLogEntry
from tests.service import START, Caller, Service


def organisation(service: Service, name: str = "night-line", kind: str = "partner") -> str:
    """An organisation that the operator has added; its path."""
    body = {"kind": kind, "name": name}
    if kind == "factory":
        body["factory_id"] = service.factory()
    answer = service.operator().put(f"/v1/organisations/{name}", body)
    assert answer.status == 201, answer.body
    return f"/v1/organisations/{name}"


def user(by: Caller, house: str, role: str = "partner_intake") -> str:
    """Somebody new; her `user_id`."""
    answer = by.post(f"{house}/users", {"role": role, "name": "somebody"})
    assert answer.status == 201, answer.body
    return str(answer.json()["user_id"])


def key(by: Caller, house: str, user_id: str, **wish: Any) -> dict[str, Any]:
    """A key that was just issued, as its answer shows it."""
    answer = by.post(f"{house}/keys", {"user_id": user_id, "name": "a desk", **wish})
    assert answer.status == 201, answer.body
    issued: dict[str, Any] = answer.json()
    return issued


def holder(service: Service, issued: dict[str, Any]) -> Caller:
    """Who uses that key."""
    return Caller(service.gateway, issued["key"])


def opens(caller: Caller) -> bool:
    """Whether the key of somebody of a partner opens anything."""
    status = caller.get("/v1/grievances").status
    assert status in (200, 401)
    return status == 200


def logged(service: Service, at: datetime = START) -> list[AccessLogEntry]:
    """The access log of the month, oldest first."""
    month = f"{at.astimezone(UTC):%Y-%m}"
    return list(service.deps.access.log(month, 100, None).items)[::-1]
