"""Who the worker is: kept, opened, erased."""

from chalicelib.domain.helpline.outbound import NotSent
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import IdentityState, Role
from tests.faults.kills import Scenario
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.faults.scenarios.steps import (
    case_id_of,
    chain_verifies,
    one_case_and_both_brands_told,
    post,
    registry,
    then_ticks,
)
from tests.helpline import on_its_way
from tests.service import Caller, Service

WORKER = {"name": "Somebody", "wechat": "somebody", "phone": "13800138000"}


def _one_case_whose_identity_opens(service: Service, partner: Caller) -> None:
    one_case_and_both_brands_told(service, partner)
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
    post(key="k-1", worker=WORKER)(service, partner)
    return partner


def _replace(service: Service, partner: Caller) -> None:
    path = f"/v1/grievances/{case_id_of(partner)}/identity"
    partner.put(path, {**WORKER, "name": "Somebody Else", "phone": "13800138001"})


def _replaced(service: Service, partner: Caller) -> None:
    case_id = case_id_of(partner)
    path = f"/v1/grievances/{case_id}/identity/openings"
    opened = partner.post(path, {"reason": "verify_person"}).json()
    assert opened["worker"]["name"] == "Somebody Else"
    _person_is_known_once(service, case_id)
    chain_verifies(service, partner, case_id, routed=0)


def _open(service: Service, partner: Caller) -> None:
    path = f"/v1/grievances/{case_id_of(partner)}/identity/openings"
    partner.post(path, {"reason": "verify_person"})


def _every_opening_is_recorded(service: Service, partner: Caller) -> None:
    case_id = case_id_of(partner)
    chain_verifies(service, partner, case_id, routed=0)
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert 1 <= [entry.action for entry in entries].count(Action.IDENTITY_OPENED) <= 2


def _to_be_erased(service: Service) -> Caller:
    partner = _with_identity(service)
    path = f"/v1/grievances/{case_id_of(partner)}"
    for number in range(2):
        partner.post(f"{path}/messages", {"text": f"Somebody said {number}"})
    on_its_way(service, case_id_of(partner))
    partner.post(f"{path}/erasure-requests", {"scope": "texts", "reason": "worker_request"})
    return partner


def _erase(service: Service, partner: Caller) -> None:
    case_id = case_id_of(partner)
    case = service.deps.cases.head(case_id)
    assert case is not None
    officer = service.caller(Role.DPO, "privacy-office")
    body = {"scope": "texts", "reason": "worker_request", "confirm": case.public_ref}
    officer.post(f"/v1/grievances/{case_id}/erasure", body)


def _or_the_schedule_finishes(service: Service, partner: Caller) -> None:
    """Nobody repeats the request: what was begun is finished all the same, or nothing was."""
    service.apply_retention()
    case = service.deps.cases.head(case_id_of(partner))
    assert case is not None
    if case.identity is not IdentityState.ERASED:
        _erase(service, partner)


def _erased_once(service: Service, partner: Caller) -> None:
    case_id = case_id_of(partner)
    (message,) = service.deps.outbound.all_of_case(case_id)
    assert (message.text, message.because) == (None, NotSent.TEXT_ERASED)
    chain_verifies(service, partner, case_id, routed=0)
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
    path = f"/v1/grievances/{case_id_of(partner)}/transitions"
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
    case_id = case_id_of(partner)
    chain_verifies(service, partner, case_id, routed=0)
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


NAMED = {
    "level": "C4",
    "recipients": ["acme", "bolt"],
    "cross_border": True,
    "script_version": "helpline-zh-4",
}


def _named(service: Service) -> tuple[Caller, str]:
    """A case that both brands were told of, and whose worker has named them."""
    partner = registry(service)
    post(key="k-1", worker=WORKER, consent=NAMED)(service, partner)
    service.tick()
    return partner, f"/v1/grievances/{case_id_of(partner)}"


def _hand_over(service: Service) -> Asked:
    partner, path = _named(service)
    since, handed = told(service, case_id_of(partner)), f"{path}/identity/hand-overs"
    return Asked(
        lambda: partner.post(handed, {"recipient": "acme", "reason": "pay_worker"}),
        lambda: (since(), len(partner.get(handed).json()["items"])),
    )


def _withdrawal_after_hand_overs(service: Service) -> Asked:
    partner, path = _named(service)
    for brand in ("acme", "bolt"):
        partner.post(f"{path}/identity/hand-overs", {"recipient": brand, "reason": "pay_worker"})
    case_id = case_id_of(partner)
    since, fewer = told(service, case_id), {**NAMED, "level": "C3", "recipients": []}

    def asked_to_delete() -> list[str]:
        alerts = [alert for alert in service.alert_rows(case_id) if alert.is_recall]
        assert all(alert.payload.identity_was_handed_over for alert in alerts)
        return sorted(alert.brand_id for alert in alerts)

    return Asked(
        lambda: partner.put(f"{path}/consent", fewer, If_Match='"4"'),
        lambda: (since(), asked_to_delete()),
    )


SCENARIOS = [
    repeated(
        "a hand-over",
        _hand_over,
        (["identity_handed_over"], 1),
        (["identity_handed_over"] * 2, 2),
        calls=5,
    ),
    repeated(
        "withdrawal after hand-overs",
        _withdrawal_after_hand_overs,
        (["consent_changed"], ["acme", "bolt"]),
        calls=4,
        done=["precondition_failed"],
    ),
    Scenario(
        "intake with an identity",
        registry,
        post(key="k-1", worker=WORKER),
        then_ticks(post(key="k-1", worker=WORKER)),
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
]
