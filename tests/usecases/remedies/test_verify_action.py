"""The partner looks whether it was done: what it finds is on the record, and stops the clock."""

from tests.service import Service
from tests.usecases.plans import BAD, DONE, GOOD, PLAN, Remedied
from tests.usecases.stories import case_of, fields, refusal


def reported(service: Service, *brands: str) -> Remedied:
    told = Remedied(service, *brands)
    told.submit()
    told.accept()
    told.complete(1)
    told.complete(2)
    return told


def test_once_all_is_verified_so_is_the_plan_and_the_clock_stops(service: Service) -> None:
    told = reported(service)
    service.clock.forward(days=10)

    first = told.verify(1)
    running = case_of(told.partner, told.grievance_id)["clocks"]["verify"]
    second = told.verify(2)

    assert (first.json()["state"], second.json()["state"]) == ("done", "verified")
    assert running["met_at"] is None
    at = "2026-12-02T08:00:00.000Z"
    assert case_of(told.partner, told.grievance_id)["clocks"]["verify"]["met_at"] == at
    found = second.json()["actions"][1]["completions"][0]["verification"]
    assert found == {**GOOD, "at": at}
    assert told.desk.get(f"{told.alert}/plans").json()["items"] == [second.json()]
    entry = told.history()[-1]
    assert entry["action"] == "plan_action_verified"
    assert set(entry["data"].pop("how")) == {"commitment"}
    assert entry["data"] == {
        "plan_id": told.plan_id,
        "plan_state": "verified",
        "action": 2,
        "verified": True,
    }


def test_what_was_not_done_opens_the_plan_again(service: Service) -> None:
    told = reported(service)

    answer = told.verify(1, BAD)

    assert answer.json()["state"] == "accepted"
    assert refusal(told.verify(1)) == (409, "state_conflict")


def test_an_action_may_be_verified_before_the_others_are_reported(service: Service) -> None:
    told = Remedied(service)
    told.submit()
    told.accept()
    told.complete(2)

    assert told.verify(2).json()["state"] == "accepted"
    assert told.complete(1).json()["state"] == "done"
    assert told.verify(1).json()["state"] == "verified"


def test_the_clock_runs_on_for_another_brands_plan(service: Service) -> None:
    told = reported(service, "acme", "bolt")
    other, own = service.brand_desk("bolt"), f"/v1/alerts/{told.alert_id('bolt')}/plans"
    plan = other.post(own, {**PLAN, "actions": PLAN["actions"][:1]}).json()["plan_id"]
    told.partner.post(f"{told.case}/plans/{plan}/acceptance")
    told.verify(1)
    told.verify(2)
    running = case_of(told.partner, told.grievance_id)["clocks"]["verify"]["met_at"]

    other.post(f"{own}/{plan}/actions/1/completion", DONE)
    told.partner.post(f"{told.case}/plans/{plan}/actions/1/verification", GOOD)

    assert running is None
    assert case_of(told.partner, told.grievance_id)["clocks"]["verify"]["met_at"] is not None


def test_nothing_is_verified_that_was_not_reported(service: Service) -> None:
    told = Remedied(service)
    told.submit()
    told.accept()

    assert refusal(told.verify(1)) == (409, "state_conflict")
    assert refusal(told.verify(3)) == (404, "not_found")


def test_a_finding_says_how_it_was_found(service: Service) -> None:
    told = reported(service)

    assert fields(told.verify(1, {"verified": True})) == {"how": "missing"}
    assert told.states() == ["done"]


def test_a_plan_that_is_verified_is_over_and_another_may_follow(service: Service) -> None:
    told = reported(service)
    told.verify(1)
    told.verify(2)

    back = told.partner.post(f"{told.case}/plans/{told.plan_id}/return", {"reason": "x"})

    assert refusal(back) == (409, "illegal_transition")
    assert told.submit()["number"] == 2
    assert told.states() == ["submitted", "verified"]
