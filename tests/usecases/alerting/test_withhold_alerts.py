"""Where a brand's engagements are over no new alert reaches its topic; what takes back does."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.service import START, Caller, Service
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    ended,
    engaged_again,
    submitted,
)


def kinds(service: Service, brand_id: str = "acme") -> list[str]:
    envelopes = service.received_alerts(brand_id)
    return [json.loads(envelope["Message"])["kind"] for envelope in envelopes]


def actions(partner: Caller, grievance_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = partner.get(f"/v1/grievances/{grievance_id}/history").json()[
        "items"
    ]
    return items


def test_no_new_alert_goes_to_a_brand_whose_engagement_has_ended(service: Service) -> None:
    covered(service)
    service.brand_desk("acme")
    ended(service)
    partner = service.partner()

    grievance_id = alerted(service, partner)

    case = case_of(partner, grievance_id)
    assert (case["state"], case["routing"]) == ("not_covered", "no_brand")
    assert case["routing_reason"] == "brand_not_engaged"
    assert actions(partner, grievance_id)[-1]["data"]["reason"] == "brand_not_engaged"
    assert service.alert_rows(grievance_id) == []
    assert kinds(service) == []


@pytest.mark.parametrize(
    "limits",
    [
        {"valid_until": START},
        {"valid_from": START + timedelta(days=1)},
        {"countries": ["BD"]},
        {"received_to": "2026-11-21"},
    ],
    ids=["run out", "not begun", "another country", "another period"],
)
def test_nor_to_one_whose_engagement_does_not_cover_it(
    service: Service, limits: dict[str, Any]
) -> None:
    covered(service)
    service.engage("acme", **limits)

    grievance_id = alerted(service, service.partner())

    assert case_of(service.partner(), grievance_id)["routing_reason"] == "brand_not_engaged"
    assert kinds(service) == []


def test_other_brands_are_told_and_the_record_says_who_was_not(service: Service) -> None:
    covered(service, "acme", "bolt")
    for brand in ("acme", "bolt"):
        service.brand_desk(brand)
    ended(service)
    partner = service.partner()

    grievance_id = alerted(service, partner)

    entry = actions(partner, grievance_id)[-1]
    assert entry["data"]["brand_not_engaged"]["count"] == 1
    assert entry["private"]["brand_not_engaged"] == ["acme"]
    assert "acme" not in str(entry["data"])
    assert (kinds(service), kinds(service, "bolt")) == ([], ["new"])


@pytest.mark.parametrize("days", [0, 3])
def test_a_brand_that_is_engaged_again_is_told_from_then_on(service: Service, days: int) -> None:
    covered(service)
    service.brand_desk("acme")
    ended(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)

    engaged_again(service, valid_from=f"2026-11-{22 + days}T08:00:00Z")
    service.tick()
    service.tick()
    assert kinds(service) == ([] if days else ["retro"])
    service.clock.forward(days=days)
    service.tick()
    service.tick()

    assert case_of(partner, grievance_id)["routing"] == "alerted"
    assert kinds(service) == (["retro"] if days else [])


def test_an_alert_that_waits_while_the_engagement_ends_is_not_sent(service: Service) -> None:
    covered(service)
    service.brand_desk("acme")
    partner = service.partner()
    grievance_id = submitted(partner)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
    (alert,) = service.alert_rows(grievance_id)
    assert alert.status == "pending"
    service.set_attributes(grievance_id, f"ALERT#{alert.alert_id}", attempts=0)
    ended(service)

    service.clock.forward(hours=1)
    service.tick()

    assert kinds(service) == []
    (alert,) = service.alert_rows(grievance_id)
    assert (alert.status, alert.due_at) == ("suppressed", None)
    entry = actions(partner, grievance_id)[-1]
    assert entry["action"] == "alert_withheld"
    assert entry["data"]["reason"] == "brand_not_engaged"
    assert entry["private"] == {"alert_id": alert.alert_id}
    listed = partner.get(f"/v1/grievances/{grievance_id}/alerts").json()["items"]
    assert [item["status"] for item in listed] == ["suppressed"]


def test_a_recall_reaches_a_brand_whose_engagement_has_ended(service: Service) -> None:
    covered(service)
    service.brand_desk("acme")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert kinds(service) == ["new"]
    ended(service)

    answer = consented(partner, grievance_id, 2, level="C0", script_version="withdrawal-zh-2")
    service.tick()

    assert answer.status == 200
    assert kinds(service) == ["recall"]


def test_a_wider_consent_tells_nothing_more_to_a_brand_that_is_not_engaged(
    service: Service,
) -> None:
    covered(service)
    service.brand_desk("acme")
    partner = service.partner()
    narrow = {"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"}
    grievance_id = alerted(service, partner, consent=narrow)
    assert kinds(service) == ["new"]
    ended(service)

    consented(partner, grievance_id, 2, **{**narrow, "level": "C3"})
    service.tick()

    assert kinds(service) == []
    statuses = {a.payload.kind: a.status for a in service.alert_rows(grievance_id)}
    assert statuses == {"new": "sent", "update": "suppressed"}


def unengaged(service: Service) -> None:
    """A brand that sources from the factory, listens, and was never engaged."""
    service.brand(engaged=False)
    service.link(service.factory())


def test_a_brand_that_was_never_engaged_is_told_nothing(service: Service) -> None:
    unengaged(service)
    partner = service.partner()

    grievance_id = alerted(service, partner)

    case = case_of(partner, grievance_id)
    assert (case["state"], case["routing"]) == ("not_covered", "no_brand")
    assert case["routing_reason"] == "brand_not_engaged"
    assert service.alert_rows(grievance_id) == []
    assert kinds(service) == []


def test_its_first_engagement_tells_it_of_what_has_waited(service: Service) -> None:
    unengaged(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    house = {"kind": "brand", "name": "Acme Outdoor"}
    assert service.operator().put("/v1/organisations/acme", house).status in (200, 201)

    engaged_again(service)
    service.tick()
    service.tick()

    assert case_of(partner, grievance_id)["routing"] == "alerted"
    assert kinds(service) == ["retro"]


def test_nor_is_it_told_beside_one_that_is(service: Service) -> None:
    factory_id = covered(service, "bolt")
    service.brand(engaged=False)
    service.link(factory_id)
    partner = service.partner()

    grievance_id = alerted(service, partner)

    assert (kinds(service), kinds(service, "bolt")) == ([], ["new"])
    assert actions(partner, grievance_id)[-1]["private"]["brand_not_engaged"] == ["acme"]
