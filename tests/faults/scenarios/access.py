"""Who may what: keys, engagements, two people."""

from typing import Any

from chalicelib.domain.record.ledger import Action
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import chain_verifies, post
from tests.service import Caller, Service

HOME = "/v1/organisations/handshake-gz"


def _staffed(service: Service) -> Caller:
    """A supervisor with one user beside herself, who has a key."""
    supervisor = service.partner()
    added = supervisor.post(f"{HOME}/users", {"role": "partner_intake", "name": "desk"})
    wish = {"user_id": added.json()["user_id"], "name": "desk"}
    supervisor.post(f"{HOME}/keys", wish)
    return supervisor


def _desk_keys(supervisor: Caller) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = supervisor.get(f"{HOME}/keys").json()["items"]
    return [row for row in rows if row["role"] == "partner_intake"]


def _issue(service: Service, supervisor: Caller) -> None:
    (first, *_) = _desk_keys(supervisor)
    supervisor.post(f"{HOME}/keys", {"user_id": first["user_id"], "name": "second"})


def _revoke_all(service: Service, supervisor: Caller) -> None:
    for row in _desk_keys(supervisor):
        supervisor.delete(f"{HOME}/keys/{row['key_id']}")


def _no_key_is_alive_or_unlisted(service: Service, supervisor: Caller) -> None:
    """Whatever was issued is in the list, so all of it could be revoked; the log knows of each."""
    rows = _desk_keys(supervisor)
    assert 1 <= len(rows) <= 2
    assert all(row["revoked_at"] for row in rows)
    log = service.deps.access.log("2026-11", 100, None).items
    issued = {entry.subject for entry in log if entry.event == "key_issued"}
    assert issued == {row["key_id"] for row in rows}


def _rotate(service: Service, supervisor: Caller) -> None:
    live = [row for row in _desk_keys(supervisor) if row["expires_at"] > "2027"]
    path = f"{HOME}/keys/{live[0]['key_id']}/rotations"
    if len(_desk_keys(supervisor)) == 1:
        supervisor.post(path, {"overlap_hours": 1})


def _rotated_once(service: Service, supervisor: Caller) -> None:
    old, new = sorted(_desk_keys(supervisor), key=lambda row: str(row["replaces"] or ""))
    assert new["replaces"] == old["key_id"]
    assert old["expires_at"] == "2026-11-22T09:00:00.000Z"


def _engaged(service: Service) -> Caller:
    service.auditor()
    return service.operator()


def _ask_for_an_export(service: Service, _: Caller) -> None:
    period = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    service.auditor().post("/v1/exports", period)


def _then_an_export(service: Service, operator: Caller) -> None:
    _ask_for_an_export(service, operator)
    service.drain()


def _no_export_without_its_entry(service: Service, _: Caller) -> None:
    exports = service.auditor().get("/v1/exports").json()["items"]
    log = service.deps.access.log("2026-11", 100, None).items
    assert 1 <= len(exports) <= 2
    assert {row["export_id"] for row in exports} <= {entry.subject for entry in log}


def _proposed(service: Service) -> Caller:
    """A critical case that one supervisor wants to lower."""
    partner = service.partner()
    post(key="k-1", ilo_indicators=["debt_bondage"])(service, partner)
    (row,) = partner.get("/v1/grievances").json()["items"]
    partner.patch(
        f"/v1/grievances/{row['grievance_id']}",
        {"severity": "S2", "severity_reason": "It was a misunderstanding."},
        If_Match='"1"',
    )
    service.partner(person=2)
    return partner


def _confirm(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    case = partner.get(f"/v1/grievances/{row['grievance_id']}").json()
    if case["proposal"] is not None:
        path = f"/v1/grievances/{row['grievance_id']}/proposals/{case['proposal']['proposal_id']}"
        service.partner(person=2).post(f"{path}/confirmation")


def _lowered_once(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["severity"] == "S2"
    chain_verifies(service, partner, row["grievance_id"], routed=0)
    case = service.deps.cases.head(row["grievance_id"])
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries] == [
        Action.RECEIVED,
        Action.PROPOSED,
        Action.SEVERITY_LOWERED,
    ]


SCENARIOS = [
    Scenario(
        "issue of a key",
        _staffed,
        _issue,
        _revoke_all,
        _no_key_is_alive_or_unlisted,
        at_least_calls=5,
    ),
    Scenario("rotation of a key", _staffed, _rotate, _rotate, _rotated_once, at_least_calls=8),
    Scenario(
        "request for an export",
        _engaged,
        _ask_for_an_export,
        _then_an_export,
        _no_export_without_its_entry,
        at_least_calls=5,
    ),
    Scenario(
        "a second person's confirmation",
        _proposed,
        _confirm,
        _confirm,
        _lowered_once,
        at_least_calls=6,
    ),
]
