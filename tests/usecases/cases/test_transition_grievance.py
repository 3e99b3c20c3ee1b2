"""A case's way of life through the front door: what is legal, for whom, and what it demands."""

from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted


def moved(partner: Caller, grievance_id: str, to: str, /, **wish: Any) -> Answer:
    headers = {"If_Match": wish.pop("if_match")} if "if_match" in wish else {}
    return partner.post(f"/v1/grievances/{grievance_id}/transitions", {"to": to, **wish}, **headers)


def closed_as_resolved(service: Service, grievance_id: str, **wish: Any) -> dict[str, Any]:
    """One supervisor proposes it, another one confirms; the case after that."""
    proposed = moved(service.partner(), grievance_id, "closed", **{**CLOSING, **wish})
    assert proposed.status == 202, proposed.body
    path = f"/v1/grievances/{grievance_id}/proposals/{proposed.json()['proposal_id']}"
    confirmed = service.partner(person=2).post(f"{path}/confirmation")
    assert confirmed.status == 200, confirmed.body
    case: dict[str, Any] = confirmed.json()
    return case


def went(partner: Caller, grievance_id: str, to: str, /, **wish: Any) -> dict[str, Any]:
    """A step that must be allowed; the case after it."""
    answer = moved(partner, grievance_id, to, **wish)
    assert answer.status == 200, answer.body
    case: dict[str, Any] = answer.json()
    assert case["state"] == to
    return case


CLOSING = {
    "outcome": "resolved",
    "root_cause": "financial_distress",
    "verification_evidence": "Payslips of September and October.",
    "worker_verdict": "satisfied",
}


def test_a_case_lives_from_intake_to_its_end_and_is_reopened(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    for days, to, wish in (
        (1, "investigating", {}),
        (10, "findings", {"finding": "partly_grounded"}),
        (1, "remediation", {}),
        (30, "verification", {}),
    ):
        service.clock.forward(days=days)
        went(partner, grievance_id, to, **wish)
    service.clock.forward(days=30)
    closed = closed_as_resolved(service, grievance_id)

    assert {name: closed[name] for name in ("finding", "outcome", "root_cause")} == {
        "finding": "partly_grounded",
        "outcome": "resolved",
        "root_cause": "financial_distress",
    }
    assert closed["worker_verdict"] == "satisfied"
    assert closed["closed_at"] == "2027-02-02T08:00:00.000Z"
    assert closed["clocks"]["hard_stop"]["met_at"] == "2027-02-02T08:00:00.000Z"
    assert closed["version"] == 8

    service.clock.forward(days=30)
    reopened = went(partner, grievance_id, "reopened", reason="Wages are late again.")
    investigating = went(partner, grievance_id, "investigating")

    assert (reopened["reopened_count"], reopened["closed_at"]) == (1, None)
    assert (reopened["outcome"], investigating["version"]) == (None, 10)
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.data.get("to", entry.action) for entry in entries] == [
        "received",
        "routed",
        "investigating",
        "findings",
        "remediation",
        "verification",
        "closed",
        "closed",
        "reopened",
        "investigating",
    ]


