"""Intake, check, alert, consent: until a brand knows, and until it has to forget."""

import json

from chalicelib.domain.alerting.alert import grievance_of
from chalicelib.domain.record.ledger import Action, first_bad_entry
from chalicelib.domain.vocabulary import ConsentLevel
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import (
    alerted,
    chain_verifies,
    later_ticks,
    one_case_and_both_brands_told,
    post,
    registry,
    submitted,
    then_ticks,
    tick,
    ticks,
)
from tests.service import Caller, Service


def _uncovered(service: Service) -> Caller:
    """A case at a factory that no brand sources from."""
    for brand in ("acme", "bolt"):
        service.brand(brand)
    service.factory()
    partner = service.partner()
    post(key="k-1")(service, partner)
    service.tick()
    return partner


def _links(service: Service, _: Caller) -> None:
    factory_id = service.factory()
    for brand in ("acme", "bolt"):
        service.operator().put(
            f"/v1/factories/{factory_id}/links/{brand}",
            {"source": "factory-list", "disclosed_at": "2026-06-30"},
        )


def _with_one_brand(service: Service) -> Caller:
    """A case that one brand was told of, and another one that is about to source there, too."""
    for brand in ("acme", "bolt"):
        service.brand(brand)
    service.link(service.factory(), "acme")
    partner = service.partner()
    post(key="k-1")(service, partner)
    service.tick()
    service.link(service.factory(), "bolt")
    return partner


def _both_told_in_two_steps(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    chain_verifies(service, partner, row["grievance_id"], routed=2)
    alerts = service.alert_rows(row["grievance_id"])
    assert {alert.brand_id: (alert.payload.kind, alert.status) for alert in alerts} == {
        "acme": ("new", "sent"),
        "bolt": ("retro", "sent"),
    }
    assert len(service.received_alerts("bolt")) >= 1


def _routed_after_all(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    chain_verifies(service, partner, row["grievance_id"], routed=2)


def _acknowledge(service: Service, alert_id: str) -> None:
    service.brand_desk("acme").post(f"/v1/alerts/{alert_id}/acknowledgement")


def _acknowledged_once(service: Service, alert_id: str) -> None:
    alert = service.deps.alerts.get(alert_id)
    assert alert is not None
    assert alert.acknowledged_at is not None
    case = service.deps.cases.head(alert.grievance_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.action for entry in entries].count(Action.ALERT_ACKNOWLEDGED) == 1


def _withdraw(service: Service, alert_id: str) -> None:
    partner = service.partner()
    (row,) = partner.get("/v1/grievances").json()["items"]
    version = service.head_item(row["grievance_id"])["version"]
    withdrawn = {"level": "C0"}
    path = f"/v1/grievances/{row['grievance_id']}/consent"
    partner.put(path, withdrawn, If_Match=f'"{version}"')


def _withdrawn(service: Service) -> str:
    alert_id = alerted(service)
    _withdraw(service, alert_id)
    return alert_id


def _both_brands_are_recalled_once(service: Service, alert_id: str) -> None:
    case_id = grievance_of(alert_id)
    case = service.deps.cases.head(case_id)
    assert case is not None
    assert case.consent.level is ConsentLevel.C0
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.action for entry in entries].count(Action.CONSENT_CHANGED) == 1
    alerts = service.alert_rows(case_id)
    recalls = [alert for alert in alerts if alert.is_recall]
    assert sorted((a.brand_id, str(a.status)) for a in recalls) == [
        ("acme", "sent"),
        ("bolt", "sent"),
    ]
    assert all(alert.recalled_at for alert in alerts if not alert.is_recall)
    for brand in ("acme", "bolt"):
        kinds = {json.loads(e["Message"])["kind"] for e in service.received_alerts(brand)}
        assert kinds == {"new", "recall"}


def _waits_while_the_engagement_ends(service: Service) -> str:
    """An alert that was written and never tried; its brand's engagement is over."""
    partner = submitted(service)
    service.brand_desk("acme")
    with service.refusing("PublishBatch"), service.refusing("Publish"):
        service.tick()
    (row,) = partner.get("/v1/grievances").json()["items"]
    alert = next(a for a in service.alert_rows(row["grievance_id"]) if a.brand_id == "acme")
    service.set_attributes(row["grievance_id"], f"ALERT#{alert.alert_id}", attempts=0)
    (engagement,) = service.deps.access.all_engagements("acme")
    path = f"/v1/organisations/acme/engagements/{engagement.engagement_id}"
    assert service.operator().delete(path).status == 204
    service.clock.forward(minutes=20)
    return alert.alert_id


def _withheld_once(service: Service, alert_id: str) -> None:
    alert = service.deps.alerts.get(alert_id)
    assert alert is not None
    assert alert.status == "suppressed"
    case = service.deps.cases.head(alert.grievance_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.action for entry in entries].count(Action.ALERT_WITHHELD) == 1
    assert service.received_alerts("acme") == []


SCENARIOS = [
    Scenario(
        "withholding",
        _waits_while_the_engagement_ends,
        tick,
        later_ticks,
        _withheld_once,
        at_least_calls=10,
    ),
    Scenario(
        "intake by partner_ref",
        registry,
        post(partner_ref="GZ-1"),
        then_ticks(post(partner_ref="GZ-1")),
        one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "intake by key",
        registry,
        post(key="k-1"),
        then_ticks(post(key="k-1")),
        one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "intake by both keys",
        registry,
        post(key="k-1", partner_ref="GZ-1"),
        then_ticks(post(key="k-1", partner_ref="GZ-1")),
        one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "intake of a critical case",
        registry,
        post(key="k-1", ilo_indicators=["debt_bondage"]),
        then_ticks(post(key="k-1", ilo_indicators=["debt_bondage"])),
        one_case_and_both_brands_told,
        at_least_calls=3,
    ),
    Scenario(
        "check, alert and publish",
        submitted,
        tick,
        ticks,
        one_case_and_both_brands_told,
        at_least_calls=17,
    ),
    Scenario(
        "a link that appears later",
        _uncovered,
        _links,
        then_ticks(_links),
        _routed_after_all,
        at_least_calls=10,
    ),
    Scenario(
        "a brand that is told later",
        _with_one_brand,
        ticks,
        ticks,
        _both_told_in_two_steps,
        at_least_calls=30,
    ),
    Scenario(
        "acknowledgement",
        alerted,
        _acknowledge,
        _acknowledge,
        _acknowledged_once,
        at_least_calls=4,
    ),
    Scenario(
        "withdrawal of consent",
        alerted,
        _withdraw,
        then_ticks(_withdraw),
        _both_brands_are_recalled_once,
        at_least_calls=3,
    ),
    Scenario(
        "publishing of recalls",
        _withdrawn,
        tick,
        ticks,
        _both_brands_are_recalled_once,
        at_least_calls=6,
    ),
]
