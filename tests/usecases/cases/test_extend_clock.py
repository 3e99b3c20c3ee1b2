"""More time in writing: asked with a reason, decided by a supervisor, within published rules."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.cases.extension import MOST_REQUESTS
from chalicelib.domain.rules import EXTENSIONS, ClockKind
from chalicelib.domain.vocabulary import Role
from tests.service import START, Service
from tests.usecases.plans import PLAN, Remedied
from tests.usecases.record.test_commitments import committed
from tests.usecases.stories import case_of, consented, fields, refusal
from tests.usecases.work.test_enforce_deadlines import at

PLAN_CLOCK = "remediation_plan"
NOT_THERE = "ex_" + "0" * 26


def wish(clock: str = PLAN_CLOCK, days: int = 14, reason: str = "An audit.") -> dict[str, Any]:
    return {"clock": clock, "days": days, "reason": reason}


def requested(told: Remedied, **wanted: Any) -> dict[str, Any]:
    answer = told.desk.post(f"{told.alert}/extensions", wish(**wanted))
    assert answer.status == 201, answer.body
    extension: dict[str, Any] = answer.json()
    return extension


def decided(told: Remedied, extension_id: str, granted: bool = True) -> Any:
    path = f"{told.case}/extensions/{extension_id}/decision"
    return told.partner.post(path, {"granted": granted, "reason": "So be it."})


def granted(told: Remedied, **wanted: Any) -> dict[str, Any]:
    answer = decided(told, requested(told, **wanted)["extension_id"])
    assert answer.status == 200, answer.body
    extension: dict[str, Any] = answer.json()
    return extension


def clock_of(told: Remedied, kind: str = PLAN_CLOCK) -> dict[str, Any]:
    clock: dict[str, Any] = case_of(told.partner, told.grievance_id)["clocks"][kind]
    return clock


def test_a_request_changes_nothing_until_it_is_granted(service: Service) -> None:
    told = Remedied(service)
    before = clock_of(told)

    extension = requested(told)

    assert extension == {
        "extension_id": extension["extension_id"],
        "brand_id": "acme",
        "alert_id": told.alert_id(),
        "clock": PLAN_CLOCK,
        "days": 14,
        "state": "asked",
        "reason": "An audit.",
        "asked_at": at(),
        "decided_at": None,
        "decision_reason": None,
        "due_before": at(days=45),
        "due_at": None,
    }
    assert clock_of(told) == before
    (signal,) = told.partner.get("/v1/signals?kind=extension_asked").json()["items"]
    assert (signal["clock"], signal["due_at"]) == (PLAN_CLOCK, at(days=45))
    assert told.partner.get(f"{told.case}/extensions").json()["items"] == [extension]


@pytest.mark.parametrize(
    ("clock", "days", "due"),
    [(PLAN_CLOCK, 14, 59), ("brand_first_reply", 15, 30), ("hard_stop", 90, 270)],
)
def test_granted_the_clock_is_due_so_many_days_later(
    service: Service, clock: str, days: int, due: int
) -> None:
    told = Remedied(service)
    extension = requested(told, clock=clock, days=days)
    service.clock.forward(days=1)

    answer = decided(told, extension["extension_id"])

    assert answer.status == 200
    assert answer.json() == {
        **extension,
        "state": "granted",
        "decided_at": at(days=1),
        "decision_reason": "So be it.",
        "due_at": at(days=due),
    }
    assert clock_of(told, clock) == {
        "due_at": at(days=due),
        "met_at": None,
        "breached_at": None,
        "level": None,
    }
    assert told.desk.get(f"{told.alert}/extensions").json()["items"] == [answer.json()]


def test_refused_the_clock_stays_and_the_brand_may_ask_again(service: Service) -> None:
    told = Remedied(service)
    before = clock_of(told)

    answer = decided(told, requested(told)["extension_id"], granted=False)

    assert (answer.json()["state"], answer.json()["due_at"]) == ("refused", None)
    assert clock_of(told) == before
    service.clock.forward(seconds=1)
    requested(told)


def test_the_record_says_who_got_how_much_time_and_holds_no_words(service: Service) -> None:
    told = Remedied(service)
    extension = granted(told)

    *_, asking, granting = told.history()

    name, grievance_id = {"extension_id": extension["extension_id"]}, told.grievance_id
    assert asking["data"] == {
        **name,
        "clock": PLAN_CLOCK,
        "days": 14,
        "alert_id": committed(service, grievance_id, "alert_id", told.alert_id()),
        "reason": committed(service, grievance_id, "reason", "An audit."),
    }
    assert (asking["action"], granting["action"]) == ("extension_asked", "extension_granted")
    assert granting["data"] == {
        **name,
        "clock": PLAN_CLOCK,
        "due_before": at(days=45),
        "due_at": at(days=59),
        "reason": committed(service, grievance_id, "reason", "So be it."),
    }


def test_a_clock_that_was_missed_stays_missed_when_it_is_extended(service: Service) -> None:
    told = Remedied(service)
    service.clock.now = START + timedelta(days=46)
    service.enforce()
    assert clock_of(told)["breached_at"] == at(days=45)

    granted(told)

    assert clock_of(told) == {
        "due_at": at(days=59),
        "met_at": None,
        "breached_at": at(days=45),
        "level": None,
    }
    later = [{**action, "due_on": "2027-02-28"} for action in PLAN["actions"]]
    promised = told.desk.post(f"{told.alert}/plans", {**PLAN, "actions": later})
    assert promised.status == 201
    case = service.deps.cases.head(told.grievance_id)
    assert case is not None
    missed = case.clocks[ClockKind.REMEDIATION_PLAN]
    assert missed.ran_out_at(service.clock.now) == START + timedelta(days=45)


def test_a_clock_that_nobody_had_looked_at_is_missed_all_the_same(service: Service) -> None:
    told = Remedied(service)
    service.clock.now = START + timedelta(days=46)

    granted(told)

    assert clock_of(told)["breached_at"] == at(days=45)


def test_an_extended_clock_makes_people_act_anew(service: Service) -> None:
    told = Remedied(service)
    service.clock.now = START + timedelta(days=40)
    service.enforce()
    assert clock_of(told)["level"] == "reminder"
    granted(told)

    service.enforce()
    assert clock_of(told)["level"] is None
    service.clock.now = START + timedelta(days=51)
    service.enforce()
    assert clock_of(told)["level"] == "reminder"


def test_time_that_would_be_over_all_the_same_is_not_granted(service: Service) -> None:
    told = Remedied(service)
    extension = requested(told)
    service.clock.now = START + timedelta(days=59)
    before = service.all_items()

    assert refusal(decided(told, extension["extension_id"])) == (409, "state_conflict")
    assert service.all_items() == before


@pytest.mark.parametrize("kind", sorted(set(ClockKind) - EXTENSIONS.keys()))
def test_no_other_clock_can_be_extended(service: Service, kind: ClockKind) -> None:
    told = Remedied(service)

    answer = told.desk.post(f"{told.alert}/extensions", wish(kind))

    assert fields(answer) == {"clock": "not_extendable"}


@pytest.mark.parametrize("kind", list(EXTENSIONS))
def test_no_more_is_asked_or_granted_than_the_rules_allow(
    service: Service, kind: ClockKind
) -> None:
    told, rule = Remedied(service), EXTENSIONS[kind]

    too_long = told.desk.post(f"{told.alert}/extensions", wish(kind, rule.longest_days + 1))
    assert fields(too_long) == {"days": "too_long"}
    for _ in range(rule.most):
        granted(told, clock=kind, days=rule.longest_days)
        service.clock.forward(seconds=1)
    again = told.desk.post(f"{told.alert}/extensions", wish(kind, 1))
    assert refusal(again) == (409, "state_conflict")


def test_the_clock_is_the_cases_so_brands_share_its_extensions(service: Service) -> None:
    told = Remedied(service, "acme", "bolt")
    other, alert = service.brand_desk("bolt"), f"/v1/alerts/{told.alert_id('bolt')}"
    theirs = other.post(f"{alert}/extensions", wish()).json()["extension_id"]
    for _ in range(EXTENSIONS[ClockKind.REMEDIATION_PLAN].most):
        granted(told)
        service.clock.forward(seconds=1)

    assert refusal(decided(told, theirs)) == (409, "state_conflict")
    assert decided(told, theirs, granted=False).status == 200
    assert [e["brand_id"] for e in other.get(f"{alert}/extensions").json()["items"]] == ["bolt"]


def test_one_request_at_a_time_and_so_many_in_all(service: Service) -> None:
    told = Remedied(service)
    for _ in range(MOST_REQUESTS):
        extension = requested(told)
        again = told.desk.post(f"{told.alert}/extensions", wish())
        assert refusal(again) == (409, "state_conflict")
        assert decided(told, extension["extension_id"], granted=False).status == 200
        service.clock.forward(seconds=1)

    more = told.desk.post(f"{told.alert}/extensions", wish())
    assert refusal(more) == (409, "state_conflict")


def test_a_clock_that_was_stopped_is_not_extended(service: Service) -> None:
    told = Remedied(service)
    extension = requested(told)
    assert told.desk.post(f"{told.alert}/plans", PLAN).status == 201

    assert refusal(decided(told, extension["extension_id"])) == (409, "state_conflict")
    assert decided(told, extension["extension_id"], granted=False).status == 200
    answer = told.desk.post(f"{told.alert}/extensions", wish())
    assert refusal(answer) == (409, "state_conflict")


def test_a_decision_is_the_supervisors_and_final(service: Service) -> None:
    told = Remedied(service)
    extension_id = requested(told)["extension_id"]
    path = f"{told.case}/extensions/{extension_id}/decision"
    body = {"granted": True, "reason": "So be it."}
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    assert refusal(intake.post(path, body)) == (403, "forbidden")
    assert refusal(service.partner("other-ngo").post(path, body)) == (404, "not_found")
    assert refusal(decided(told, NOT_THERE)) == (404, "not_found")
    assert decided(told, extension_id).status == 200
    assert refusal(decided(told, extension_id, granted=False)) == (409, "state_conflict")


def test_after_a_withdrawal_or_the_end_nobody_asks_for_time(service: Service) -> None:
    told = Remedied(service)
    extension_id = requested(told)["extension_id"]
    version = case_of(told.partner, told.grievance_id)["version"]
    consented(told.partner, told.grievance_id, version, level="C0")

    asking = told.desk.post(f"{told.alert}/extensions", wish("hard_stop"))
    assert refusal(asking) == (403, "consent_withdrawn")
    assert refusal(told.desk.get(f"{told.alert}/extensions")) == (403, "consent_withdrawn")
    told.move(to="closed", outcome="withdrawn", root_cause="unknown")
    assert refusal(decided(told, extension_id)) == (409, "state_conflict")


def test_the_rules_and_the_page_say_what_can_be_extended(service: Service) -> None:
    published = service.public().get("/v1/rules-of-procedure").json()["extensions"]

    assert published == [
        {"clock": kind, **rule.model_dump(mode="json")} for kind, rule in EXTENSIONS.items()
    ]
    page = Path("docs/deadlines.md").read_text("utf-8")
    said = re.findall(r"^- `(\w+)`: (\d+) days at a time, (\d+) times", page, re.M)
    assert said == [
        (kind, str(rule.longest_days), str(rule.most)) for kind, rule in EXTENSIONS.items()
    ]
