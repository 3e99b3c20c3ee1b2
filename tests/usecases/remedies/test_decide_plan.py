"""The partner agrees to a plan or sends it back; only what is legal, and the case goes along."""

import pytest

from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.plans import PLAN, Remedied
from tests.usecases.stories import case_of, fields, refusal


def with_findings(service: Service, *brands: str) -> Remedied:
    told = Remedied(service, *brands)
    told.move(to="investigating")
    told.move(to="findings", finding="grounded")
    told.submit()
    return told


def test_an_accepted_plan_takes_a_case_from_its_findings_to_remediation(service: Service) -> None:
    told = with_findings(service)
    service.clock.forward(days=1)

    plan = told.accept()

    case = case_of(told.partner, told.grievance_id)
    assert (plan["state"], plan["accepted_at"]) == ("accepted", "2026-11-23T08:00:00.000Z")
    assert case["state"] == "remediation"
    assert told.history()[-1]["data"] == {
        "plan_id": told.plan_id,
        "plan_state": "accepted",
        "from": "findings",
        "to": "remediation",
    }
    assert told.desk.get(f"{told.alert}/plans").json()["items"] == [plan]


@pytest.mark.parametrize("state", ["brand_notified", "investigating", "on_hold"])
def test_in_any_other_state_the_case_stays_where_it_is(service: Service, state: str) -> None:
    told = Remedied(service)
    if state != "brand_notified":
        told.move(to="investigating")
    if state == "on_hold":
        told.move(to="on_hold", reason="Strike.", until="2026-12-01T00:00:00Z")
    told.submit()

    told.accept()

    assert case_of(told.partner, told.grievance_id)["state"] == state
    assert told.states() == ["accepted"]


def test_the_clock_of_verification_runs_thirty_days_from_the_end_of_the_last_day(
    service: Service,
) -> None:
    told = with_findings(service)

    told.accept()

    clock = case_of(told.partner, told.grievance_id)["clocks"]["verify"]
    # Shanghai's 31 December is over at 16:00 UTC; thirty dates later it is 31 January there
    due_at = "2027-01-30T16:00:00.000Z"
    assert clock == {"due_at": due_at, "met_at": None, "breached_at": None, "level": None}


def test_a_second_plan_moves_a_running_clock_only_on(service: Service) -> None:
    told = with_findings(service, "acme", "bolt")
    told.accept()
    before = case_of(told.partner, told.grievance_id)["clocks"]["verify"]
    other, own = service.brand_desk("bolt"), f"/v1/alerts/{told.alert_id('bolt')}/plans"
    sooner = {**PLAN, "actions": PLAN["actions"][:1]}
    plan = other.post(own, sooner).json()["plan_id"]

    assert told.partner.post(f"{told.case}/plans/{plan}/acceptance").status == 200

    assert case_of(told.partner, told.grievance_id)["clocks"]["verify"] == before
    later = {**PLAN, "actions": [{**PLAN["actions"][0], "due_on": "2027-06-30"}]}
    told.partner.post(f"{told.case}/plans/{plan}/return", {"reason": "Too soon."})
    plan = other.post(own, later).json()["plan_id"]
    told.partner.post(f"{told.case}/plans/{plan}/acceptance")
    clock = case_of(told.partner, told.grievance_id)["clocks"]["verify"]
    assert clock["due_at"] == "2027-07-30T16:00:00.000Z"


def test_a_plan_is_sent_back_with_a_reason_that_its_brand_reads(service: Service) -> None:
    told = with_findings(service)

    answer = told.partner.post(f"{told.case}/plans/{told.plan_id}/return", {"reason": "By when?"})

    assert answer.status == 200
    (plan,) = told.desk.get(f"{told.alert}/plans").json()["items"]
    assert (plan["state"], plan["return_reason"]) == ("returned", "By when?")
    assert plan["returned_at"] == "2026-11-22T08:00:00.000Z"
    entry = told.history()[-1]
    assert entry["action"] == "plan_returned"
    assert set(entry["data"]["reason"]) == {"commitment"}
    told.submit()
    assert told.states() == ["submitted", "superseded"]


def test_nothing_that_a_brand_reads_of_a_plan_says_who_the_partner_is(service: Service) -> None:
    told = with_findings(service)
    told.accept()
    told.complete(1)
    told.verify(1)
    told.partner.post(f"{told.case}/plans/{told.plan_id}/return", {"reason": "By when?"})

    assert b"handshake-gz" not in told.desk.get(f"{told.alert}/plans").body


def test_a_return_needs_a_reason(service: Service) -> None:
    told = with_findings(service)

    answer = told.partner.post(f"{told.case}/plans/{told.plan_id}/return", {})

    assert fields(answer) == {"reason": "missing"}
    assert told.states() == ["submitted"]


def test_what_cannot_be_done_is_a_409_that_names_what_can(service: Service) -> None:
    told = with_findings(service)
    told.accept()
    before = service.all_items()

    again = told.partner.post(f"{told.case}/plans/{told.plan_id}/acceptance")

    assert refusal(again) == (409, "illegal_transition")
    assert again.json()["detail"] == (
        "What can be done to a plan that is `accepted`: "
        "`complete_action`, `verify_action`, `return`."
    )
    assert service.all_items() == before


def test_a_superseded_plan_is_over(service: Service) -> None:
    told = with_findings(service)
    first = told.plan_id
    told.submit()

    answer = told.partner.post(f"{told.case}/plans/{first}/acceptance")

    assert refusal(answer) == (409, "illegal_transition")
    assert "nothing any more" in answer.json()["detail"]


def test_a_case_that_has_ended_decides_about_no_plan(service: Service) -> None:
    told = with_findings(service)
    told.move(to="closed", outcome="unresolved", root_cause="unknown")

    for tail, body in (("acceptance", None), ("return", {"reason": "Late."})):
        answer = told.partner.post(f"{told.case}/plans/{told.plan_id}/{tail}", body)
        assert refusal(answer) == (409, "state_conflict")
    assert told.states() == ["submitted"]


def test_only_a_supervisor_decides(service: Service) -> None:
    told = with_findings(service)
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    answer = intake.post(f"{told.case}/plans/{told.plan_id}/acceptance")

    assert refusal(answer) == (403, "forbidden")
    assert intake.get(f"{told.case}/plans").status == 200


def test_of_two_decisions_at_one_moment_the_first_counts(service: Service) -> None:
    told = with_findings(service)
    path = f"{told.case}/plans/{told.plan_id}"

    def overtake() -> None:
        assert told.partner.post(f"{path}/return", {"reason": "By when?"}).status == 200

    with service.before_call("TransactWriteItems", overtake):
        answer = told.partner.post(f"{path}/acceptance")

    assert refusal(answer) == (409, "illegal_transition")
    assert told.states() == ["returned"]
