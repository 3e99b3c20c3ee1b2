"""What many scenarios are made of."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.record.ledger import Action, first_bad_entry
from tests.service import Caller, Service, filing


def registry(service: Service, **factory_fields: Any) -> Caller:
    for brand in ("acme", "bolt"):
        service.brand(brand)
    factory = service.factory(**factory_fields)
    for brand in ("acme", "bolt"):
        service.link(factory, brand)
    return service.partner()


def post(**changes: Any) -> Callable[[Service, Caller], None]:
    key = changes.pop("key", None)
    headers = {} if key is None else {"Idempotency_Key": key}

    def post(service: Service, partner: Caller) -> None:
        partner.post("/v1/grievances", filing(**changes), **headers)

    return post


def ticks(service: Service, _: object) -> None:
    for _number in range(2):
        service.clock.forward(minutes=1)
        service.tick()


def tick(service: Service, _: object) -> None:
    service.tick()


def then_ticks(act: Callable[[Service, Any], None]) -> Callable[[Service, Any], None]:
    def again(service: Service, world: Any) -> None:
        act(service, world)
        ticks(service, world)

    return again


def later_ticks(service: Service, _: object) -> None:
    service.clock.forward(minutes=20)
    service.tick()


def chain_verifies(service: Service, partner: Caller, case_id: str, *, routed: int) -> None:
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.seq for entry in entries] == list(range(1, case.version + 1))
    assert entries[-1].hash == case.ledger_hash
    assert [entry.action for entry in entries].count(Action.ROUTED) == routed


def case_id_of(partner: Caller) -> str:
    """The id of the partner's only case."""
    (row,) = partner.get("/v1/grievances").json()["items"]
    return str(row["grievance_id"])


def submitted(service: Service) -> Caller:
    partner = registry(service)
    post(key="k-1")(service, partner)
    return partner


def alerted(service: Service) -> str:
    partner = submitted(service)
    service.tick()
    (row,) = partner.get("/v1/grievances").json()["items"]
    alert = next(a for a in service.alert_rows(row["grievance_id"]) if a.brand_id == "acme")
    return alert.alert_id


def one_case_and_both_brands_told(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    chain_verifies(service, partner, row["grievance_id"], routed=1)
    alerts = service.alert_rows(row["grievance_id"])
    assert {alert.brand_id: alert.status for alert in alerts} == {"acme": "sent", "bolt": "sent"}
    for brand in ("acme", "bolt"):
        assert len(service.received_alerts(brand)) >= 1
