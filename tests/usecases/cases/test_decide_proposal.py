"""Two people close a case as resolved and lower a critical one: one proposes, another confirms."""

from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service, but_for_the_count, user_id
from tests.usecases.people import holder
from tests.usecases.stories import case_of, covered, refusal, submitted, walked

FIRST = user_id(Role.PARTNER_SUPERVISOR, "handshake-gz")
SECOND = user_id(Role.PARTNER_SUPERVISOR, "handshake-gz", 2)
CLOSING = {
    "to": "closed",
    "outcome": "resolved",
    "root_cause": "financial_distress",
    "verification_evidence": "Payslips that Chen Li has sent.",
    "worker_verdict": "satisfied",
}
LOWERING = {"severity": "S3", "severity_reason": "Chen Li says nobody was held back."}


def lowering(service: Service) -> tuple[str, dict[str, Any]]:
    """A critical case that a supervisor wants to lower; its path, and the proposal."""
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner, ilo_indicators=['debt_bondage'])}"
    answer = partner.patch(path, LOWERING, If_Match='"1"')
    assert answer.status == 202, answer.body
    return path, answer.json()


def closing(service: Service) -> tuple[str, dict[str, Any]]:
    """A case that a supervisor wants to close as resolved."""
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}"
    for state in ("acknowledged", "screening", "referred"):
        assert partner.post(f"{path}/transitions", {"to": state}).status == 200
    answer = partner.post(f"{path}/transitions", CLOSING)
    assert answer.status == 202, answer.body
    return path, answer.json()


def confirmed(by: Caller, path: str, proposal: dict[str, Any]) -> Answer:
    return by.post(f"{path}/proposals/{proposal['proposal_id']}/confirmation")


BOTH = pytest.mark.parametrize("proposed", [lowering, closing], ids=["lower", "close"])


def test_what_one_supervisor_asks_for_is_a_proposal_and_nothing_has_happened(
    service: Service,
) -> None:
    path, proposal = closing(service)

    case = service.partner().get(path).json()
    assert proposal == case["proposal"]
    assert proposal == {
        "proposal_id": proposal["proposal_id"],
        "kind": "close_as_resolved",
        "proposed_by": FIRST,
        "proposed_at": "2026-11-22T08:00:00.000Z",
        "expires_at": "2026-11-29T08:00:00.000Z",
        "from_state": "referred",
        "from_severity": "S3",
        "transition": {**proposal["transition"], **CLOSING},
        "severity": None,
        "reason": None,
    }
    assert (case["state"], case["outcome"], case["closed_at"]) == ("referred", None, None)


def test_the_answer_names_the_version_that_the_proposal_made(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner, ilo_indicators=['debt_bondage'])}"

    answer = partner.patch(path, LOWERING, If_Match='"1"')

    assert answer.headers["ETag"] == '"2"' == partner.get(path).headers["ETag"]


def test_a_second_supervisors_confirmation_closes_the_case(service: Service) -> None:
    path, proposal = closing(service)
    service.clock.forward(days=1)

    answer = confirmed(service.partner(person=2), path, proposal)

    case = service.partner().get(path).json()
    assert (answer.status, answer.json()) == (200, case)
    assert (case["state"], case["outcome"], case["proposal"]) == ("closed", "resolved", None)
    assert case["closed_at"] == "2026-11-23T08:00:00.000Z"
    assert case["worker_verdict"] == "satisfied"


def test_retention_begins_when_the_closing_is_confirmed_not_when_it_is_proposed(
    service: Service,
) -> None:
    path, proposal = closing(service)
    scheduled = service.deps.retention.scheduled
    grievance_id = path.rsplit("/", 1)[1]
    assert scheduled(grievance_id) is None
    ended_at = service.clock.forward(days=1)

    confirmed(service.partner(person=2), path, proposal)

    found = scheduled(grievance_id)
    assert found is not None
    assert (found.ended_at, found.rule_id, found.erases) == (ended_at, "default.texts", "texts")
    assert found.due_at > ended_at


