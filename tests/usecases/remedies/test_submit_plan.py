"""A brand says how it puts things right: on the record, within consent, one version at a time."""

from typing import Any

import pytest

from chalicelib.domain.remedies.remediation import MOST_VERSIONS
from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.plans import ACTION, PLAN, Remedied
from tests.usecases.stories import case_of, consented, fields, refusal


def test_a_plan_reaches_the_partner_and_stops_the_brands_clocks(service: Service) -> None:
    told = Remedied(service)
    service.clock.forward(days=3)

    answer = told.desk.post(f"{told.alert}/plans", PLAN)

    at = "2026-11-25T08:00:00.000Z"
    plan = answer.json()
    assert answer.status == 201
    assert plan == {
        "plan_id": plan["plan_id"],
        "brand_id": "acme",
        "alert_id": told.alert_id(),
        "number": 1,
        "state": "submitted",
        "statement": PLAN["statement"],
        "actions": [{**action, "completions": []} for action in PLAN["actions"]],
        "last_due_on": "2026-12-31",
        "submitted_at": at,
        "accepted_at": None,
        "returned_at": None,
        "return_reason": None,
    }
    assert told.plans() == [plan]
    case = case_of(told.partner, told.grievance_id)
    assert (case["plan_at"], case["brand_first_reply_at"], case["state"]) == (
        at,
        at,
        "brand_notified",
    )
    for clock in ("brand_acknowledges", "brand_first_reply", "remediation_plan"):
        assert case["clocks"][clock]["met_at"] == at
    assert told.desk.get("/v1/alerts?open_only=true").json()["items"] == []
    assert told.desk.get(told.alert).json()["first_reply_at"] == at


def test_the_ledger_names_the_plan_and_holds_none_of_its_words(service: Service) -> None:
    told = Remedied(service)
    plan = told.submit()

    entry = told.history()[-1]

    assert entry["action"] == "plan_submitted"
    data = entry["data"]
    assert set(data.pop("alert_id")) == set(data.pop("plan")) == {"commitment"}
    assert data == {
        "plan_id": plan["plan_id"],
        "plan_state": "submitted",
        "number": 1,
        "actions": 2,
        "last_due_on": "2026-12-31",
    }
    assert "wages" not in str(told.history()) + str(entry["private"])


def test_a_new_version_supersedes_the_one_that_was_not_accepted(service: Service) -> None:
    told = Remedied(service)
    told.submit()
    service.clock.forward(days=1)
    told.submit({**PLAN, "statement": "Better."})

    first = case_of(told.partner, told.grievance_id)["plan_at"]

    assert [(plan["number"], plan["state"]) for plan in told.plans()] == [
        (2, "submitted"),
        (1, "superseded"),
    ]
    assert first == "2026-11-22T08:00:00.000Z"


def test_an_accepted_plan_binds_its_brand(service: Service) -> None:
    told = Remedied(service)
    told.submit()
    told.accept()
    before = service.all_items()

    answer = told.desk.post(f"{told.alert}/plans", PLAN)

    assert refusal(answer) == (409, "illegal_transition")
    assert "`complete_action`, `verify_action`, `return`" in answer.json()["detail"]
    assert service.all_items() == before


def test_each_brand_has_plans_of_its_own_and_sees_no_others(service: Service) -> None:
    told = Remedied(service, "acme", "bolt")
    told.submit()
    other = service.brand_desk("bolt")
    own = f"/v1/alerts/{told.alert_id('bolt')}/plans"

    theirs = other.post(own, PLAN).json()

    assert theirs["number"] == 1
    assert [plan["plan_id"] for plan in other.get(own).json()["items"]] == [theirs["plan_id"]]
    assert sorted(plan["brand_id"] for plan in told.plans()) == ["acme", "bolt"]
    foreign = f"{own}/{told.plan_id}/actions/1/completion"
    told.accept()
    assert refusal(other.post(foreign, {"done_on": "2026-11-22", "evidence": "x"})) == (
        404,
        "not_found",
    )


def test_after_a_withdrawal_the_brand_neither_reads_nor_submits_and_the_plan_stays(
    service: Service,
) -> None:
    told = Remedied(service)
    told.submit()
    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C0").status == 200
    before = service.all_items()

    answers = [
        told.desk.post(f"{told.alert}/plans", PLAN),
        told.desk.get(f"{told.alert}/plans"),
        told.complete(1),
    ]

    assert {refusal(answer) for answer in answers} == {(403, "consent_withdrawn")}
    assert service.all_items() == before
    assert told.states() == ["submitted"]


def test_a_recall_takes_no_plan(service: Service) -> None:
    told = Remedied(service)
    assert consented(told.partner, told.grievance_id, 2, level="C0").status == 200
    service.tick()
    recall = next(a for a in service.alert_rows(told.grievance_id) if a.is_recall)

    answer = told.desk.post(f"/v1/alerts/{recall.alert_id}/plans", PLAN)

    assert refusal(answer) == (409, "state_conflict")


def test_a_case_that_has_ended_takes_no_plan(service: Service) -> None:
    told = Remedied(service)
    told.move(to="closed", outcome="withdrawn", root_cause="unknown")

    assert refusal(told.desk.post(f"{told.alert}/plans", PLAN)) == (409, "state_conflict")
    assert told.plans() == []


