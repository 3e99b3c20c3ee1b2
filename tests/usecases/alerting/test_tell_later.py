"""A brand is found to source from a factory when others have been told of its cases already."""

import json
from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from tests.service import Caller, Service
from tests.usecases.cases.test_transition_grievance import closed_as_resolved, went
from tests.usecases.stories import alerted, case_of, consented, covered, ended, engaged_again

WAY_TO_AN_END: list[tuple[str, dict[str, Any]]] = [
    ("investigating", {}),
    ("findings", {"finding": "grounded"}),
    ("remediation", {}),
    ("verification", {}),
]


def payloads(service: Service, brand_id: str) -> list[dict[str, Any]]:
    return [payload_of(envelope) for envelope in service.received_alerts(brand_id)]


def payload_of(envelope: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(envelope["Message"])
    return payload


def told(service: Service, brand_id: str) -> list[str]:
    return [payload["kind"] for payload in payloads(service, brand_id)]


def sources_there_too(service: Service, factory_id: str, **link: Any) -> None:
    service.brand("bolt")
    service.link(factory_id, "bolt", **link)


def ticks(service: Service) -> None:
    service.tick()
    service.tick()


def actions(partner: Caller, grievance_id: str) -> list[str]:
    history = partner.get(f"/v1/grievances/{grievance_id}/history?limit=100").json()
    return [entry["action"] for entry in history["items"]]


def test_a_brand_that_discloses_the_factory_later_is_told_in_retrospect(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    before = case_of(partner, grievance_id)

    service.clock.forward(days=40)
    sources_there_too(service, factory)
    ticks(service)

    (payload,) = payloads(service, "bolt")
    assert (payload["kind"], payload["public_ref"]) == ("retro", before["public_ref"])
    assert payload["acknowledge_by"] == "2027-01-06T08:00:00.000Z"
    assert told(service, "acme") == ["new"]
    after = case_of(partner, grievance_id)
    assert (after["state"], after["clocks"]) == (before["state"], before["clocks"])
    assert actions(partner, grievance_id) == ["received", "routed", "routed"]
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert case.alerted_brands == ("acme", "bolt")
    assert first_bad_entry(service.deps.cases.entries(case, 100, None).items) is None


def test_it_is_told_once_however_often_its_link_is_written(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    sources_there_too(service, factory)
    ticks(service)

    for tier in (1, 2):
        service.link(factory, "bolt", tier=tier)
        ticks(service)

    assert told(service, "bolt") == ["retro"]
    assert actions(partner, grievance_id) == ["received", "routed", "routed"]


def test_a_link_that_does_not_cover_the_incident_tells_nobody(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)

    sources_there_too(service, factory, valid_from="2026-11-24")
    ticks(service)

    assert told(service, "bolt") == []
    assert actions(partner, grievance_id) == ["received", "routed"]


@pytest.mark.parametrize("steps", range(len(WAY_TO_AN_END) + 1))
def test_it_is_told_wherever_the_case_is_until_its_end(service: Service, steps: int) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    for to, wish in WAY_TO_AN_END[:steps]:
        state = went(partner, grievance_id, to, **wish)["state"]

    sources_there_too(service, factory)
    ticks(service)

    assert told(service, "bolt") == ["retro"]
    assert case_of(partner, grievance_id)["state"] == (state if steps else "brand_notified")


def test_of_a_case_that_has_ended_it_is_told_when_that_is_reopened(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    for to, wish in WAY_TO_AN_END:
        went(partner, grievance_id, to, **wish)
    closed_as_resolved(service, grievance_id)
    sources_there_too(service, factory)
    ticks(service)
    assert told(service, "bolt") == []

    went(partner, grievance_id, "reopened", reason="The wages were not paid after all.")
    ticks(service)

    assert told(service, "bolt") == ["retro"]


def test_of_a_case_that_is_held_it_is_told_when_that_goes_on(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    went(
        partner, grievance_id, "on_hold", reason="She asks for time.", until="2027-01-01T00:00:00Z"
    )
    sources_there_too(service, factory)
    ticks(service)
    assert told(service, "bolt") == []

    went(partner, grievance_id, "brand_notified")
    ticks(service)

    assert told(service, "bolt") == ["retro"]


def test_without_consent_it_is_told_nothing_until_the_worker_agrees_again(
    service: Service,
) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200
    sources_there_too(service, factory)
    ticks(service)
    assert told(service, "bolt") == []

    version = case_of(partner, grievance_id)["version"]
    again = {"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"}
    assert consented(partner, grievance_id, version, **again).status == 200
    ticks(service)

    (payload,) = payloads(service, "bolt")
    assert (payload["kind"], payload["consent_level"]) == ("retro", "C2")
    assert "factory" not in payload


def test_a_case_that_somebody_changes_meanwhile_is_looked_at_again(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    grievance_id = alerted(service, partner)
    sources_there_too(service, factory)

    def said() -> None:
        path = f"/v1/grievances/{grievance_id}/messages"
        assert partner.post(path, {"text": "She called again."}).status == 201

    with service.before_call("TransactWriteItems", said):
        service.tick()
    assert told(service, "bolt") == []
    ticks(service)

    assert told(service, "bolt") == ["retro"]
    assert actions(partner, grievance_id)[-2:] == ["message_added", "routed"]


def test_a_brand_that_is_not_engaged_is_told_when_it_is(service: Service) -> None:
    factory, partner = covered(service), service.partner()
    service.brand_desk("bolt")
    ended(service, "bolt")
    alerted(service, partner)
    sources_there_too(service, factory)
    ticks(service)
    assert told(service, "bolt") == []

    engaged_again(service, "bolt")
    ticks(service)

    assert told(service, "bolt") == ["retro"]
