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
from chalicelib.domain.vocabulary import ConsentLevel, IdentityState, Role
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


WORKER = {"name": "Somebody", "wechat": "somebody", "phone": "13800138000"}


def _one_case_whose_identity_opens(service: Service, partner: Caller) -> None:
    _one_case_and_both_brands_told(service, partner)
    (row,) = partner.get("/v1/grievances").json()["items"]
    path = f"/v1/grievances/{row['grievance_id']}/identity/openings"
    assert partner.post(path, {"reason": "verify_person"}).json()["worker"]["name"] == "Somebody"
    _person_is_known_once(service, row["grievance_id"])


def _person_is_known_once(service: Service, case_id: str) -> None:
    """A ciphertext, a key and the person's two hashes, all of them of this case."""
    settings = service.deps.settings
    assert [i["case_id"] for i in service.items_of(settings.vault_table)] == [case_id]
    rows = service.items_of(settings.vault_keys_table)
    assert sorted(row["sk"] for row in rows) == sorted(["KEY", case_id, case_id])


def _with_identity(service: Service) -> Caller:
    partner = service.partner()
    _post(key="k-1", worker=WORKER)(service, partner)
    return partner


def _case_id(partner: Caller) -> str:
    (row,) = partner.get("/v1/grievances").json()["items"]
    return str(row["grievance_id"])


def _replace(service: Service, partner: Caller) -> None:
    path = f"/v1/grievances/{_case_id(partner)}/identity"
    partner.put(path, {**WORKER, "name": "Somebody Else", "phone": "13800138001"})


def _replaced(service: Service, partner: Caller) -> None:
    case_id = _case_id(partner)
    path = f"/v1/grievances/{case_id}/identity/openings"
    opened = partner.post(path, {"reason": "verify_person"}).json()
    assert opened["worker"]["name"] == "Somebody Else"
    _person_is_known_once(service, case_id)
    _chain_verifies(service, partner, case_id, routed=0)


def _open(service: Service, partner: Caller) -> None:
    path = f"/v1/grievances/{_case_id(partner)}/identity/openings"
    partner.post(path, {"reason": "verify_person"})


def _every_opening_is_recorded(service: Service, partner: Caller) -> None:
    case_id = _case_id(partner)
    _chain_verifies(service, partner, case_id, routed=0)
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert 1 <= [entry.action for entry in entries].count(Action.IDENTITY_OPENED) <= 2


def _to_be_erased(service: Service) -> Caller:
    partner = _with_identity(service)
    path = f"/v1/grievances/{_case_id(partner)}"
    for number in range(2):
        partner.post(f"{path}/messages", {"text": f"Somebody said {number}"})
    partner.post(f"{path}/erasure-requests", {"scope": "texts", "reason": "worker_request"})
    return partner


def _erase(service: Service, partner: Caller) -> None:
    case_id = _case_id(partner)
    case = service.deps.cases.head(case_id)
    assert case is not None
    officer = service.caller(Role.DPO, "privacy-office")
    body = {"scope": "texts", "reason": "worker_request", "confirm": case.public_ref}
    officer.post(f"/v1/grievances/{case_id}/erasure", body)


def _or_the_schedule_finishes(service: Service, partner: Caller) -> None:
    """Nobody repeats the request: what was begun is finished all the same, or nothing was."""
    service.apply_retention()
    case = service.deps.cases.head(_case_id(partner))
    assert case is not None
    if case.identity is not IdentityState.ERASED:
        _erase(service, partner)


def _erased_once(service: Service, partner: Caller) -> None:
    case_id = _case_id(partner)
    _chain_verifies(service, partner, case_id, routed=0)
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries].count(Action.TEXTS_ERASED) == 1
    _nothing_is_left(service, case_id)


def _nothing_is_left(service: Service, case_id: str) -> None:
    assert "Somebody" not in repr(service.everything())
    settings = service.deps.settings
    assert service.items_of(settings.vault_table) == []
    assert [row["sk"] for row in service.items_of(settings.vault_keys_table)] == ["KEY"]
    assert service.deps.erasures.is_registered(case_id)
    assert service.deps.erasures.requests(10, None).items == []
    assert [s for s in range(8) if service.deps.erasures.unfinished(s, 1)] == []


def _ended(service: Service) -> Caller:
    partner = _with_identity(service)
    path = f"/v1/grievances/{_case_id(partner)}/transitions"
    partner.post(path, {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"})
    service.clock.forward(days=30)
    return partner


def _announced(service: Service) -> Caller:
    partner = _ended(service)
    service.apply_retention()
    service.clock.forward(days=7)
    return partner


def _retention_runs(service: Service, _: Caller) -> None:
    service.apply_retention()


def _retention_runs_to_the_end(service: Service, _: Caller) -> None:
    for days in (0, 0, 7, 1):
        service.clock.forward(days=days)
        service.apply_retention()


def _erased_by_rule_once(service: Service, partner: Caller) -> None:
    case_id = _case_id(partner)
    _chain_verifies(service, partner, case_id, routed=0)
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries].count(Action.IDENTITY_ERASED) == 1
    _nothing_is_left(service, case_id)
    (plan,) = service.deps.retention.plans(10, None).items
    assert (plan.planned, plan.erased, plan.held, plan.dropped) == (1, 1, 0, 0)
    next_up = service.deps.retention.scheduled(case_id)
    assert next_up is not None
    assert next_up.rule_id == "default.texts"


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
    _post(key="k-1", ilo_indicators=["debt_bondage"])(service, partner)
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
    _chain_verifies(service, partner, row["grievance_id"], routed=0)
    case = service.deps.cases.head(row["grievance_id"])
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries] == [
        Action.RECEIVED,
        Action.PROPOSED,
        Action.SEVERITY_LOWERED,
    ]


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
        "intake with an identity",
        _registry,
        _post(key="k-1", worker=WORKER),
        _then_ticks(_post(key="k-1", worker=WORKER)),
        _one_case_whose_identity_opens,
        at_least_calls=3,
    ),
    Scenario(
        "another identity",
        _with_identity,
        _replace,
        _replace,
        _replaced,
        at_least_calls=5,
    ),
    Scenario(
        "opening",
        _with_identity,
        _open,
        _open,
        _every_opening_is_recorded,
        at_least_calls=7,
    ),
    Scenario(
        "erasure",
        _to_be_erased,
        _erase,
        _erase,
        _erased_once,
        at_least_calls=9,
    ),
    Scenario(
        "erasure that nobody repeats",
        _to_be_erased,
        _erase,
        _or_the_schedule_finishes,
        _erased_once,
        at_least_calls=9,
    ),
    Scenario(
        "retention announces",
        _ended,
        _retention_runs,
        _retention_runs_to_the_end,
        _erased_by_rule_once,
        at_least_calls=20,
    ),
    Scenario(
        "retention erases",
        _announced,
        _retention_runs,
        _retention_runs_to_the_end,
        _erased_by_rule_once,
        at_least_calls=25,
    ),
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
