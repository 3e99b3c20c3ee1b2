"""Corrections: based on a known version, on the record, and back to the check where they decide."""

import json
from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import alerted, case_of, consented, covered, fields, refusal, submitted

UNKNOWN = {"name": "Nobody knows it", "country": "CN"}


def corrected(partner: Caller, grievance_id: str, version: int, /, **changes: Any) -> Answer:
    path = f"/v1/grievances/{grievance_id}"
    return partner.patch(path, changes, If_Match=f'"{version}"')


def test_a_correction_replaces_what_it_names_and_nothing_else(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, summary="Two months of wages are outstanding.")
    before = case_of(partner, grievance_id)

    answer = corrected(partner, grievance_id, 1, workers_affected=41, incident_from="2026-09-01")

    after = case_of(partner, grievance_id)
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json() == after
    assert after == {
        **before,
        "workers_affected": 41,
        "incident_from": "2026-09-01",
        "incident_from_precision": "day",
        "version": 2,
        "ledger_hash": after["ledger_hash"],
    }


def test_null_clears_a_field_and_what_is_left_out_stays(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(
        partner, summary="Wages.", requested_remedy="Payment.", jurisdiction="CN"
    )

    answer = corrected(
        partner,
        grievance_id,
        1,
        workers_affected=None,
        summary=None,
        incident_to=None,
        jurisdiction=None,
        factory_reported=None,
        narrative=None,
    )

    case = answer.json()
    cleared = ("workers_affected", "summary", "incident_to", "jurisdiction", "narrative")
    assert answer.status == 200
    assert {name: case[name] for name in cleared} == dict.fromkeys(cleared)
    assert case["factory_reported"]["name"] is None
    assert (case["requested_remedy"], case["incident_from"]) == ("Payment.", "2026-09")


def test_a_factory_is_replaced_as_a_whole(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = corrected(partner, grievance_id, 1, factory_reported={"name": "Fair Design"})

    assert answer.json()["factory_reported"] == {
        "name": "Fair Design",
        "address": None,
        "city": None,
        "country": None,
        "identifiers": [],
        "latitude": None,
        "longitude": None,
    }


def test_a_correction_that_changes_nothing_makes_no_new_version(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = service.all_items()

    answer = corrected(partner, grievance_id, 1, workers_affected=34, language="zh-CN")

    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert service.all_items() == before


def test_without_if_match_a_correction_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = partner.patch(f"/v1/grievances/{grievance_id}", {"workers_affected": 1})

    assert refusal(answer) == (428, "precondition_required")
    assert case_of(partner, grievance_id)["workers_affected"] == 34


def test_anything_but_the_current_etag_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}"

    for tag in ('"2"', '"0"', "1", "*", "", '"1", "2"', '"\u0661"'):
        answer = partner.patch(path, {"workers_affected": 1}, If_Match=tag)
        assert refusal(answer) == (412, "precondition_failed"), tag
    assert case_of(partner, grievance_id)["version"] == 1


def test_of_two_corrections_of_one_version_the_second_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    first = corrected(partner, grievance_id, 1, workers_affected=40)
    second = corrected(partner, grievance_id, 1, workers_affected=50)

    assert (first.status, refusal(second)) == (200, (412, "precondition_failed"))
    assert case_of(partner, grievance_id)["workers_affected"] == 40


def test_a_correction_that_is_overtaken_while_it_is_written_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    def overtake() -> None:
        corrected(partner, grievance_id, 1, workers_affected=40)

    with service.before_call("TransactWriteItems", overtake):
        answer = corrected(partner, grievance_id, 1, workers_affected=50)

    assert refusal(answer) == (412, "precondition_failed")
    case = case_of(partner, grievance_id)
    assert (case["workers_affected"], case["version"]) == (40, 2)


def test_the_ledger_shows_old_and_new_but_only_commitments_to_words(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    corrected(
        partner,
        grievance_id,
        1,
        workers_affected=41,
        narrative="Chen Li says that October was paid.",
        factory_reported=UNKNOWN,
    )

    entry = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"][1]

    assert (entry["action"], entry["private"]) == ("corrected", {"workers_affected": [34, 41]})
    for name in ("narrative", "factory_reported", "workers_affected"):
        old, new = entry["data"].pop(name)
        assert old.keys() == new.keys() == {"commitment"}
        assert len({old["commitment"], new["commitment"]}) == 2
    assert "Chen Li" not in json.dumps(entry)
    assert "Nobody" not in json.dumps(entry)


# What goes back to the check


@pytest.mark.parametrize(
    "changes",
    [
        {"factory_reported": {"name": "YI CHANG TAI garment factory", "country": "CN"}},
        {"incident_from": "2026-08"},
        {"incident_to": "2026-10"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_decides_about_routing_sends_a_waiting_case_back_to_the_check(
    service: Service, changes: dict[str, Any]
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=UNKNOWN, consent={})
    assert service.work_queue_of(grievance_id).startswith("review#")

    answer = corrected(partner, grievance_id, 2, **changes)

    case = answer.json()
    assert (answer.status, case["routing"], case["routing_reason"]) == (200, "pending", None)
    assert service.work_queue_of(grievance_id).startswith("due#")


@pytest.mark.parametrize(
    "changes",
    [
        {"narrative": "October was paid."},
        {"summary": "Wages."},
        {"requested_remedy": "Payment."},
        {"workers_affected": 3},
        {"categories": ["working_time"]},
        {"sub_codes": ["compensation.unpaid_wages"]},
        {"ilo_indicators": ["withholding_of_wages"]},
        {"language": "en"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_decides_nothing_leaves_a_waiting_case_where_it_waits(
    service: Service, changes: dict[str, Any]
) -> None:
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=UNKNOWN)
    before = case_of(partner, grievance_id)

    answer = corrected(partner, grievance_id, 2, **changes)

    case = answer.json()
    assert answer.status == 200
    assert [case[n] for n in ("routing", "routing_reason", "state")] == [
        before[n] for n in ("routing", "routing_reason", "state")
    ]
    assert service.work_queue_of(grievance_id).startswith("review#")


def test_a_corrected_factory_routes_an_uncovered_case_and_forgets_the_wrong_one(
    service: Service,
) -> None:
    right = covered(service)
    wrong = service.factory("Fair Design Printing", country="BD", city="Gazipur")
    partner = service.partner()
    reported = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    grievance_id = alerted(service, partner, factory_reported=reported)
    uncovered = case_of(partner, grievance_id)
    assert (uncovered["state"], uncovered["factory_id"]) == ("not_covered", wrong)

    name = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
    pending = corrected(partner, grievance_id, 2, factory_reported=name).json()
    service.tick()

    assert (pending["factory_id"], pending["match"]) == (None, None)
    case = case_of(partner, grievance_id)
    assert (case["state"], case["factory_id"]) == ("brand_notified", right)


def test_a_corrected_jurisdiction_frees_a_case_that_another_law_held(service: Service) -> None:
    service.brand()
    service.link(service.factory("Fair Design Printing", country="BD", city="Gazipur"))
    partner = service.partner()
    reported = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    grievance_id = alerted(
        service,
        partner,
        factory_reported=reported,
        jurisdiction="CN",
        consent={"level": "C3", "cross_border": False, "script_version": "helpline-zh-3"},
    )
    assert case_of(partner, grievance_id)["routing_reason"] == "cross_border_consent_missing"

    corrected(partner, grievance_id, 2, jurisdiction=None)
    service.tick()

    assert case_of(partner, grievance_id)["state"] == "brand_notified"


def test_once_brands_were_told_a_correction_is_recorded_and_nobody_is_told_again(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert len(service.received_alerts()) == 1

    answer = corrected(partner, grievance_id, 2, factory_reported=UNKNOWN, incident_from="2025")
    service.tick()

    case = case_of(partner, grievance_id)
    assert (answer.status, case["version"]) == (200, 3)
    assert (case["state"], case["routing"]) == ("brand_notified", "alerted")
    assert service.received_alerts() == []


def test_a_correction_of_a_case_on_hold_is_checked_when_it_goes_on(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent={})
    path = f"/v1/grievances/{grievance_id}/transitions"
    partner.post(path, {"to": "on_hold", "reason": "Ill.", "until": "2026-12-01T00:00:00Z"})

    consent = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}
    answer = consented(partner, grievance_id, 3, **consent)
    service.tick()
    assert (answer.status, service.received_alerts()) == (200, [])

    partner.post(path, {"to": "admissible"})
    service.tick()
    assert len(service.received_alerts()) == 1


# Severity


def test_severity_follows_worse_facts_and_never_falls_with_better_ones(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    worse = corrected(partner, grievance_id, 1, ilo_indicators=["debt_bondage"]).json()
    better = corrected(partner, grievance_id, 2, ilo_indicators=[]).json()

    assert (worse["severity"], better["severity"]) == ("S1", "S1")
    entries = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"]
    assert entries[1]["data"]["severity"] == ["S3", "S1"]
    assert "severity" not in entries[2]["data"]


def test_a_supervisor_may_raise_a_severity(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    case = corrected(partner, grievance_id, 1, severity="S2").json()

    assert (case["severity"], case["severity_raised_to"]) == ("S2", "S2")


def test_intake_staff_may_not_raise_a_severity(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)

    assert refusal(corrected(intake, grievance_id, 1, severity="S1")) == (403, "forbidden")
    assert case_of(intake, grievance_id)["severity"] == "S3"


def test_a_reason_for_a_higher_severity_is_recorded_as_a_commitment(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    corrected(partner, grievance_id, 1, severity="S1", severity_reason="She fears for her life.")

    history = partner.get(f"/v1/grievances/{grievance_id}/history")
    data = history.json()["items"][1]["data"]
    assert data["severity"] == ["S3", "S1"]
    assert set(data["reason"]) == {"commitment"}
    assert b"fears" not in history.body


def test_a_supervisor_lowers_a_severity_that_is_not_critical_with_a_reason(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, ilo_indicators=["deception"])

    answer = corrected(partner, grievance_id, 1, severity="S4", severity_reason="All was paid.")

    case = case_of(partner, grievance_id)
    assert (answer.status, answer.json()) == (200, case)
    assert (case["severity"], case["severity_raised_to"], case["version"]) == ("S4", None, 2)
    entry = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"][1]
    assert entry["action"] == "severity_lowered"
    assert entry["data"]["severity"] == ["S2", "S4"]


def test_what_was_lowered_rises_with_worse_facts_only(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, ilo_indicators=["deception"])
    corrected(partner, grievance_id, 1, severity="S4", severity_reason="All was paid.")

    same = corrected(partner, grievance_id, 2, workers_affected=12).json()
    worse = corrected(partner, grievance_id, 3, ilo_indicators=["debt_bondage"]).json()

    assert (same["severity"], worse["severity"]) == ("S4", "S1")


def test_lowering_needs_a_reason_and_comes_by_itself(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, ilo_indicators=["deception"])

    for wish, problem in (
        ({"severity": "S3"}, {"severity_reason": "missing"}),
        (
            {"severity": "S3", "severity_reason": "x", "workers_affected": 3},
            {"severity": "not_alone"},
        ),
        ({"severity_reason": "x"}, {"severity_reason": "out_of_place"}),
    ):
        assert fields(corrected(partner, grievance_id, 1, **wish)) == problem
    assert case_of(partner, grievance_id)["version"] == 1


def test_intake_staff_may_not_lower_a_severity(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)

    answer = corrected(intake, grievance_id, 1, severity="S4", severity_reason="x")

    assert refusal(answer) == (403, "forbidden")


# What is refused


@pytest.mark.parametrize(
    ("way", "state"),
    [
        ([("closed", {"outcome": "withdrawn", "root_cause": "unknown"})], "closed"),
        (
            [
                ("acknowledged", {}),
                ("screening", {}),
                ("inadmissible", {"inadmissible_reason": "not_about_work"}),
            ],
            "inadmissible",
        ),
    ],
)
def test_a_case_that_has_ended_cannot_be_corrected(
    service: Service, way: list[tuple[str, dict[str, str]]], state: str
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for to, wish in way:
        partner.post(f"/v1/grievances/{grievance_id}/transitions", {"to": to, **wish})
    version = case_of(partner, grievance_id)["version"]

    answer = corrected(partner, grievance_id, version, workers_affected=1)

    assert refusal(answer) == (409, "state_conflict")
    assert "Reopen" in answer.json()["detail"]
    case = case_of(partner, grievance_id)
    assert (case["state"], case["workers_affected"]) == (state, 34)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"incident_to": "2026-08"}, {"body": "value_error"}),
        ({"categories": None}, {"categories": "tuple_type"}),
        ({"categories": []}, {"categories": "too_short"}),
        ({"sub_codes": ["no.such"]}, {"sub_codes": "value_error"}),
        ({"workers_affected": "many"}, {"workers_affected": "enum"}),
        ({"state": "closed"}, {"body": "extra_forbidden"}),
        ({"partner_ref": "GZ-2"}, {"body": "extra_forbidden"}),
        ({"intake_type": "enquiry"}, {"intake_type": "literal_error"}),
        ({"severity_raised_to": "S1"}, {"body": "extra_forbidden"}),
        ({"consent": {"level": "C0"}}, {"body": "extra_forbidden"}),
    ],
    ids=str,
)
def test_a_correction_that_breaks_a_rule_is_refused_with_the_field(
    service: Service, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = corrected(partner, grievance_id, 1, **changes)

    found = fields(answer)
    assert problem.items() <= found.items()
    assert not any(e["detail"].startswith("Value error") for e in answer.json()["errors"])
    assert case_of(partner, grievance_id)["version"] == 1


def test_a_severity_that_rises_shortens_what_still_runs_and_makes_nobody_late(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = case_of(partner, grievance_id)["clocks"]
    service.clock.forward(days=4)  # the alert was due on the third day
    path = f"/v1/grievances/{grievance_id}"

    answer = partner.patch(path, {"ilo_indicators": ["debt_bondage"]}, If_Match='"1"')

    after = answer.json()["clocks"]
    assert answer.json()["severity"] == "S1"
    assert before["acknowledge"]["due_at"] == "2026-11-29T08:00:00.000Z"
    assert after["acknowledge"]["due_at"] == "2026-11-27T08:00:00.000Z"
    unmoved = {name: clock for name, clock in before.items() if name != "acknowledge"}
    assert {name: after[name] for name in unmoved} == unmoved


# What it turned out to be


@pytest.mark.parametrize("came_as", ["enquiry", "suggestion"])
def test_what_turns_out_to_be_a_grievance_is_one_from_now_on(
    service: Service, came_as: str
) -> None:
    """Its clocks run from now, and the check looks at it; what ran before goes on."""
    covered(service)
    partner = service.partner()
    agreed = {"level": "C3", "cross_border": True, "script_version": "zh-1"}
    grievance_id = submitted(partner, intake_type=came_as, consent=agreed)
    before = service.deps.cases.head(grievance_id)
    assert before is not None
    service.clock.forward(days=2)

    answer = corrected(partner, grievance_id, 1, intake_type="grievance")

    assert (answer.status, answer.json()["intake_type"]) == (200, "grievance")
    after = service.deps.cases.head(grievance_id)
    filed = service.deps.cases.head(submitted(partner, "k-2", consent=agreed))
    assert after is not None
    assert filed is not None
    expected = {kind: clock.due_at for kind, clock in filed.clocks.items()}
    expected |= {kind: clock.due_at for kind, clock in before.clocks.items()}
    assert {kind: clock.due_at for kind, clock in after.clocks.items()} == expected
    service.tick()
    (alert,) = service.alert_rows(grievance_id)
    assert alert.brand_id == "acme"


@pytest.mark.parametrize("wish", ["enquiry", "suggestion"])
def test_nothing_becomes_an_enquiry_afterwards(service: Service, wish: str) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = corrected(partner, grievance_id, 1, intake_type=wish)

    assert fields(answer) == {"intake_type": "literal_error"}


def test_a_grievance_stays_one(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = corrected(partner, grievance_id, 1, intake_type="retaliation")

    assert refusal(answer) == (422, "validation_failed")
    assert fields(answer) == {"intake_type": "cannot_change"}
    assert corrected(partner, grievance_id, 1, intake_type="grievance").status == 200
