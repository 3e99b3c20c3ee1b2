"""Which factory is meant: the index, and what reviewers say."""

from chalicelib.domain.record.ledger import Action
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import (
    chain_verifies,
    one_case_and_both_brands_told,
    post,
    registry,
    then_ticks,
    tick,
    ticks,
)
from tests.service import Caller, Service

_REWORDED = {
    "name": "Yi Chang Tai Garment Factory",
    "address": "Kangzheng Road 48, Nanwan",
    "country": "CN",
}


def _waiting_without_an_index(service: Service) -> Caller:
    """A case that waits for a reviewer, until an index finds its factory."""
    partner = registry(service, address="48 Kangzheng Road, Nanwan")
    post(key="k-1", factory_reported=_REWORDED)(service, partner)
    service.tick()
    service.tick()
    return partner


def _build_index(service: Service, _: object) -> None:
    service.build_index()


def _build_index_and_ticks(service: Service, world: object) -> None:
    service.clock.forward(minutes=5)
    service.build_index()
    ticks(service, world)


def _found_by_the_index(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    chain_verifies(service, partner, row["grievance_id"], routed=2)
    build = service.deps.index_builds.current()
    assert build is not None
    assert build.to_retry == ()
    content = service.deps.files.get(build.key)
    assert content is not None
    assert len(content) == build.size
    assert service.deps.work.due(0, service.clock(), limit=1, start=None).items == []


def _with_an_index(service: Service) -> Caller:
    partner = registry(service, address="48 Kangzheng Road, Nanwan")
    service.build_index()
    post(key="k-1", factory_reported=_REWORDED)(service, partner)
    return partner


def _resolve(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    path = f"/v1/grievances/{row['grievance_id']}/factory"
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    partner.post(path, {"factory_id": factory.factory_id})


def _resolved_once(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    chain_verifies(service, partner, row["grievance_id"], routed=2)
    (judgement,) = service.deps.registry.all_judgements()
    found = service.deps.registry.find([("confirmed", judgement.spelling_key)])
    assert list(found.values()) == [{judgement.factory_id}]


def _refuse(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    path = f"/v1/grievances/{row['grievance_id']}/refused-factories"
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    partner.post(path, {"factory_ids": [factory.factory_id]}, If_Match='"2"')


def _refused_once(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert (row["state"], row["routing"]) == ("screening", "needs_review")
    case = service.deps.cases.head(row["grievance_id"])
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries].count(Action.FACTORIES_REFUSED) == 1
    (judgement,) = service.deps.registry.all_judgements()
    found = service.deps.registry.find([("refused", judgement.spelling_key)])
    assert list(found.values()) == [set(case.refused_factories)]


def _unknown(service: Service) -> Caller:
    """A case whose factory nobody had registered, until now."""
    service.brand("acme")
    service.brand("bolt")
    partner = service.partner()
    post(key="k-1")(service, partner)
    service.tick()
    factory_id = service.factory()
    for brand in ("acme", "bolt"):
        service.link(factory_id, brand)
    return partner


def _told_after_all(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    chain_verifies(service, partner, row["grievance_id"], routed=2)
    for brand in ("acme", "bolt"):
        assert len(service.received_alerts(brand)) >= 1


SCENARIOS = [
    Scenario(
        "a factory that appears later",
        _unknown,
        ticks,
        ticks,
        _told_after_all,
        at_least_calls=30,
    ),
    Scenario(
        "check by the index",
        _with_an_index,
        tick,
        ticks,
        one_case_and_both_brands_told,
        at_least_calls=20,
    ),
    Scenario(
        "build of the matching index",
        _waiting_without_an_index,
        _build_index,
        _build_index_and_ticks,
        _found_by_the_index,
        at_least_calls=10,
    ),
    Scenario(
        "a reviewer's choice",
        _waiting_without_an_index,
        _resolve,
        then_ticks(_resolve),
        _resolved_once,
        at_least_calls=7,
    ),
    Scenario(
        "a reviewer's refusal",
        _waiting_without_an_index,
        _refuse,
        then_ticks(_refuse),
        _refused_once,
        at_least_calls=6,
    ),
]
