"""What the worker got: said at the closing or of a plan that is verified, mended, read by few."""

import csv
import io
import json
from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.cases.test_transition_grievance import CLOSING, closed_as_resolved
from tests.usecases.plans import BAD, GOOD, Remedied
from tests.usecases.record.test_exports import exported, rows_of
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted

PAID = {"types": ["apology", "restitution"], "amount_band": "1-to-3"}
SORRY = {"types": ["apology"], "amount_band": None}


def recorded(caller: Caller, grievance_id: str, remedy: Any, **headers: str) -> Answer:
    return caller.put(f"/v1/grievances/{grievance_id}/remedy", {"remedy": remedy}, **headers)


def latest(partner: Caller, grievance_id: str) -> dict[str, Any]:
    entries = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"]
    entry: dict[str, Any] = entries[-1]
    return entry


def in_verification(service: Service) -> str:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    for wish in (
        {"to": "investigating"},
        {"to": "findings", "finding": "grounded"},
        {"to": "remediation"},
        {"to": "verification"},
    ):
        assert partner.post(f"/v1/grievances/{grievance_id}/transitions", wish).status == 200
    return grievance_id


def test_who_closes_a_case_says_what_the_worker_got_and_two_people_agree_to_it(
    service: Service,
) -> None:
    grievance_id = in_verification(service)
    partner = service.partner()
    said = {"types": ["restitution", "apology"], "amount_band": "1-to-3"}
    wish = {"to": "closed", **CLOSING, "remedy": said}

    proposed = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish).json()

    assert proposed["transition"]["remedy"] == PAID
    assert latest(partner, grievance_id)["data"]["remedy"] == PAID
    assert case_of(partner, grievance_id)["remedy"] is None

    path = f"/v1/grievances/{grievance_id}/proposals/{proposed['proposal_id']}/confirmation"
    closed = service.partner(person=2).post(path).json()

    assert (closed["state"], closed["remedy"]) == ("closed", PAID)
    assert latest(partner, grievance_id)["data"]["remedy"] == PAID


def test_a_case_is_closed_without_a_word_about_it_too(service: Service) -> None:
    grievance_id = in_verification(service)

    assert closed_as_resolved(service, grievance_id)["remedy"] is None


def test_a_worker_who_withdraws_may_have_got_something(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    wish = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown", "remedy": PAID}

    closed = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish)

    assert (closed.status, closed.json()["remedy"]) == (200, PAID)


def test_no_other_step_says_what_the_worker_got(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    wish = {"to": "acknowledged", "remedy": PAID}

    answer = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish)

    assert fields(answer) == {"remedy": "out_of_place"}
    assert case_of(partner, grievance_id)["version"] == 1


def test_it_is_said_anew_long_after_the_end_and_the_whole_answer_is_the_case(
    service: Service,
) -> None:
    grievance_id = in_verification(service)
    closed = closed_as_resolved(service, grievance_id, remedy=SORRY)
    service.clock.forward(days=200)
    partner = service.partner()

    answer = recorded(partner, grievance_id, PAID)

    after = case_of(partner, grievance_id)
    assert answer.json() == after
    assert answer.headers["ETag"] == f'"{closed["version"] + 1}"'
    assert after == {
        **closed,
        "remedy": PAID,
        "version": closed["version"] + 1,
        "ledger_hash": after["ledger_hash"],
    }
    entry = latest(partner, grievance_id)
    assert (entry["action"], entry["private"]) == ("remedy_recorded", {})
    assert entry["data"] == {"remedy": [{"types": ["apology"]}, PAID]}


def test_the_same_again_changes_nothing_and_null_takes_it_back(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    first = recorded(partner, grievance_id, PAID).json()

    again = recorded(partner, grievance_id, PAID)
    back = recorded(partner, grievance_id, None)

    assert again.json() == first
    assert (back.json()["remedy"], back.json()["version"]) == (None, 3)


def test_a_case_that_is_reopened_keeps_what_the_worker_got(service: Service) -> None:
    grievance_id = in_verification(service)
    closed_as_resolved(service, grievance_id, remedy=PAID)
    partner = service.partner()
    wish = {"to": "reopened", "reason": "Wages are late again."}

    reopened = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish).json()

    assert (reopened["outcome"], reopened["remedy"]) == (None, PAID)


def test_a_stale_version_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    recorded(partner, grievance_id, SORRY)

    stale = recorded(partner, grievance_id, PAID, If_Match='"1"')
    fresh = recorded(partner, grievance_id, PAID, If_Match='"2"')

    assert refusal(stale) == (412, "precondition_failed")
    assert fresh.json()["remedy"] == PAID


def test_intake_staff_and_other_partners_do_not_say_it(service: Service) -> None:
    grievance_id = submitted(service.partner())

    intake = recorded(service.caller(Role.PARTNER_INTAKE, "handshake-gz"), grievance_id, PAID)
    other = recorded(service.partner("other-ngo"), grievance_id, PAID)

    assert (intake.status, other.status) == (403, 404)
    assert case_of(service.partner(), grievance_id)["version"] == 1


