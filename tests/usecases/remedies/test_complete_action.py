"""A brand reports what it has done, action by action, of a plan that was accepted."""

import pytest

from tests.service import Service
from tests.usecases.plans import BAD, DONE, Remedied
from tests.usecases.stories import fields, refusal


def agreed(service: Service) -> Remedied:
    told = Remedied(service)
    told.submit()
    told.accept()
    return told


def test_a_report_is_kept_and_the_last_one_makes_the_plan_done(service: Service) -> None:
    told = agreed(service)

    first, second = told.complete(1), told.complete(2)

    assert (first.status, first.json()["state"], second.json()["state"]) == (
        200,
        "accepted",
        "done",
    )
    (plan,) = told.plans()
    report = {**DONE, "at": "2026-11-22T08:00:00.000Z", "verification": None}
    assert [action["completions"] for action in plan["actions"]] == [[report], [report]]
    entry = told.history()[-1]
    assert entry["action"] == "plan_action_completed"
    assert set(entry["data"].pop("evidence")) == {"commitment"}
    assert entry["data"] == {
        "plan_id": told.plan_id,
        "plan_state": "done",
        "action": 2,
        "done_on": "2026-11-22",
    }


def test_what_was_reported_waits_for_the_partner(service: Service) -> None:
    told = agreed(service)
    told.complete(1)
    before = service.all_items()

    assert refusal(told.complete(1)) == (409, "state_conflict")
    assert service.all_items() == before


def test_what_the_partner_did_not_find_is_reported_anew_and_the_first_report_stays(
    service: Service,
) -> None:
    told = agreed(service)
    told.complete(1)
    told.complete(2)
    assert told.verify(2, BAD).json()["state"] == "accepted"

    again = told.complete(2)

    assert again.json()["state"] == "done"
    reports = again.json()["actions"][1]["completions"]
    assert [(r["verification"] or {}).get("verified") for r in reports] == [False, None]


def test_a_plan_that_was_not_accepted_takes_no_report(service: Service) -> None:
    told = Remedied(service)
    told.submit()

    answer = told.complete(1)

    assert refusal(answer) == (409, "illegal_transition")
    assert "`accept`, `return`, `replace`" in answer.json()["detail"]


@pytest.mark.parametrize("number", ["3", "99"])
def test_an_action_that_is_not_there_is_not_found(service: Service, number: str) -> None:
    told = agreed(service)
    path = f"{told.alert}/plans/{told.plan_id}/actions/{number}"

    assert refusal(told.desk.post(f"{path}/completion", DONE)) == (404, "not_found")


def test_nothing_is_reported_before_it_was_done(service: Service) -> None:
    told = agreed(service)
    path = f"{told.alert}/plans/{told.plan_id}/actions/1/completion"

    assert fields(told.desk.post(path, {**DONE, "done_on": "2026-11-24"})) == {
        "done_on": "in_the_future"
    }
    assert told.desk.post(path, DONE).status == 200


def test_a_case_that_has_ended_takes_no_report(service: Service) -> None:
    told = agreed(service)
    told.move(to="closed", outcome="withdrawn", root_cause="unknown")

    assert refusal(told.complete(1)) == (409, "state_conflict")