def test_a_second_supervisors_confirmation_lowers_the_severity(service: Service) -> None:
    path, proposal = lowering(service)
    assert service.partner().get(path).json()["severity"] == "S1"

    answer = confirmed(service.partner(person=2), path, proposal)

    assert (answer.status, answer.json()["severity"]) == (200, "S3")
    assert answer.json() == service.partner().get(path).json()


@BOTH
def test_the_ledger_names_both_and_holds_no_words(service: Service, proposed: Any) -> None:
    path, proposal = proposed(service)
    confirmed(service.partner(person=2), path, proposal)

    case = service.deps.cases.head(path.rsplit("/", 1)[1])
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    asked, done = entries[-2:]
    names = {"proposal_id": proposal["proposal_id"], "kind": proposal["kind"]}
    assert asked.action == "proposed"
    assert asked.data.items() >= {**names, "proposed_by": FIRST}.items()
    assert done.action in ("transitioned", "severity_lowered")
    assert done.data.items() >= {**names, "proposed_by": FIRST, "confirmed_by": SECOND}.items()
    assert "Chen Li" not in str([entry.data for entry in entries])


@BOTH
def test_who_proposed_it_cannot_confirm_it_whatever_her_key(
    service: Service, proposed: Any
) -> None:
    path, proposal = proposed(service)
    home = "/v1/organisations/handshake-gz"
    (own,) = [row for row in walked(service.partner(), f"{home}/keys") if row["user_id"] == FIRST]
    another = service.partner().post(f"{home}/keys/{own['key_id']}/rotations", {}).json()

    for caller in (service.partner(), holder(service, another)):
        assert refusal(confirmed(caller, path, proposal)) == (403, "forbidden")
    assert service.partner().get(path).json()["proposal"] == proposal


@BOTH
def test_intake_staff_neither_confirms_nor_refuses(service: Service, proposed: Any) -> None:
    path, proposal = proposed(service)
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    for answer in (
        confirmed(intake, path, proposal),
        intake.delete(f"{path}/proposals/{proposal['proposal_id']}"),
    ):
        assert refusal(answer) == (403, "forbidden")


@BOTH
def test_another_partners_supervisor_finds_nothing(service: Service, proposed: Any) -> None:
    path, proposal = proposed(service)
    stranger = service.partner("other-ngo")

    theirs = confirmed(stranger, path, proposal)
    absent = confirmed(stranger, f"/v1/grievances/g_{'0' * 26}", proposal)

    assert refusal(theirs) == (404, "not_found")
    assert but_for_the_count(theirs) == but_for_the_count(absent)


@BOTH
@pytest.mark.parametrize("person", [1, 2])
def test_a_proposal_is_refused_or_taken_back(service: Service, proposed: Any, person: int) -> None:
    path, proposal = proposed(service)
    below = f"{path}/proposals/{proposal['proposal_id']}"

    assert service.partner(person=person).delete(below).status == 204

    partner = service.partner()
    assert partner.get(path).json()["proposal"] is None
    entry = walked(partner, f"{path}/history")[-1]
    who = {"proposed_by": FIRST, "refused_by": (FIRST, SECOND)[person - 1]}
    assert entry["action"] == "proposal_refused"
    assert entry["data"].items() >= who.items()
    for answer in (confirmed(service.partner(person=2), path, proposal), partner.delete(below)):
        assert refusal(answer) == (404, "not_found")


@BOTH
def test_a_proposal_waits_for_a_week_and_makes_way_for_another(
    service: Service, proposed: Any
) -> None:
    path, proposal = proposed(service)
    service.clock.forward(days=7)

    assert refusal(confirmed(service.partner(person=2), path, proposal)) == (
        409,
        "state_conflict",
    )

    version = service.partner().get(path).json()["version"]
    again = (
        service.partner().post(f"{path}/transitions", CLOSING)
        if proposal["kind"] == "close_as_resolved"
        else service.partner().patch(path, LOWERING, If_Match=f'"{version}"')
    )
    assert again.status == 202
    assert confirmed(service.partner(person=2), path, again.json()).status == 200