def test_the_whole_answer_is_the_case_with_its_new_etag(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = case_of(partner, grievance_id)
    service.clock.forward(hours=2)

    answer = moved(partner, grievance_id, "acknowledged")

    after = case_of(partner, grievance_id)
    acknowledged_at = "2026-11-22T10:00:00.000Z"
    assert answer.json() == after
    assert answer.headers["ETag"] == '"2"'
    assert after == {
        **before,
        "state": "acknowledged",
        "acknowledged_at": acknowledged_at,
        "clocks": {
            **before["clocks"],
            "acknowledge": {**before["clocks"]["acknowledge"], "met_at": acknowledged_at},
        },
        "version": 2,
        "ledger_hash": after["ledger_hash"],
    }
    assert after["ledger_hash"] != before["ledger_hash"]


def test_intake_staff_walks_a_case_to_its_screening_and_no_further(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)
    went(intake, grievance_id, "acknowledged")
    went(intake, grievance_id, "screening")

    refused = {
        to: moved(intake, grievance_id, to, **wish)
        for to, wish in (
            ("admissible", {}),
            ("inadmissible", {"inadmissible_reason": "not_about_work"}),
            ("referred", {}),
            ("on_hold", {"reason": "Ill.", "until": "2026-12-01T00:00:00Z"}),
            ("closed", {"outcome": "withdrawn", "root_cause": "unknown"}),
        )
    }

    assert {refusal(answer) for answer in refused.values()} == {(403, "forbidden")}
    assert refused["admissible"].json()["detail"] == (
        "From `screening` to `admissible`: only partner_supervisor, system."
    )
    assert refused["on_hold"].json()["detail"] == (
        "From `screening` to `on_hold`: only partner_supervisor."
    )
    assert case_of(intake, grievance_id)["version"] == 3


def test_an_illegal_step_is_refused_and_names_the_legal_ones(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = service.head_item(grievance_id)

    answer = moved(partner, grievance_id, "verification")

    assert refusal(answer) == (409, "illegal_transition")
    assert answer.json()["detail"] == (
        "From `received` your role may move this case to: `acknowledged`, `on_hold`, `closed`."
    )
    assert service.head_item(grievance_id) == before


@pytest.mark.parametrize(
    ("role", "legal"),
    [
        (Role.PARTNER_INTAKE, "`acknowledged`"),
        (Role.PARTNER_SUPERVISOR, "`acknowledged`, `on_hold`, `closed`"),
    ],
)
def test_the_legal_steps_are_those_of_the_role(service: Service, role: Role, legal: str) -> None:
    caller = service.caller(role, "handshake-gz")

    answer = moved(caller, submitted(caller), "findings", finding="grounded")

    assert answer.json()["detail"] == f"From `received` your role may move this case to: {legal}."


def test_nobody_but_the_check_says_that_brands_were_told(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for to in ("acknowledged", "screening", "admissible"):
        went(partner, grievance_id, to)

    answer = moved(partner, grievance_id, "brand_notified")

    assert refusal(answer) == (403, "forbidden")
    assert answer.json()["detail"] == "From `admissible` to `brand_notified`: only system."


def test_a_stale_if_match_is_refused_and_a_current_one_is_not(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    went(partner, grievance_id, "acknowledged", if_match='"1"')

    for stale in ('"1"', '"3"', "2", "*", "anything"):
        answer = moved(partner, grievance_id, "screening", if_match=stale)
        assert refusal(answer) == (412, "precondition_failed")

    assert went(partner, grievance_id, "screening", if_match='W/"2"')["version"] == 3


def test_a_step_that_meets_another_change_of_the_case_is_a_conflict(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    def overtake() -> None:
        partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": "She called again."})

    with service.before_call("TransactWriteItems", overtake):
        answer = moved(partner, grievance_id, "acknowledged")

    assert refusal(answer) == (409, "version_conflict")
    case = case_of(partner, grievance_id)
    assert (case["state"], case["version"]) == ("received", 2)


@pytest.mark.parametrize(
    ("before", "to", "wish", "missing"),
    [
        ([], "on_hold", {}, {"reason": "missing", "until": "missing"}),
        (
            [],
            "on_hold",
            {"reason": "x", "until": "2026-11-22T08:00:00Z"},
            {"until": "in_the_past"},
        ),
        ([], "closed", {}, {"outcome": "missing", "root_cause": "missing"}),
        ([], "closed", {"outcome": "settled", "root_cause": "legal_gap"}, {"outcome": "not_yet"}),
        (
            ["acknowledged", "screening"],
            "inadmissible",
            {},
            {"inadmissible_reason": "missing"},
        ),
        (
            ["acknowledged", "screening", "referred"],
            "closed",
            {"outcome": "resolved", "root_cause": "legal_gap"},
            {"verification_evidence": "missing", "worker_verdict": "missing"},
        ),
        (
            ["acknowledged", "screening", "referred"],
            "closed",
            {**CLOSING, "worker_verdict": "not_reached", "contact_attempts": []},
            {"worker_verdict": "missing"},
        ),
        (
            ["acknowledged", "screening", "referred"],
            "closed",
            {**CLOSING, "outcome": "settled", "settlement_requires_waiver": True},
            {"settlement_requires_waiver": "waiver_refused"},
        ),
    ],
)
def test_what_a_state_demands_is_named_field_by_field(
    service: Service,
    before: list[str],
    to: str,
    wish: dict[str, Any],
    missing: dict[str, str],
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for state in before:
        went(partner, grievance_id, state)

    answer = moved(partner, grievance_id, to, **wish)

    assert fields(answer) == missing
    assert case_of(partner, grievance_id)["version"] == 1 + len(before)


def test_three_dated_attempts_stand_for_a_worker_who_cannot_be_reached(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for state in ("acknowledged", "screening", "referred"):
        went(partner, grievance_id, state)
    attempts = [f"2026-11-2{day}T08:00:00Z" for day in range(3)]
    wish = {**CLOSING, "worker_verdict": "not_reached"}

    two = moved(partner, grievance_id, "closed", **wish, contact_attempts=attempts[:2])
    three = closed_as_resolved(
        service, grievance_id, worker_verdict="not_reached", contact_attempts=attempts
    )

    assert fields(two) == {"worker_verdict": "missing"}
    assert three["worker_verdict"] == "not_reached"


def test_words_of_people_do_not_enter_the_ledger(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    went(partner, grievance_id, "acknowledged")

    went(
        partner,
        grievance_id,
        "closed",
        outcome="withdrawn",
        root_cause="unknown",
        reason="Chen Li fears for her job.",
    )

    history = partner.get(f"/v1/grievances/{grievance_id}/history").body.decode()
    assert "withdrawn" in history
    assert "Chen Li" not in history


def test_a_case_can_be_withdrawn_from_any_open_state(service: Service) -> None:
    partner = service.partner()
    for number, way in enumerate(([], ["acknowledged"], ["acknowledged", "screening"])):
        grievance_id = submitted(partner, f"k-{number}")
        for state in way:
            went(partner, grievance_id, state)
        closed = went(partner, grievance_id, "closed", outcome="withdrawn", root_cause="unknown")
        assert closed["outcome"] == "withdrawn"

    service.tick()
    assert {row["state"] for row in partner.get("/v1/grievances").json()["items"]} == {"closed"}


# On hold


def held(partner: Caller, grievance_id: str) -> dict[str, Any]:
    until = {"reason": "She is travelling.", "until": "2026-12-01T00:00:00Z"}
    return went(partner, grievance_id, "on_hold", **until)


def test_a_case_on_hold_says_why_and_until_when_and_is_not_checked(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)

    case = held(partner, grievance_id)
    service.tick()

    assert case["hold"] == {
        "reason": "She is travelling.",
        "until": "2026-12-01T00:00:00.000Z",
        "held_from": "received",
    }
    assert service.received_alerts() == []
    answer = moved(partner, grievance_id, "acknowledged")
    assert refusal(answer) == (409, "illegal_transition")
    assert answer.json()["detail"] == (
        "From `on_hold` your role may move this case to: `received`, `closed`."
    )


def test_a_case_goes_on_where_it_rested_and_is_checked_then(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)
    held(partner, grievance_id)

    resumed = went(partner, grievance_id, "received")
    service.tick()

    assert resumed["hold"] is None
    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert len(service.received_alerts()) == 1


def test_who_withdraws_while_her_case_is_on_hold_need_not_wait(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    held(partner, grievance_id)
    path = f"/v1/grievances/{grievance_id}/transitions"
    closing = {"to": "closed", "root_cause": "unknown"}

    unresolved = partner.post(path, {**closing, "outcome": "unresolved"})
    withdrawn = partner.post(path, {**closing, "outcome": "withdrawn"})

    assert fields(unresolved) == {"outcome": "not_yet"}
    assert withdrawn.status == 200
    case = case_of(partner, grievance_id)
    assert (case["state"], case["outcome"], case["hold"]) == ("closed", "withdrawn", None)
    assert case["closed_at"] == "2026-11-22T08:00:00.000Z"


def test_a_link_that_appears_while_an_uncovered_case_is_on_hold_is_not_overlooked(
    service: Service,
) -> None:
    service.brand()
    factory_id = service.factory()
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert held(partner, grievance_id)["hold"]["held_from"] == "not_covered"
    service.link(factory_id)
    service.tick()
    assert service.received_alerts() == []

    went(partner, grievance_id, "not_covered")
    service.tick()

    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert len(service.received_alerts()) == 1


# Inadmissible, appealed once; reopened


def test_a_factory_that_appears_while_its_case_is_on_hold_is_not_overlooked(
    service: Service,
) -> None:
    service.brand()
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert held(partner, grievance_id)["routing"] == "needs_review"
    service.link(service.factory())
    service.tick()
    service.tick()

    went(partner, grievance_id, "screening")
    service.tick()

    assert case_of(partner, grievance_id)["state"] == "brand_notified"


def test_an_inadmissible_case_can_be_appealed_once(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for state in ("acknowledged", "screening"):
        went(partner, grievance_id, state)
    why = {"inadmissible_reason": "manifestly_false"}
    went(partner, grievance_id, "inadmissible", **why)

    without_reason = moved(partner, grievance_id, "screening")
    appealed = went(partner, grievance_id, "screening", reason="There is a witness.")
    went(partner, grievance_id, "inadmissible", **why)
    again = moved(partner, grievance_id, "screening", reason="Another witness.")

    assert fields(without_reason) == {"reason": "missing"}
    assert (appealed["routing"], appealed["inadmissible_reason"]) == ("pending", "manifestly_false")
    assert fields(again) == {"to": "already_appealed"}


def closed_case(service: Service, partner: Caller, **changes: Any) -> str:
    """A case that brands were told about, and that was closed."""
    covered(service)
    grievance_id = alerted(service, partner, **changes)
    went(partner, grievance_id, "investigating")
    went(partner, grievance_id, "findings", finding="not_grounded")
    went(partner, grievance_id, "closed", outcome="unresolved", root_cause="misunderstanding")
    assert len(service.received_alerts()) == 1
    return grievance_id


def test_after_thirty_days_a_case_stays_closed_unless_it_is_about_retaliation(
    service: Service,
) -> None:
    partner = service.partner()
    ordinary = closed_case(service, partner)
    service.brand("bolt")
    reprisal = alerted(service, partner, "k-2", intake_type="retaliation")
    went(partner, reprisal, "closed", outcome="withdrawn", root_cause="supervisor_conduct")

    service.clock.forward(days=30, seconds=1)

    late = moved(partner, ordinary, "reopened", reason="It happens again.")
    assert fields(late) == {"to": "window_over"}
    assert went(partner, reprisal, "reopened", reason="It happens again.")["reopened_count"] == 1


def running(case: dict[str, Any]) -> dict[str, str]:
    """The clocks that nothing has stopped, and when they run out."""
    return {kind: c["due_at"] for kind, c in case["clocks"].items() if c["met_at"] is None}


def test_a_reopened_case_has_its_time_anew_and_what_was_missed_stays_missed(
    service: Service,
) -> None:
    """However late: retaliation may be reported at any time."""
    partner = service.partner()
    grievance_id = submitted(partner, intake_type="retaliation")
    service.clock.forward(days=100)
    went(partner, grievance_id, "closed", outcome="withdrawn", root_cause="unknown")
    service.clock.forward(days=100)

    reopened = went(partner, grievance_id, "reopened", reason="She was dismissed.")

    later = {"feedback": "2027-09-08T08:00:00.000Z", "hard_stop": "2027-12-07T08:00:00.000Z"}
    assert running(reopened).items() >= later.items()
    ran_out = {kind: clock["breached_at"] for kind, clock in reopened["clocks"].items()}
    assert ran_out["feedback"] == "2027-02-20T08:00:00.000Z"
    assert ran_out["hard_stop"] is None


def test_an_appealed_case_has_its_time_anew(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    for to in ("acknowledged", "screening"):
        went(partner, grievance_id, to)
    went(partner, grievance_id, "inadmissible", inadmissible_reason="not_about_work")
    service.clock.forward(days=200)

    appealed = went(partner, grievance_id, "screening", reason="It is about work.")

    assert running(appealed)["hard_stop"] == "2027-12-07T08:00:00.000Z"


def test_a_reopened_case_that_is_screened_again_is_told_again_as_the_next_round(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = closed_case(service, partner)
    service.clock.forward(days=5)
    went(partner, grievance_id, "reopened", reason="Wages are late again.")
    went(partner, grievance_id, "screening")

    service.tick()
    service.tick()

    case = case_of(partner, grievance_id)
    assert case["state"] == "brand_notified"
    assert case["brand_notified_at"] == "2026-11-22T08:00:00.000Z"
    assert case["clocks"]["brand_first_reply"]["due_at"] == "2026-12-12T08:00:00.000Z"
    (envelope,) = service.received_alerts()
    assert envelope["MessageAttributes"]["kind"]["Value"] == "update"
    rounds = {alert.payload.sequence: alert.status for alert in service.alert_rows(grievance_id)}
    assert rounds == {1: "sent", 2: "sent"}
    assert service.work_queue_of(grievance_id) == ""


def test_a_correction_of_a_reopened_case_does_not_stay_due_for_ever(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed_case(service, partner)
    went(partner, grievance_id, "reopened", reason="Wages are late again.")
    case = went(partner, grievance_id, "screening")

    corrected = partner.patch(
        f"/v1/grievances/{grievance_id}",
        {"incident_from": "2026-11"},
        If_Match=f'"{case["version"]}"',
    )
    service.tick()

    assert corrected.status == 200
    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert len(service.received_alerts()) == 1
    assert service.work_queue_of(grievance_id) == ""