def test_a_case_takes_so_many_plans_of_a_brand_and_no_more(service: Service) -> None:
    told = Remedied(service)
    for number in range(MOST_VERSIONS):
        service.clock.forward(minutes=1)
        told.submit({**PLAN, "statement": f"Version {number}."})

    answer = told.desk.post(f"{told.alert}/plans", PLAN)

    assert refusal(answer) == (409, "state_conflict")
    assert len(told.plans()) == MOST_VERSIONS


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"actions": []}, {"actions": "too_short"}),
        ({"actions": [ACTION] * 16}, {"actions": "too_long"}),
        ({"statement": "x" * 4_001}, {"statement": "too_long"}),
        (
            {"actions": [ACTION, {**ACTION, "owner": "x" * 101}]},
            {"actions.1.owner": "too_long"},
        ),
        ({"actions": [{**ACTION, "due_on": "2026-11-20"}]}, {"actions.0.due_on": "in_the_past"}),
        ({"actions": [{**ACTION, "due_on": "2029-01-01"}]}, {"actions.0.due_on": "too_far_ahead"}),
        ({"actions": [{**ACTION, "due_on": "9999-12-31"}]}, {"actions.0.due_on": "too_far_ahead"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_plan_that_breaks_a_rule_is_refused_and_stops_no_clock(
    service: Service, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    told = Remedied(service)

    answer = told.desk.post(f"{told.alert}/plans", {**PLAN, **changes})

    assert fields(answer) == problem
    case = case_of(told.partner, told.grievance_id)
    assert case["clocks"]["remediation_plan"]["met_at"] is None


def test_the_largest_plan_in_any_script_fits_its_item(service: Service) -> None:
    told = Remedied(service)
    line, owner = "\U0001f600" * 500, "\U0001f600" * 100
    action = {**ACTION, "what": line, "owner": owner, "evidence": line}
    told.submit({"statement": "\U0001f600" * 4_000, "actions": [action] * 15})
    told.accept()
    report = {"done_on": "2026-11-22", "evidence": line}
    for _ in range(3):
        for number in range(1, 16):
            path = f"{told.alert}/plans/{told.plan_id}/actions/{number}/completion"
            assert told.desk.post(path, report).status == 200
            assert told.verify(number, {"verified": False, "how": line}).status == 200

    answer = told.complete(1)

    assert refusal(answer) == (409, "state_conflict")
    assert told.states() == ["accepted"]


def test_a_plan_that_meets_another_change_is_kept_all_the_same(service: Service) -> None:
    told = Remedied(service)

    def overtake() -> None:
        told.partner.post(f"{told.case}/messages", {"text": "A note."})

    with service.before_call("TransactWriteItems", overtake):
        told.submit()

    assert told.states() == ["submitted"]


def test_an_export_says_when_the_first_plan_came(service: Service) -> None:
    told = Remedied(service)
    service.clock.forward(days=3)
    told.submit()
    today = {"received_from": "2026-11-22", "received_to": "2026-11-22", "format": "jsonl"}
    export = service.auditor().post("/v1/exports", today).json()["export_id"]
    service.drain()

    content = service.deps.files.get(f"exports/{export}/cases.jsonl")

    assert content is not None
    assert b'"plan_at":"2026-11-25T08:00:00.000Z"' in content.replace(b'": "', b'":"')


def test_an_erasure_takes_the_words_of_plans_and_leaves_dates_and_states(
    service: Service,
) -> None:
    told = Remedied(service)
    told.submit()
    told.accept()
    told.complete(1)
    told.verify(1)
    case = service.deps.cases.head(told.grievance_id)
    assert case is not None
    body = {"scope": "texts", "reason": "worker_request", "confirm": case.public_ref}
    officer = service.caller(Role.DPO, "privacy-office")
    assert officer.post(f"{told.case}/erasure", body).status == 200

    (plan,) = told.plans()

    assert (plan["state"], plan["statement"], plan["last_due_on"]) == (
        "accepted",
        None,
        "2026-12-31",
    )
    first = plan["actions"][0]
    assert (first["what"], first["owner"], first["evidence"]) == (None, None, None)
    done = first["completions"][0]
    assert (done["done_on"], done["evidence"], done["verification"]["how"]) == (
        "2026-11-22",
        None,
        None,
    )
    stored = str([item for item in service.all_items() if item["sk"].startswith("PLAN#")])
    assert not any(word in stored for word in ("wages", "Finance", "transfers", "payslips"))


def test_words_that_come_in_the_middle_of_an_erasure_do_not_bring_the_plan_back(
    service: Service,
) -> None:
    told = Remedied(service)
    told.submit()
    case = service.deps.cases.head(told.grievance_id)
    assert case is not None
    body = {"scope": "texts", "reason": "worker_request", "confirm": case.public_ref}
    officer = service.caller(Role.DPO, "privacy-office")

    def overtake() -> None:
        told.partner.post(f"{told.case}/plans/{told.plan_id}/return", {"reason": "By when?"})

    with service.before_call("PutItem", overtake):
        assert officer.post(f"{told.case}/erasure", body).status == 200

    assert told.states() == ["returned"]
    (plan,) = told.plans()
    assert (plan["statement"], plan["return_reason"]) == (None, None)