def test_one_proposal_at_a_time(service: Service) -> None:
    path, _ = lowering(service)

    answer = service.partner(person=2).patch(path, LOWERING, If_Match='"2"')

    assert refusal(answer) == (409, "state_conflict")


def test_a_case_that_has_moved_on_is_not_decided_about_any_more(service: Service) -> None:
    path, proposal = closing(service)
    service.partner().post(f"{path}/transitions", {"to": "screening"})

    assert refusal(confirmed(service.partner(person=2), path, proposal)) == (404, "not_found")
    assert service.partner().get(path).json()["proposal"] is None


def test_the_check_does_not_take_a_proposal_away_by_moving_the_case(service: Service) -> None:
    covered(service)
    path, proposal = lowering(service)
    service.tick()
    assert service.partner().get(path).json()["state"] == "brand_notified"

    answer = confirmed(service.partner(person=2), path, proposal)

    assert (answer.status, answer.json()["severity"]) == (200, "S3")


def test_a_proposal_to_lower_outlives_a_step_and_falls_with_the_end(service: Service) -> None:
    path, proposal = lowering(service)
    partner = service.partner()

    stepped = partner.post(f"{path}/transitions", {"to": "acknowledged"}).json()
    ending = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    ended = partner.post(f"{path}/transitions", ending).json()

    assert (stepped["proposal"], ended["proposal"]) == (proposal, None)


def test_a_case_that_has_become_critical_is_not_closed_by_an_older_proposal(
    service: Service,
) -> None:
    path, proposal = closing(service)
    version = service.partner().get(path).json()["version"]
    service.partner().patch(path, {"severity": "S1"}, If_Match=f'"{version}"')

    answer = confirmed(service.partner(person=2), path, proposal)

    assert refusal(answer) == (409, "state_conflict")
    assert service.partner().get(path).json()["state"] == "referred"


def test_what_does_not_change_state_or_severity_leaves_the_proposal_open(
    service: Service,
) -> None:
    path, proposal = closing(service)
    service.partner().post(f"{path}/messages", {"text": "She has called again."})

    assert confirmed(service.partner(person=2), path, proposal).status == 200


def test_a_closing_that_lacks_something_is_refused_before_anybody_is_asked(
    service: Service,
) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}"
    for state in ("acknowledged", "screening", "referred"):
        partner.post(f"{path}/transitions", {"to": state})

    answer = partner.post(f"{path}/transitions", {**CLOSING, "verification_evidence": None})

    assert answer.status == 422
    assert partner.get(path).json()["proposal"] is None


@pytest.mark.parametrize("outcome", ["settled", "unresolved", "withdrawn"])
def test_any_other_end_takes_one_person(service: Service, outcome: str) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/transitions"
    for state in ("acknowledged", "screening", "referred"):
        partner.post(path, {"to": state})

    body = {"to": "closed", "outcome": outcome, "root_cause": "legal_gap"}
    assert partner.post(path, body).status == 200
    assert case_of(partner, grievance_id)["state"] == "closed"


def test_of_two_confirmations_at_one_moment_one_counts(service: Service) -> None:
    path, proposal = lowering(service)

    def overtake() -> None:
        assert confirmed(service.partner(person=3), path, proposal).status == 200

    second, _ = service.partner(person=2), service.partner(person=3)
    with service.before_call("TransactWriteItems", overtake):
        answer = confirmed(second, path, proposal)

    assert refusal(answer) == (409, "version_conflict")
    actions = [entry["action"] for entry in walked(service.partner(), f"{path}/history")]
    assert actions == ["received", "proposed", "severity_lowered"]
