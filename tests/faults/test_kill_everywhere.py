"""R1: killed before and after each AWS call, then run once more: nothing lost, nothing twice.

Every acknowledged case exists once, its chain verifies, every alert arrives at least once at a
subscribed queue, and the ledger says so exactly once.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.alert import grievance_of
from chalicelib.domain.ledger import Action, first_bad_entry
from chalicelib.domain.merkle import leaf_hash
from chalicelib.domain.registry import SourcingLink
from chalicelib.domain.vocabulary import ConsentLevel
from tests.domain.trees import Tree
from tests.faults.kills import Killed, Scenario, calls_of, killed_at
from tests.service import Caller, Service, filing
from tests.usecases.test_seal_ledger import heads_of, leaves_of

MOMENTS = ("before-call", "after-call")


def _registry(service: Service) -> Caller:
    for brand in ("acme", "bolt"):
        service.brand(brand)
    factory = service.factory()
    for brand in ("acme", "bolt"):
        service.link(factory, brand)
    return service.partner()


def _post(**changes: Any) -> Callable[[Service, Caller], None]:
    key = changes.pop("key", None)
    headers = {} if key is None else {"Idempotency_Key": key}

    def post(service: Service, partner: Caller) -> None:
        partner.post("/v1/grievances", filing(**changes), **headers)

    return post


def _ticks(service: Service, _: object) -> None:
    for _number in range(2):
        service.clock.forward(minutes=1)
        service.tick()


def _tick(service: Service, _: object) -> None:
    service.tick()


def _then_ticks(act: Callable[[Service, Any], None]) -> Callable[[Service, Any], None]:
    def again(service: Service, world: Any) -> None:
        act(service, world)
        _ticks(service, world)

    return again


def _one_case_and_both_brands_told(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    _chain_verifies(service, partner, row["grievance_id"], routed=1)
    alerts = service.alert_rows(row["grievance_id"])
    assert {alert.brand_id: alert.status for alert in alerts} == {"acme": "sent", "bolt": "sent"}
    for brand in ("acme", "bolt"):
        assert len(service.received_alerts(brand)) >= 1


def _chain_verifies(service: Service, partner: Caller, case_id: str, *, routed: int) -> None:
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.seq for entry in entries] == list(range(1, case.version + 1))
    assert entries[-1].hash == case.ledger_hash
    assert [entry.action for entry in entries].count(Action.ROUTED) == routed


def _submitted(service: Service) -> Caller:
    partner = _registry(service)
    _post(key="k-1")(service, partner)
    return partner


def _uncovered(service: Service) -> Caller:
    """A case at a factory that no brand sources from."""
    for brand in ("acme", "bolt"):
        service.brand(brand)
    service.factory()
    partner = service.partner()
    _post(key="k-1")(service, partner)
    service.tick()
    return partner


def _links(service: Service, _: Caller) -> None:
    factory_id = service.factory()
    for brand in ("acme", "bolt"):
        service.operator().put(
            f"/v1/factories/{factory_id}/links/{brand}",
            {"source": "factory-list", "disclosed_at": "2026-06-30"},
        )


def _routed_after_all(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    _chain_verifies(service, partner, row["grievance_id"], routed=2)


def _alerted(service: Service) -> str:
    partner = _submitted(service)
    service.tick()
    (row,) = partner.get("/v1/grievances").json()["items"]
    alert = next(a for a in service.alert_rows(row["grievance_id"]) if a.brand_id == "acme")
    return alert.alert_id


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


def _export_asked_for(service: Service) -> Caller:
    partner = _submitted(service)
    service.tick()
    assert partner is not None
    auditor = service.auditor()
    auditor.post("/v1/exports", {"received_from": "2026-11-22", "received_to": "2026-11-22"})
    return auditor


def _later_ticks(service: Service, _: object) -> None:
    service.clock.forward(minutes=20)
    service.tick()


def _export_is_whole(service: Service, auditor: Caller) -> None:
    (row,) = auditor.get("/v1/exports").json()["items"]
    export = auditor.get(f"/v1/exports/{row['export_id']}").json()
    assert export["status"] == "done"
    content = service.deps.files.get(f"exports/{row['export_id']}/cases.csv")
    assert content is not None
    assert len(content) == export["manifest"]["bytes"]
    assert content.count(b"\r\n") == export["manifest"]["row_count"] + 1 == 2


_LIST = (
    b"Factory Name,Address,City,Country\r\n"
    b"Yi Chang Tai Garment Factory,48 Kangzheng Road,Shenzhen,China\r\n"
    b"Fair Design Printing,140 Bason Sorok,Gazipur,Bangladesh\r\n"
)


def _import_asked_for(service: Service) -> Caller:
    service.brand("acme")
    operator = service.operator()
    operator.send(
        "POST",
        "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=factory-list",
        _LIST,
        {"content-type": "text/csv"},
    )
    return operator


def _import_is_whole(service: Service, operator: Caller) -> None:
    (row,) = operator.get("/v1/imports").json()["items"]
    assert (row["status"], row["counts"]["facilities"]) == ("done", 2)
    links: list[SourcingLink] = list(service.deps.registry.links_of_brand("acme"))
    factories = service.deps.registry.factories(link.factory_id for link in links)
    assert sorted(f.name for f in factories.values()) == [
        "Fair Design Printing",
        "Yi Chang Tai Garment Factory",
    ]
    found = service.deps.registry.find([("name", "BD|fair design printing")])
    assert len(found) == 1


def _waiting_without_an_index(service: Service) -> Caller:
    """A case that waits for a reviewer, until an index finds its factory."""
    for brand in ("acme", "bolt"):
        service.brand(brand)
    factory = service.factory("Yi Chang Tai Garment Factory", address="48 Kangzheng Road, Nanwan")
    for brand in ("acme", "bolt"):
        service.link(factory, brand)
    partner = service.partner()
    _post(key="k-1", factory_reported=_REWORDED)(service, partner)
    service.tick()
    service.tick()
    return partner


# Where there is no index, an equal name is not proof with an address that is worded otherwise.
_REWORDED = {
    "name": "Yi Chang Tai Garment Factory",
    "address": "Kangzheng Road 48, Nanwan",
    "country": "CN",
}


def _build_index(service: Service, _: object) -> None:
    service.build_index()


def _build_index_and_ticks(service: Service, world: object) -> None:
    service.clock.forward(minutes=5)
    service.build_index()
    _ticks(service, world)


def _found_by_the_index(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    _chain_verifies(service, partner, row["grievance_id"], routed=2)
    build = service.deps.index_builds.current()
    assert build is not None
    assert build.to_retry == ()
    content = service.deps.files.get(build.key)
    assert content is not None
    assert len(content) == build.size
    assert service.deps.work.due(0, service.clock(), limit=1, start=None).items == []


def _with_an_index(service: Service) -> Caller:
    for brand in ("acme", "bolt"):
        service.brand(brand)
    factory = service.factory("Yi Chang Tai Garment Factory", address="48 Kangzheng Road, Nanwan")
    for brand in ("acme", "bolt"):
        service.link(factory, brand)
    partner = service.partner()
    service.build_index()
    _post(key="k-1", factory_reported=_REWORDED)(service, partner)
    return partner


def _resolve(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    path = f"/v1/grievances/{row['grievance_id']}/factory"
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    partner.post(path, {"factory_id": factory.factory_id})


def _resolved_once(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievances").json()["items"]
    assert row["state"] == "brand_notified"
    _chain_verifies(service, partner, row["grievance_id"], routed=2)
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


def _two_cases_one_sealed(service: Service) -> Caller:
    partner = _submitted(service)
    service.seal()
    service.clock.forward(hours=1)
    service.tick()
    _post(key="k-2", intake_type="enquiry")(service, partner)
    return partner


def _seal(service: Service, _: object) -> None:
    service.seal()


def _seal_later(service: Service, _: object) -> None:
    service.clock.forward(hours=1)
    service.seal()


def _sealed_once(service: Service, partner: Caller) -> None:
    """Each entry is one leaf, in a tree whose heads follow each other."""
    entries: list[tuple[str, int, str]] = []
    for row in partner.get("/v1/grievances").json()["items"]:
        history = partner.get(f"/v1/grievances/{row['grievance_id']}/history").json()["items"]
        entries += [(history[0]["hash"], entry["seq"], entry["hash"]) for entry in history]
    heads, leaves = heads_of(service), leaves_of(service)
    assert sorted((leaf.chain, leaf.seq, leaf.hash) for leaf in leaves) == sorted(entries)
    assert (heads[0].tree_size, heads[-1].tree_size) == (1, len(entries))
    tree = Tree(leaf_hash(leaf.content) for leaf in leaves)
    for earlier, later in itertools.pairwise(heads):
        assert later.previous == earlier.hash
        assert later.root == tree.root(later.tree_size).hex()
        proof = tree.consistency(earlier.tree_size, later.tree_size)
        assert [node.hex() for node in proof] == list(later.consistency)
    places = service.deps.sealed_log.places((leaf.chain, leaf.seq) for leaf in leaves)
    assert [places[leaf.chain, leaf.seq] for leaf in leaves] == list(range(len(leaves)))
    state = service.deps.sealed_log.state()
    assert state is not None
    assert (state.pending, state.tree_size) == (None, len(entries))


def _withdraw(service: Service, alert_id: str) -> None:
    partner = service.partner()
    (row,) = partner.get("/v1/grievances").json()["items"]
    version = service.head_item(row["grievance_id"])["version"]
    withdrawn = {"level": "C0"}
    path = f"/v1/grievances/{row['grievance_id']}/consent"
    partner.put(path, withdrawn, If_Match=f'"{version}"')


def _withdrawn(service: Service) -> str:
    alert_id = _alerted(service)
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


SCENARIOS = [
    Scenario(
        "intake by partner_ref",
        _registry,
        _post(partner_ref="GZ-1"),
        _then_ticks(_post(partner_ref="GZ-1")),
        _one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "intake by key",
        _registry,
        _post(key="k-1"),
        _then_ticks(_post(key="k-1")),
        _one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "intake by both keys",
        _registry,
        _post(key="k-1", partner_ref="GZ-1"),
        _then_ticks(_post(key="k-1", partner_ref="GZ-1")),
        _one_case_and_both_brands_told,
        at_least_calls=2,
    ),
    Scenario(
        "withdrawal of consent",
        _alerted,
        _withdraw,
        _then_ticks(_withdraw),
        _both_brands_are_recalled_once,
        at_least_calls=3,
    ),
    Scenario(
        "publishing of recalls",
        _withdrawn,
        _tick,
        _ticks,
        _both_brands_are_recalled_once,
        at_least_calls=6,
    ),
    Scenario(
        "intake of a critical case",
        _registry,
        _post(key="k-1", ilo_indicators=["debt_bondage"]),
        _then_ticks(_post(key="k-1", ilo_indicators=["debt_bondage"])),
        _one_case_and_both_brands_told,
        at_least_calls=3,
    ),
    Scenario(
        "check, alert and publish",
        _submitted,
        _tick,
        _ticks,
        _one_case_and_both_brands_told,
        at_least_calls=17,
    ),
    Scenario(
        "a link that appears later",
        _uncovered,
        _links,
        _then_ticks(_links),
        _routed_after_all,
        at_least_calls=10,
    ),
    Scenario(
        "check by the index",
        _with_an_index,
        _tick,
        _ticks,
        _one_case_and_both_brands_told,
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
        _then_ticks(_resolve),
        _resolved_once,
        at_least_calls=7,
    ),
    Scenario(
        "a reviewer's refusal",
        _waiting_without_an_index,
        _refuse,
        _then_ticks(_refuse),
        _refused_once,
        at_least_calls=6,
    ),
    Scenario(
        "acknowledgement",
        _alerted,
        _acknowledge,
        _acknowledge,
        _acknowledged_once,
        at_least_calls=4,
    ),
    Scenario(
        "sealing the ledger",
        _two_cases_one_sealed,
        _seal,
        _seal_later,
        _sealed_once,
        at_least_calls=17,
    ),
    Scenario(
        "export",
        _export_asked_for,
        _tick,
        _later_ticks,
        _export_is_whole,
        at_least_calls=20,
    ),
    Scenario(
        "import",
        _import_asked_for,
        _tick,
        _later_ticks,
        _import_is_whole,
        at_least_calls=20,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_kill_at_any_call_loses_nothing(
    scenario: Scenario, fresh: Callable[[], Service], counts: dict[str, int]
) -> None:
    calls = calls_of(scenario, fresh())
    assert calls >= scenario.at_least_calls, "the work makes fewer calls than it did: look why"
    for moment in MOMENTS:
        for position in range(1, calls + 1):
            service = fresh()
            world = scenario.prepare(service)
            with killed_at(position, moment):
                scenario.act(service, world)
            scenario.again(service, world)
            scenario.verify(service, world)
            counts["kills"] = counts.get("kills", 0) + 1


@pytest.mark.parametrize(
    "scenario", [s for s in SCENARIOS if s.name == "check, alert and publish"], ids=lambda s: s.name
)
def test_two_kills_in_a_row_lose_nothing(
    scenario: Scenario, fresh: Callable[[], Service], counts: dict[str, int]
) -> None:
    calls = calls_of(scenario, fresh())
    for first in range(9, calls + 1, 3):
        for second in range(10, calls + 1, 4):
            service = fresh()
            world = scenario.prepare(service)
            for position, moment in ((first, "after-call"), (second, "before-call")):
                with killed_at(position, moment):
                    scenario.act(service, world)
            scenario.again(service, world)
            scenario.verify(service, world)
            counts["double kills"] = counts.get("double kills", 0) + 1


def test_the_harness_really_kills(service: Service) -> None:
    partner = _registry(service)
    with pytest.raises(Killed):
        _raise_when_killed(service, partner)
    assert partner.get("/v1/grievances").json()["items"] == []


def _raise_when_killed(service: Service, partner: Caller) -> None:
    with killed_at(2, "before-call"):
        _post(key="k-1")(service, partner)
        return
    raise Killed
