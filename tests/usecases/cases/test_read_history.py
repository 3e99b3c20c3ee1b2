"""The ledger as it is read: whole, in order, in pages, and a chain that anybody can verify."""

import json
from typing import Any

from chalicelib.domain.record.ledger import GENESIS, Entry, first_bad_entry
from tests.service import Caller, Service
from tests.usecases.stories import alerted, case_of, covered, refusal, submitted, walked


def history_of(partner: Caller, grievance_id: str, limit: int = 50) -> list[Entry]:
    items = walked(partner, f"/v1/grievances/{grievance_id}/history?limit={limit}")
    names = set(Entry.model_fields)
    return [Entry.model_validate({n: item[n] for n in item if n in names}) for item in items]


def lived(service: Service, partner: Caller) -> str:
    """A case with an entry of every kind."""
    factory_id = covered(service)
    unknown = {"name": "易昌泰", "country": "CN"}
    grievance_id = alerted(service, partner, factory_reported=unknown)
    path = f"/v1/grievances/{grievance_id}"
    partner.post(f"{path}/messages", {"text": "She called again."})
    partner.post(f"{path}/factory", {"factory_id": factory_id})
    service.tick()
    desk = service.brand_desk()
    alert_id = desk.get("/v1/alerts").json()["items"][0]["alert_id"]
    desk.post(f"/v1/alerts/{alert_id}/acknowledgement")
    desk.post(f"/v1/alerts/{alert_id}/replies", {"text": "We ask the factory."})
    partner.post(f"{path}/transitions", {"to": "investigating"})
    tag = f'"{case_of(partner, grievance_id)["version"]}"'
    assert partner.patch(path, {"workers_affected": 50}, If_Match=tag).status == 200
    return grievance_id


def test_every_change_is_an_entry_that_says_who_and_what(service: Service) -> None:
    partner = service.partner()
    grievance_id = lived(service, partner)

    entries = history_of(partner, grievance_id)

    assert [(entry.action.value, entry.actor.split(":")[0]) for entry in entries] == [
        ("received", "partner_supervisor"),
        ("routed", "system"),
        ("message_added", "partner_supervisor"),
        ("factory_resolved", "partner_supervisor"),
        ("routed", "system"),
        ("alert_acknowledged", "brand"),
        ("alert_replied", "brand"),
        ("transitioned", "partner_supervisor"),
        ("corrected", "partner_supervisor"),
    ]


def test_the_chain_verifies_and_ends_where_the_case_says(service: Service) -> None:
    partner = service.partner()
    grievance_id = lived(service, partner)

    entries = history_of(partner, grievance_id)

    case = case_of(partner, grievance_id)
    assert first_bad_entry(entries) is None
    assert entries[0].prev_hash == GENESIS
    assert [entry.seq for entry in entries] == list(range(1, case["version"] + 1))
    assert entries[-1].hash == case["ledger_hash"]


def test_what_was_read_is_what_is_stored(service: Service) -> None:
    partner = service.partner()
    grievance_id = lived(service, partner)
    items = walked(partner, f"/v1/grievances/{grievance_id}/history")
    own = [item.pop("organisation") for item in items]

    stored: list[dict[str, Any]] = [service.head_item(grievance_id)["first_entry"]]
    stored += [
        {name: value for name, value in item.items() if name in Entry.model_fields}
        for item in service.all_items()
        if item["case_id"] == grievance_id and item["sk"].startswith("LEDGER#")
    ]

    assert items == stored
    assert own == [
        "handshake-gz" if item["actor"].startswith("partner") else None for item in items
    ]


def test_an_entry_names_no_organisation_factory_or_alert_and_its_partner_sees_them(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = lived(service, partner)
    (alert,) = service.alert_rows(grievance_id)
    items = walked(partner, f"/v1/grievances/{grievance_id}/history")

    handed_out = json.dumps([{n: i[n] for n in ("actor", "data")} for i in items])
    for secret in ("handshake-gz", "acme", alert.alert_id, alert.payload.factory.factory_id):  # type: ignore[union-attr]
        assert secret not in handed_out
    own = {name: value for item in items for name, value in item["private"].items()}
    assert own == {
        "factory_id": alert.payload.factory.factory_id,  # type: ignore[union-attr]
        "alerts": [alert.alert_id],
        "alert_id": alert.alert_id,
        "workers_affected": [34, 50],
    }


def test_pages_of_any_size_give_the_same_history(service: Service) -> None:
    partner = service.partner()
    grievance_id = lived(service, partner)
    whole = history_of(partner, grievance_id)
    for limit in (1, 2, 3, 8, 9, 10):
        path = f"/v1/grievances/{grievance_id}/history?limit={limit}"
        assert history_of(partner, grievance_id, limit) == whole
        assert len(partner.get(path).json()["items"]) == min(limit, 9)


def test_a_case_nothing_has_happened_to_has_one_entry_without_a_word_of_its_story(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = partner.get(f"/v1/grievances/{grievance_id}/history?limit=1")

    (entry,) = answer.json()["items"]
    assert entry["data"] == {
        "public_ref": case_of(partner, grievance_id)["public_ref"],
        "intake_type": "grievance",
        "severity": "S3",
        "consent_level": "C3",
        "filing": entry["data"]["filing"],
    }
    assert len(entry["data"]["filing"]) == 64
    assert b"Wages" not in answer.body
    assert b"Yi Chang" not in answer.body


def test_another_partners_history_is_not_there(service: Service) -> None:
    grievance_id = submitted(service.partner())

    answer = service.partner("other-ngo").get(f"/v1/grievances/{grievance_id}/history")

    assert refusal(answer) == (404, "not_found")
