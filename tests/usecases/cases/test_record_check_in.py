"""Workers are asked how they are, after a brand was told: on day 5, 30 and 90."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.record.export_row import _breached
from tests.service import START, Service, filing
from tests.usecases.stories import alerted, case_of, covered, refusal, submitted
from tests.usecases.work.test_enforce_deadlines import at, history, moved, signals

FIRST, SECOND, THIRD = "first_check_in", "second_check_in", "third_check_in"


def told(service: Service, **changes: Any) -> str:
    covered(service)
    return alerted(service, service.partner(), **changes)


def recorded(service: Service, grievance_id: str, outcome: str = "safe", **more: Any) -> Any:
    path = f"/v1/grievances/{grievance_id}/check-ins"
    return service.partner().post(path, {"outcome": outcome, **more})


def met(service: Service, grievance_id: str) -> dict[str, str | None]:
    clocks = case_of(service.partner(), grievance_id)["clocks"]
    return {kind: clocks[kind]["met_at"] for kind in (FIRST, SECOND, THIRD)}


def about_check_ins(service: Service) -> list[Any]:
    return [s for s in signals(service.partner()) if str(s[1]).endswith("check_in")]


def test_check_ins_fall_due_5_30_and_90_days_after_the_first_alert(service: Service) -> None:
    grievance_id = told(service)
    clocks = case_of(service.partner(), grievance_id)["clocks"]
    assert [clocks[kind]["due_at"] for kind in (FIRST, SECOND, THIRD)] == [
        at(days=5),
        at(days=30),
        at(days=90),
    ]


def test_a_missed_one_is_a_signal_even_after_the_case_has_ended(service: Service) -> None:
    grievance_id = told(service)
    closing = {"outcome": "withdrawn", "root_cause": "unknown"}
    moved(service.partner(), grievance_id, to="closed", **closing)

    for day in (4, 5, 24, 30, 72, 90):
        service.clock.now = START + timedelta(days=day)
        service.enforce()

    assert about_check_ins(service) == [
        ("reminder", FIRST, at(days=5)),
        ("overdue", FIRST, at(days=5)),
        ("reminder", SECOND, at(days=30)),
        ("overdue", SECOND, at(days=30)),
        ("reminder", THIRD, at(days=90)),
        ("overdue", THIRD, at(days=90)),
    ]


def test_one_that_is_recorded_stops_what_is_due_and_is_on_record(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=4)

    answer = recorded(service, grievance_id, feedback_given=True)

    assert (answer.status, answer.json()) == (200, case_of(service.partner(), grievance_id))
    assert met(service, grievance_id) == {FIRST: at(days=4), SECOND: None, THIRD: None}
    assert answer.json()["clocks"]["feedback"]["met_at"] == at(days=4)
    entry = history(service.partner(), grievance_id)[-1]
    assert (entry["action"], entry["data"]) == (
        "checked_in",
        {"outcome": "safe", "feedback_given": True, "clocks": [FIRST, "feedback"]},
    )
    service.clock.forward(days=2)
    service.enforce()
    assert about_check_ins(service) == []


def test_one_that_comes_too_early_is_kept_and_stops_nothing(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=3)
    assert recorded(service, grievance_id).status == 200
    assert met(service, grievance_id) == {FIRST: None, SECOND: None, THIRD: None}


def test_a_late_one_makes_up_for_those_before_it_and_they_stay_late(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=24)
    service.enforce()
    assert recorded(service, grievance_id).status == 200
    assert met(service, grievance_id) == {FIRST: at(days=24), SECOND: at(days=24), THIRD: None}
    first = case_of(service.partner(), grievance_id)["clocks"][FIRST]
    assert (first["breached_at"], first["level"]) == (at(days=5), "counted")


def test_a_worker_who_was_not_reached_is_asked_again(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=5)
    assert recorded(service, grievance_id, "not_reached", feedback_given=True).status == 200
    assert met(service, grievance_id) == {FIRST: None, SECOND: None, THIRD: None}
    service.enforce()
    assert ("overdue", FIRST, at(days=5)) in about_check_ins(service)


def test_reprisals_are_signalled_at_once(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=5)
    assert recorded(service, grievance_id, "retaliation_reported").status == 200
    assert signals(service.partner()) == [("retaliation_reported", None, at(days=5))]


def test_nobody_is_asked_who_did_not_agree_to_be_contacted(service: Service) -> None:
    told(service, consent={**filing()["consent"], "contact_back": False})
    service.clock.forward(days=7)
    service.enforce()
    assert about_check_ins(service) == []


def test_a_case_that_no_brand_was_told_about_has_none(service: Service) -> None:
    grievance_id = submitted(service.partner())
    assert refusal(recorded(service, grievance_id)) == (409, "state_conflict")


@pytest.mark.parametrize("body", [{}, {"outcome": "fine"}, {"outcome": "safe", "note": "x"}])
def test_an_outcome_is_one_of_the_list(service: Service, body: dict[str, str]) -> None:
    grievance_id = told(service)
    path = f"/v1/grievances/{grievance_id}/check-ins"
    assert refusal(service.partner().post(path, body)) == (422, "validation_failed")


def test_a_missed_check_in_is_no_breach_that_an_export_counts(service: Service) -> None:
    grievance_id = told(service)
    service.clock.forward(days=100)
    service.enforce()
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert sum(_breached(case, service.clock())) == 4  # three of the brand, and the feedback
