"""Lines of partners' helplines, as the tests of channels want them."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.references import derive_id
from infra.local.gateway import Answer
from tests.service import START, Service, let_in

PARTNER = "handshake-gz"


def open_line(
    service: Service, provider: Provider, secrets: Mapping[str, str], **fields: Any
) -> HelplineLine:
    """A line that hears, with its secrets; its id follows from partner, provider and name."""
    named = {"partner_id": PARTNER, "name": "test", **fields}
    line = HelplineLine.model_validate(
        {
            "line_id": derive_id("ln", named["partner_id"], provider, named["name"]),
            "provider": provider,
            "created_at": START,
            **named,
        }
    )
    entry = let_in(line.partner_id, line.line_id)
    service.deps.access.save(service.deps.lines.rows(line), entry)
    service.deps.line_secrets.put(line.line_id, secrets)
    return line


def cases_of(service: Service, partner: str = PARTNER) -> list[dict[str, Any]]:
    """The cases of a partner as it reads them, oldest first."""
    caller = service.partner(partner)
    rows = caller.get("/v1/grievances").json()["items"]
    return [caller.get(f"/v1/grievances/{row['grievance_id']}").json() for row in reversed(rows)]


def identity_of(service: Service, grievance_id: str, partner: str = PARTNER) -> dict[str, Any]:
    """Who the vault says a case is of; only what was given."""
    answer = service.partner(partner).post(
        f"/v1/grievances/{grievance_id}/identity/openings", {"reason": "contact_worker"}
    )
    assert answer.status == 201, answer.body
    worker: dict[str, Any] = answer.json()["worker"]
    return {name: value for name, value in worker.items() if value is not None}


def refused(answer: Answer) -> tuple[int, str, set[str]]:
    """Status, code and the fields that a refusal names."""
    problem = answer.json()
    return answer.status, problem["code"], {each["field"] for each in problem.get("errors", ())}


NOT_THERE = (404, "not_found", set[str]())
NOT_SIGNED = (403, "signature_refused", set[str]())
LATER = (503, "unavailable", set[str]())
