"""What people do with a case: each request killed anywhere, then repeated."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.faults.scenarios.steps import alerted, case_id_of
from tests.service import Service, filing
from tests.usecases.reviewers import SPELLED, resolved
from tests.usecases.stories import alerted as case_alerted
from tests.usecases.stories import case_of, covered, submitted, walked

_LOWERED = {"severity": "S2", "severity_reason": "It was a misunderstanding."}


def _on_a_case(method: str, tail: str, body: Any, **headers: str) -> Callable[[Service], Asked]:
    def prepare(service: Service) -> Asked:
        partner = service.partner()
        grievance_id = submitted(partner, ilo_indicators=["debt_bondage"])
        return Asked(
            lambda: partner.send(method, f"/v1/grievances/{grievance_id}{tail}", body, headers),
            told(service, grievance_id),
        )

    return prepare


def _proposal(service: Service) -> Asked:
    partner = service.partner()
    grievance_id = submitted(partner, ilo_indicators=["debt_bondage"])
    path = f"/v1/grievances/{grievance_id}"
    partner.patch(path, _LOWERED, If_Match='"1"')
    proposal = case_of(partner, grievance_id)["proposal"]
    other = service.partner(person=2)
    return Asked(
        lambda: other.delete(f"{path}/proposals/{proposal['proposal_id']}"),
        told(service, grievance_id),
    )


def _hold(service: Service) -> Asked:
    grievance_id = submitted(service.partner())
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    officer = service.caller(Role.DPO, "privacy-office")
    return Asked(
        lambda: officer.put(path, {"reason": "court_proceedings"}), told(service, grievance_id)
    )


def _held(service: Service) -> Asked:
    grievance_id = submitted(service.partner())
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    officer = service.caller(Role.DPO, "privacy-office")
    officer.put(path, {"reason": "court_proceedings"})
    return Asked(lambda: officer.delete(path), told(service, grievance_id))


def _reply(service: Service) -> Asked:
    alert_id = alerted(service)
    desk, since = service.brand_desk(), told(service, case_id_of(service.partner()))

    def seen() -> tuple[list[str], int]:
        return since(), len(desk.get(f"/v1/alerts/{alert_id}").json()["replies"])

    return Asked(lambda: desk.post(f"/v1/alerts/{alert_id}/replies", {"text": "We look."}), seen)


def _reprisals(service: Service) -> Asked:
    alerted(service)
    partner = service.partner()
    case_id = case_id_of(partner)
    since, path = told(service, case_id), f"/v1/grievances/{case_id}/check-ins"

    def seen() -> tuple[list[str], int]:
        return since(), len(partner.get("/v1/signals").json()["items"])

    return Asked(lambda: partner.post(path, {"outcome": "retaliation_reported"}), seen)


def _linked(service: Service) -> Asked:
    partner = service.partner()
    first = submitted(partner)
    links = [{"type": "retaliation_of", "grievance_id": first}]
    body = filing(intake_type="retaliation", links=links)
    since = told(service, first)

    def seen() -> tuple[list[str], int]:
        return since(), len(case_of(partner, first)["links"])

    return Asked(lambda: partner.post("/v1/grievances", body, Idempotency_Key="reprisal"), seen)


def _receipt(service: Service) -> Asked:
    posted = service.partner().post("/v1/grievances", filing(), Idempotency_Key="k-1").json()

    def look() -> Answer:
        return service.public().get("/v1/receipts", Receipt_Code=posted["receipt_code"])

    return Asked(look, lambda: look().status)


def _remembered(service: Service) -> Asked:
    factory_id, partner, operator = covered(service), service.partner(), service.operator()
    grievance_id = case_alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, grievance_id, factory_id)
    (judgement,) = walked(operator, "/v1/judgements")
    return Asked(
        lambda: operator.delete(f"/v1/judgements/{judgement['judgement_id']}"),
        lambda: walked(operator, "/v1/judgements"),
    )


SCENARIOS = [
    repeated(
        "a message",
        _on_a_case("POST", "/messages", {"text": "Called back."}),
        ["message_added"],
        ["message_added", "message_added"],
        calls=4,
    ),
    repeated(
        "a check-in",
        _reprisals,
        (["checked_in"], 1),
        (["checked_in"] * 2, 2),
        calls=4,
    ),
    repeated("a grievance that names another", _linked, (["linked"], 1), calls=5),
    repeated(
        "a correction",
        _on_a_case("PATCH", "", {"workers_affected": 41}, If_Match='"1"'),
        ["corrected"],
        calls=4,
        done=["precondition_failed"],
    ),
    repeated(
        "a transition",
        _on_a_case("POST", "/transitions", {"to": "acknowledged"}, If_Match='"1"'),
        ["transitioned"],
        calls=4,
        done=["precondition_failed"],
    ),
    repeated(
        "what the worker got",
        _on_a_case("PUT", "/remedy", {"remedy": {"types": ["apology"]}}),
        ["remedy_recorded"],
        calls=4,
    ),
    repeated(
        "a proposal",
        _on_a_case("PATCH", "", _LOWERED, If_Match='"1"'),
        ["proposed"],
        calls=4,
        done=["precondition_failed"],
    ),
    repeated(
        "a second person's refusal", _proposal, ["proposal_refused"], calls=4, done=["not_found"]
    ),
    repeated(
        "request for an erasure",
        _on_a_case("POST", "/erasure-requests", {"scope": "texts", "reason": "worker_request"}),
        ["erasure_requested"],
        calls=4,
    ),
    repeated("a retention hold", _hold, ["retention_held"], calls=4),
    repeated("end of a retention hold", _held, ["retention_hold_lifted"], calls=4),
    repeated(
        "a brand's reply", _reply, (["alert_replied"], 1), (["alert_replied"] * 2, 2), calls=4
    ),
    repeated("a look with a receipt code", _receipt, 200, calls=3),
    repeated("taking back a spelling", _remembered, [], calls=4, done=["not_found"]),
]
