"""What many stories begin with, and how their answers are read."""

from typing import Any

from infra.local.gateway import Answer
from tests.service import Caller, Service, filing


def submitted(partner: Caller, key: str = "k-1", **changes: Any) -> str:
    """Post a grievance; its id."""
    answer = partner.post("/v1/grievances", filing(**changes), Idempotency_Key=key)
    assert answer.status == 201, answer.body
    return str(answer.json()["grievance_id"])


def case_of(partner: Caller, grievance_id: str) -> dict[str, Any]:
    """The case as its partner sees it."""
    answer = partner.get(f"/v1/grievances/{grievance_id}")
    assert answer.status == 200, answer.body
    case: dict[str, Any] = answer.json()
    return case


def consented(partner: Caller, grievance_id: str, version: int, /, **consent: Any) -> Answer:
    """Record another consent on a case that was read at this version."""
    path = f"/v1/grievances/{grievance_id}/consent"
    return partner.put(path, consent, If_Match=f'"{version}"')


def covered(service: Service, *brands: str) -> str:
    """A factory that some brands source from (`acme` where none is named); its id."""
    factory_id = service.factory()
    for brand in brands or ("acme",):
        service.brand(brand)
        service.link(factory_id, brand)
    return factory_id


def alerted(service: Service, partner: Caller, key: str = "k-1", **changes: Any) -> str:
    """Post a grievance and let the check work it; the id of the case."""
    grievance_id = submitted(partner, key, **changes)
    service.tick()
    return grievance_id


def ended(service: Service, brand_id: str = "acme") -> None:
    """The brand's only engagement is ended by an operator."""
    (engagement,) = service.deps.access.all_engagements(brand_id)
    path = f"/v1/organisations/{brand_id}/engagements/{engagement.engagement_id}"
    assert service.operator().delete(path).status == 204


def engaged_again(service: Service, brand_id: str = "acme", **fields: Any) -> None:
    """An operator engages the brand anew, from the beginning of the month if nothing is said."""
    body = {
        "purpose": "alert_handling",
        "purpose_text": "To answer alerts.",
        "brands": None,
        "countries": None,
        "received_from": "2026-01-01",
        "received_to": "2027-12-31",
        "valid_from": "2026-11-01T00:00:00Z",
        "valid_until": "2027-11-01T00:00:00Z",
        **fields,
    }
    answer = service.operator().post(f"/v1/organisations/{brand_id}/engagements", body)
    assert answer.status == 201, answer.body


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code of a problem document that is complete."""
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert problem["status"] == answer.status
    assert problem["type"] == f"urn:problem-type:handshake:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return answer.status, str(problem["code"])


def fields(answer: Answer) -> dict[str, str]:
    """The fields a validation problem names, each with its code."""
    assert refusal(answer) == (422, "validation_failed")
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def walked(caller: Caller, path: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    joined = "&" if "?" in path else "?"
    page = caller.get(path).json()
    while True:
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        page = caller.get(f"{path}{joined}cursor={page['next_cursor']}").json()