@pytest.mark.parametrize(
    ("remedy", "field", "code"),
    [
        ({"types": []}, "remedy.types", "too_short"),
        ({"types": ["apology", "money"]}, "remedy.types.1", "enum"),
        ({"types": ["apology", "apology"]}, "remedy.types", "value_error"),
        ({"types": ["apology"], "amount_band": "1-to-3"}, "remedy", "value_error"),
        ({"types": ["restitution"], "amount_band": 4800}, "remedy.amount_band", "enum"),
        ({"types": ["restitution"], "amount": "4800"}, "remedy", "extra_forbidden"),
        ({}, "remedy.types", "missing"),
    ],
    ids=["none", "unknown", "twice", "of an apology", "a sum", "another field", "nothing"],
)
def test_what_is_no_kind_or_no_band_is_refused_with_the_field(
    service: Service, remedy: Any, field: str, code: str
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = service.all_items()

    assert fields(recorded(partner, grievance_id, remedy)) == {field: code}
    assert fields(partner.put(f"/v1/grievances/{grievance_id}/remedy", {})) == {"remedy": "missing"}
    assert service.all_items() == before


# Of a plan's action


def reported(service: Service) -> Remedied:
    told = Remedied(service)
    told.submit()
    told.accept()
    told.complete(1)
    told.complete(2)
    return told


def test_what_she_got_by_each_action_adds_up_in_the_case_and_is_not_in_the_plan(
    service: Service,
) -> None:
    told = reported(service)

    told.verify(1, {**GOOD, "remedy": {"types": ["restitution"], "amount_band": "under-1"}})
    told.verify(2, {**GOOD, "remedy": PAID})

    assert case_of(told.partner, told.grievance_id)["remedy"] == PAID
    assert told.history()[-1]["data"]["remedy"] == PAID
    assert told.states() == ["verified"]
    for caller in (told.desk, told.partner):
        path = f"{told.alert}/plans" if caller is told.desk else f"{told.case}/plans"
        assert "restitution" not in json.dumps(caller.get(path).json())


def test_a_later_action_without_money_leaves_the_band(service: Service) -> None:
    told = reported(service)

    told.verify(1, {**GOOD, "remedy": PAID})
    told.verify(2, {**GOOD, "remedy": {"types": ["guarantee_of_non_repetition"]}})

    assert case_of(told.partner, told.grievance_id)["remedy"] == {
        "types": ["apology", "guarantee_of_non_repetition", "restitution"],
        "amount_band": "1-to-3",
    }


def test_what_was_not_done_is_no_remedy(service: Service) -> None:
    told = reported(service)

    answer = told.verify(1, {**BAD, "remedy": PAID})

    assert fields(answer) == {"remedy": "out_of_place"}
    assert told.states() == ["done"]
    assert case_of(told.partner, told.grievance_id)["remedy"] is None


# Who reads it


def test_auditors_read_kinds_and_band_in_the_columns_of_the_contract(service: Service) -> None:
    grievance_id = submitted(service.partner())
    recorded(service.partner(), grievance_id, PAID)

    (row,) = rows_of(exported(service))
    (line,) = json_lines(service)

    assert (row["remedy_type"], row["remedy_amount_band"]) == ("apology restitution", "1-to-3")
    assert (line["remedy_type"], line["remedy_amount_band"]) == ("apology restitution", "1-to-3")


def json_lines(service: Service) -> list[dict[str, Any]]:
    view = exported(service, format="jsonl")
    content = service.deps.files.get(f"exports/{view['export_id']}/cases.jsonl")
    assert content is not None
    return [json.loads(line) for line in content.splitlines()]


def test_an_amount_opens_in_a_spreadsheet_as_it_was_written(service: Service) -> None:
    """Neither a formula nor, as `1-3` would be, a date."""
    grievance_id = submitted(service.partner())
    recorded(service.partner(), grievance_id, PAID)
    view = exported(service)
    content = service.deps.files.get(f"exports/{view['export_id']}/cases.csv")
    assert content is not None

    (row,) = csv.DictReader(io.StringIO(content.decode(), newline=""))

    assert row["remedy_amount_band"].count("-") == 2


def test_no_brand_and_no_receipt_says_what_a_worker_was_paid(service: Service) -> None:
    told = Remedied(service)
    told.submit()
    recorded(told.partner, told.grievance_id, {"types": ["restitution"], "amount_band": "3-to-12"})
    told.move(to="investigating")
    service.tick()

    answers = [
        told.desk.get(path).body.decode()
        for path in ("/v1/alerts", told.alert, f"{told.alert}/plans", f"{told.alert}/statements")
    ]

    for text in (*answers, json.dumps(service.received_alerts())):
        assert "3-to-12" not in text
        assert "restitution" not in text
