"""A brand's scorecard: what it did, counted once, the same for itself and for everybody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.retry import GIVE_UP
from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.calls import counted_calls
from tests.service import Caller, Service
from tests.usecases.many_alerts import copied
from tests.usecases.plans import ACTION, DONE
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    fields,
    refusal,
    submitted,
    walked,
)

COMPUTED = datetime(2027, 1, 31, tzinfo=UTC)
OWN, PUBLIC = "/v1/scorecards/2026-Q4", "/v1/brands/acme/scorecards/2026-Q4"
NOTHING = {"of": None, "percent": None}
NO_FIGURES = {
    "cases": None,
    "acknowledged_in_time": NOTHING,
    "replied_in_time": NOTHING,
    "median_days_to_acknowledge": None,
    "median_days_to_reply": None,
    "plans_kept": NOTHING,
    "resolved": NOTHING,
    "reopened": NOTHING,
    "workers_remedied": None,
}


class Quarter:
    """Cases that a brand is told of in one moment of the fourth quarter of 2026."""

    def __init__(self, service: Service, cases: int) -> None:
        self.service, self.partner = service, service.partner()
        covered(service)
        self.ids = [submitted(self.partner, f"k-{number}") for number in range(cases)]
        service.tick()
        self.desk = service.brand_desk()
        alerts = {row["alert_id"] for row in walked(self.desk, "/v1/alerts")}
        assert len(alerts) == cases
        self.alerts = [next(a for a in alerts if each[2:] in a) for each in self.ids]

    def brand(self, what: str, *numbers: int, body: Any = None) -> None:
        for number in numbers:
            answer = self.desk.post(f"/v1/alerts/{self.alerts[number]}/{what}", body)
            assert answer.status in (200, 201), answer.body

    def close(self, *numbers: int, outcome: str = "settled") -> None:
        for number in numbers:
            path = f"/v1/grievances/{self.ids[number]}/transitions"
            for step in (
                {"to": "investigating"},
                {"to": "findings", "finding": "grounded"},
                {"to": "remediation"},
                {"to": "verification"},
                {"to": "closed", "outcome": outcome, "root_cause": "legal_gap"},
            ):
                answer = self.partner.post(path, step)
                assert answer.status == 200, answer.body

    def over(self, days: int = 0) -> None:
        """A moment of the day on which the card of the quarter is computed, or some days later."""
        self.service.clock.now = COMPUTED + timedelta(days=days)


def figures(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()["figures"]
    return found


def test_the_card_says_what_the_brand_did_in_time(service: Service) -> None:
    quarter = Quarter(service, 7)
    service.clock.forward(days=2)
    quarter.brand("acknowledgement", 0, 1, 2, 3)
    service.clock.forward(days=4)
    quarter.brand("acknowledgement", 4)
    quarter.brand("replies", 0, 1, 2, 3, 4, body={"text": "We ask."})
    quarter.over()

    answer = quarter.desk.get(OWN)

    assert answer.status == 200, answer.body
    assert answer.json() == {
        "brand_id": "acme",
        "quarter": "2026-Q4",
        "computed_at": "2027-01-31T00:00:00.000Z",
        "public_from": "2027-02-14T00:00:00.000Z",
        "figures": {
            **NO_FIGURES,
            "cases": 5,
            "acknowledged_in_time": {"of": 5, "percent": 57},
            "replied_in_time": {"of": 5, "percent": 71},
            "median_days_to_acknowledge": 2.0,
            "median_days_to_reply": 6.0,
        },
        "statements": [],
        "stated_at": None,
    }


def test_what_became_of_the_cases_is_told_where_it_points_at_nobody(service: Service) -> None:
    quarter = Quarter(service, 12)
    quarter.close(*range(6))
    quarter.close(*range(6, 12), outcome="unresolved")
    for number in range(5):
        reopened = {"to": "reopened", "reason": "It happened again."}
        path = f"/v1/grievances/{quarter.ids[number]}/transitions"
        assert quarter.partner.post(path, reopened).status == 200
    quarter.over()

    found = figures(quarter.desk.get(OWN))

    assert found["reopened"] == {"of": 10, "percent": 42}
    assert found["resolved"] == NOTHING, "one was resolved, six were not"
    assert found["workers_remedied"] is None


def test_remedied_workers_are_told_in_a_band(service: Service) -> None:
    quarter = Quarter(service, 5)
    quarter.close(*range(5))
    quarter.over()

    found = figures(quarter.desk.get(OWN))

    workers = sum(case_of(quarter.partner, each)["workers_affected"] or 1 for each in quarter.ids)
    assert workers > 50
    assert found["resolved"] == {"of": 5, "percent": 100}
    assert found["workers_remedied"] == "51-250"


def test_a_plan_is_kept_where_each_action_was_done_by_its_day(service: Service) -> None:
    quarter = Quarter(service, 5)
    for number, alert in enumerate(quarter.alerts):
        plan = {"statement": "We pay.", "actions": [ACTION, ACTION]}
        path = f"/v1/alerts/{alert}/plans"
        plan_id = quarter.desk.post(path, plan).json()["plan_id"]
        case = f"/v1/grievances/{quarter.ids[number]}/plans/{plan_id}"
        assert quarter.partner.post(f"{case}/acceptance").status == 200
        done = quarter.desk.post(f"{path}/{plan_id}/actions/1/completion", DONE)
        assert done.status == 200, done.body
        found = {"verified": number > 0, "how": "Payslips."}
        assert quarter.partner.post(f"{case}/actions/1/verification", found).status == 200
    quarter.over()

    assert figures(quarter.desk.get(OWN))["plans_kept"] == {"of": 10, "percent": 40}


def test_of_fewer_than_five_cases_nothing_is_told(service: Service) -> None:
    quarter = Quarter(service, 4)
    quarter.brand("acknowledgement", 0, 1, 2, 3)
    quarter.over(days=14)

    assert figures(quarter.desk.get(OWN)) == NO_FIGURES
    assert figures(service.public().get(PUBLIC)) == NO_FIGURES


def test_a_case_whose_worker_wants_nothing_shared_is_not_counted(service: Service) -> None:
    quarter = Quarter(service, 5)
    version = case_of(quarter.partner, quarter.ids[0])["version"]
    assert consented(quarter.partner, quarter.ids[0], version, level="C0").status == 200
    service.tick()
    quarter.over()

    assert figures(quarter.desk.get(OWN)) == NO_FIGURES


def test_other_brands_and_other_quarters_do_not_count(service: Service) -> None:
    quarter = Quarter(service, 5)
    service.brand("bolt")
    quarter.over()
    alerted(service, quarter.partner, "later")

    assert figures(quarter.desk.get(OWN))["cases"] == 5
    assert figures(service.brand_desk("bolt").get(OWN)) == NO_FIGURES
    assert refusal(quarter.desk.get("/v1/scorecards/2027-Q1")) == (409, "state_conflict")
    assert figures(quarter.desk.get("/v1/scorecards/2026-Q3")) == NO_FIGURES


def test_the_public_reads_the_same_two_weeks_later_and_nothing_changes_any_more(
    service: Service,
) -> None:
    quarter = Quarter(service, 5)
    quarter.over()
    own = quarter.desk.get(OWN).json()
    assert refusal(service.public().get(PUBLIC)) == (404, "not_found")

    quarter.brand("acknowledgement", 0, 1, 2, 3, 4)
    quarter.over(days=14)

    assert service.public().get(PUBLIC).json() == own
    assert quarter.desk.get(OWN).json() == own
    assert own["figures"]["acknowledged_in_time"] == {"of": 5, "percent": 0}


def test_before_its_clocks_have_run_out_a_quarter_has_no_card(service: Service) -> None:
    quarter = Quarter(service, 5)
    service.clock.now = COMPUTED - timedelta(seconds=1)

    answer = quarter.desk.get(OWN)

    assert refusal(answer) == (409, "state_conflict")
    assert "on 2027-01-31" in answer.json()["detail"]
    assert refusal(said(quarter.desk, "no_statement")) == (409, "state_conflict")


def test_nobody_has_a_card_who_is_no_brand(service: Service) -> None:
    quarter = Quarter(service, 1)
    quarter.over(days=14)

    nobody = service.public().get("/v1/brands/nobody/scorecards/2026-Q4")
    assert refusal(nobody) == (404, "not_found")
    assert service.public().get(PUBLIC).status == 200


# A brand that was told of much


def told_of(service: Service, alerts: int, *, planned: bool = False) -> Quarter:
    """A brand that was told of so many cases, all alike, perhaps with a plan about each."""
    quarter = Quarter(service, 1)
    if planned:
        quarter.brand("plans", 0, body={"statement": "We pay.", "actions": [ACTION]})
    copied(service, quarter.ids[0], alerts - 1)
    quarter.over(days=14)
    return quarter


def test_a_card_over_a_hundred_alerts_is_computed_at_once_in_few_calls(service: Service) -> None:
    desk = told_of(service, 100, planned=True).desk

    with counted_calls() as calls:
        found = figures(desk.get(OWN))

    assert found["cases"] == 100
    assert calls.count("dynamodb.Query") == 101, "the alerts' ids, and the plans of each case"
    assert len(calls) - calls.count("dynamodb.Query") < 10


def test_a_card_over_more_alerts_is_computed_by_one_job_whoever_asks(service: Service) -> None:
    desk, public = told_of(service, 101).desk, service.public()

    with counted_calls() as calls:
        asked = desk.get(OWN)

    assert refusal(asked) == (409, "state_conflict")
    assert asked.json()["detail"].endswith("is being computed. Ask again in a minute.")
    assert len(calls) < 15
    assert refusal(public.get(PUBLIC)) == (409, "state_conflict")
    assert refusal(said(desk, "no_statement")) == (409, "state_conflict")
    (job_id,) = service.deps.jobs.due(service.clock.now + timedelta(minutes=2), 10)

    service.drain()

    card = desk.get(OWN)
    assert figures(card)["cases"] == 100
    assert figures(card)["replied_in_time"] == {"of": 100, "percent": 0}
    assert public.get(PUBLIC).json() == card.json()
    done = service.deps.jobs.get(job_id)
    assert done is not None
    assert (done.kind, done.owner, done.status) == ("scorecard", "acme", "done")


def test_the_tick_finds_a_card_that_the_queue_lost(service: Service) -> None:
    desk = told_of(service, 101).desk
    desk.get(OWN)
    client("sqs").purge_queue(QueueUrl=service.deps.settings.jobs_queue_url)
    service.clock.forward(minutes=2)

    service.tick()

    assert figures(desk.get(OWN))["cases"] == 100


def test_where_a_job_was_given_up_the_next_who_asks_starts_another_one(service: Service) -> None:
    desk = told_of(service, 101).desk
    desk.get(OWN)
    (job_id,) = service.deps.jobs.due(service.clock.now + timedelta(minutes=2), 10)
    job = service.deps.jobs.get(job_id)
    assert job is not None
    service.deps.jobs.save(job.model_copy(update={"attempts": GIVE_UP}))
    service.drain()
    assert refusal(desk.get(OWN)) == (409, "state_conflict")

    service.drain()

    assert figures(desk.get(OWN))["cases"] == 100


# The right of reply


def said(desk: Caller, *statements: str) -> Answer:
    return desk.put(f"{OWN}/statements", {"statements": list(statements)})


def test_what_the_brand_says_stands_beside_its_numbers(service: Service) -> None:
    quarter = Quarter(service, 5)
    quarter.over()
    before = quarter.desk.get(OWN).json()

    answer = said(quarter.desk, "told_too_late", "still_at_work", "told_too_late")

    assert answer.status == 200, answer.body
    assert answer.json() == {
        **before,
        "statements": ["still_at_work", "told_too_late"],
        "stated_at": "2027-01-31T00:00:00.000Z",
    }
    quarter.over(days=14)
    assert service.public().get(PUBLIC).json() == answer.json()


def test_saying_it_again_changes_nothing_and_nothing_takes_it_away(service: Service) -> None:
    quarter = Quarter(service, 5)
    quarter.over()
    first = said(quarter.desk, "disputes_facts").json()
    service.clock.forward(days=1)

    assert said(quarter.desk, "disputes_facts").json() == first
    emptied = said(quarter.desk).json()
    assert (emptied["statements"], emptied["figures"]) == ([], first["figures"])


@pytest.mark.parametrize("free", ["It was not us", "", "ACTED_ON_ALL"])
def test_nothing_but_the_list_is_published(service: Service, free: str) -> None:
    quarter = Quarter(service, 1)
    quarter.over()

    answer = said(quarter.desk, free)

    assert list(fields(answer)) == ["statements.0"]
    assert quarter.desk.get(OWN).json()["statements"] == []
