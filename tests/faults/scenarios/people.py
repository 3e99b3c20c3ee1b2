"""Who is let in and shut out: each request killed anywhere, then repeated."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.admission.key_text import digest_of, key_text
from tests.faults.scenarios.asked import Asked, noted, repeated
from tests.service import Service
from tests.usecases.people import key, organisation, user

_HOME = "/v1/organisations/handshake-gz"
_OPERATIONS = "/v1/organisations/operations"
_NIGHT_LINE = {"kind": "partner", "name": "Night line"}
_ENGAGEMENT = {
    "purpose": "due_diligence_audit",
    "purpose_text": "A test.",
    "brands": None,
    "countries": None,
    "received_from": "2026-01-01",
    "received_to": "2026-12-31",
    "valid_from": "2026-11-01T00:00:00Z",
    "valid_until": "2027-02-01T00:00:00Z",
}


def _new_organisation(service: Service) -> Asked:
    operator, since = service.operator(), noted(service)
    return Asked(lambda: operator.put("/v1/organisations/night-line", _NIGHT_LINE), since)


def _on_organisation(method: str, tail: str, *, suspended: bool) -> Callable[[Service], Asked]:
    def prepare(service: Service) -> Asked:
        path, operator = organisation(service), service.operator()
        if suspended:
            operator.delete(path)
        return Asked(lambda: operator.send(method, f"{path}{tail}", None, {}), noted(service))

    return prepare


def _new_user(service: Service) -> Asked:
    supervisor, body = service.partner(), {"role": "partner_intake", "name": "desk"}
    return Asked(lambda: supervisor.post(f"{_HOME}/users", body), noted(service))


def _user(service: Service) -> Asked:
    supervisor = service.partner()
    path = f"{_HOME}/users/{user(supervisor, _HOME)}"
    return Asked(lambda: supervisor.delete(path), noted(service))


def _key(service: Service) -> Asked:
    supervisor = service.partner()
    issued = key(supervisor, _HOME, user(supervisor, _HOME))
    return Asked(lambda: supervisor.delete(f"{_HOME}/keys/{issued['key_id']}"), noted(service))


def _new_engagement(service: Service) -> Asked:
    path, operator = organisation(service, "linden", "auditor"), service.operator()
    since = noted(service)

    def seen() -> tuple[list[str], int]:
        return since(), len(operator.get(f"{path}/engagements").json()["items"])

    return Asked(lambda: operator.post(f"{path}/engagements", _ENGAGEMENT), seen)


def _engagement(service: Service) -> Asked:
    path, operator = organisation(service, "linden", "auditor"), service.operator()
    made = operator.post(f"{path}/engagements", _ENGAGEMENT).json()
    where = f"{path}/engagements/{made['engagement_id']}"
    return Asked(lambda: operator.delete(where), noted(service))


def _operator_key(decide: str | None) -> Callable[[Service], Asked]:
    """A key for a third operator that one asks for, and another one decides on."""

    def prepare(service: Service) -> Asked:
        first, second = service.operator(), service.operator(2)
        wish: dict[str, Any] = {
            "user_id": user(first, _OPERATIONS, "operator"),
            "name": "third operator",
            "key_sha256": digest_of(key_text("7f" * 24)),
        }
        if decide is None:
            return Asked(lambda: first.post("/v1/key-proposals", wish), noted(service))
        proposal = first.post("/v1/key-proposals", wish).json()
        path = f"/v1/key-proposals/{proposal['proposal_id']}"
        if decide == "refuse":
            return Asked(lambda: second.delete(path), noted(service))
        return Asked(lambda: second.post(f"{path}/confirmation"), noted(service))

    return prepare


SCENARIOS = [
    repeated("an organisation", _new_organisation, ["organisation_added"], calls=4),
    repeated(
        "suspension of an organisation",
        _on_organisation("DELETE", "", suspended=False),
        ["organisation_suspended"],
        calls=4,
    ),
    repeated(
        "reinstatement of an organisation",
        _on_organisation("POST", "/reinstatement", suspended=True),
        ["organisation_reinstated"],
        calls=4,
    ),
    repeated("a user", _new_user, ["user_added"], ["user_added", "user_added"], calls=4),
    repeated("end of a user", _user, ["user_ended"], calls=4),
    repeated("revocation of a key", _key, ["key_revoked"], calls=4),
    repeated(
        "an engagement",
        _new_engagement,
        (["engagement_made"], 1),
        (["engagement_made"] * 2, 2),
        calls=4,
    ),
    repeated("end of an engagement", _engagement, ["engagement_ended"], calls=4),
    repeated(
        "proposal of an operator's key",
        _operator_key(None),
        ["key_proposed"],
        ["key_proposed", "key_proposed"],
        calls=4,
        done=["already_exists", "state_conflict"],
    ),
    repeated(
        "confirmation of an operator's key",
        _operator_key("confirm"),
        ["key_issued"],
        calls=4,
        done=["not_found", "state_conflict"],
    ),
    repeated(
        "refusal of an operator's key",
        _operator_key("refuse"),
        ["key_proposal_refused"],
        calls=4,
        done=["not_found", "state_conflict"],
    ),
]
