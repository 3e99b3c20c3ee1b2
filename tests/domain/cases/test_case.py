"""Opening a case, and correcting it."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.domain.cases.case import (
    Case,
    Changed,
    Hold,
    Opening,
    change_consent,
    correct,
    severity_of,
)
from chalicelib.domain.cases.facts import Consent, FactoryReported
from chalicelib.domain.factories.resolution import Candidate
from chalicelib.domain.record.ledger import GENESIS, Action, first_bad_entry
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import (
    Category,
    ConsentLevel,
    IloIndicator,
    IntakeType,
    MatchMethod,
    Routing,
    Severity,
    State,
    WorkersBand,
)
from tests.domain.values import AT, FACTORY_ID, MATCH, case, commitment, opened

LATER = AT + timedelta(days=2)
ROUTED_CLOCKS = {"acknowledge", "screening", "alert_brand", "feedback", "hard_stop"}


# Opening


def test_a_grievance_is_received_and_due_for_the_check_at_once() -> None:
    new = opened()

    assert (new.state, new.routing, new.check_due_at) == (State.RECEIVED, Routing.PENDING, AT)
    assert (new.severity, new.received_at, new.version) == (Severity.S3, AT, 1)
    assert (new.taxonomy_version, new.law) == ("2026-1", "BD")
    assert new.public_ref.startswith("2026-")
    assert set(new.clocks) == ROUTED_CLOCKS


def test_the_first_entry_says_what_came_and_commits_to_the_whole_filing() -> None:
    entry = opened(narrative="Wages were not paid.").first_entry

    assert (entry.seq, entry.prev_hash, entry.action) == (1, GENESIS, Action.RECEIVED)
    assert entry.data == {
        "public_ref": opened().public_ref,
        "intake_type": "grievance",
        "severity": "S3",
        "consent_level": "C3",
        "filing": "f" * 64,
    }
    assert first_bad_entry([entry]) is None
    assert opened().ledger_hash == opened().first_entry.hash


def test_the_opening_keeps_what_the_first_receipt_said() -> None:
    new = opened(ilo_indicators=(IloIndicator.DEBT_BONDAGE,))

    assert new.opening == Opening(
        severity=Severity.S1,
        respond_by={
            ClockKind.ACKNOWLEDGE: AT + timedelta(days=1),
            ClockKind.SCREENING: AT + timedelta(days=10),
            ClockKind.ALERT_BRAND: AT + timedelta(hours=1),
            ClockKind.FEEDBACK: AT + timedelta(days=90),
            ClockKind.HARD_STOP: AT + timedelta(days=180),
        },
    )


@pytest.mark.parametrize("intake_type", [IntakeType.ENQUIRY, IntakeType.SUGGESTION])
def test_an_enquiry_or_a_suggestion_is_answered_but_never_routed(intake_type: IntakeType) -> None:
    new = opened(intake_type=intake_type)

    assert (new.routing, new.check_due_at) == (Routing.NOT_ROUTED, None)
    assert set(new.clocks) == {"acknowledge", "feedback"}


def test_a_case_of_retaliation_is_critical_and_routed() -> None:
    new = opened(intake_type=IntakeType.RETALIATION)

    assert (new.severity, new.routing) == (Severity.S1, Routing.PENDING)


def test_the_public_reference_says_nothing_about_the_partner() -> None:
    assert opened().public_ref == case(partner_id="another").public_ref


# Clocks


def test_a_clock_stops_once_and_only_if_it_runs() -> None:
    given = opened()
    first = given.model_copy(update={"clocks": given.with_clock_met(ClockKind.FEEDBACK, AT)})

    assert first.clocks[ClockKind.FEEDBACK].met_at == AT
    assert first.with_clock_met(ClockKind.FEEDBACK, LATER) == first.clocks
    assert given.with_clock_met(ClockKind.REMEDIATION_PLAN, AT) == given.clocks


# Correcting


def corrected(given: Case, **corrections: Any) -> Changed:
    changed = correct(given, corrections, by="lead", at=LATER, commit=commitment)
    assert changed is not None
    return changed


def test_a_correction_replaces_facts_and_records_old_and_new() -> None:
    changed = corrected(opened(), workers_affected=None, categories=[Category.WORKING_TIME])

    assert (changed.case.workers_affected, changed.case.version) == (None, 2)
    assert changed.case.categories == (Category.WORKING_TIME,)
    assert (changed.entry.action, changed.entry.actor) == (Action.CORRECTED, "lead")
    assert changed.entry.data == {
        "categories": [["compensation"], ["working_time"]],
        "workers_affected": [{"commitment": '<{"workers_affected":34}>'}, None],
    }
    assert changed.entry.private == {"workers_affected": [34, None]}
    assert first_bad_entry([changed.case.first_entry, changed.entry]) is None


def test_a_correction_that_changes_nothing_is_none() -> None:
    given = opened()

    assert correct(given, {}, by="lead", at=LATER, commit=commitment) is None
    same = {"workers_affected": 34, "severity_raised_to": None, "state": State.CLOSED}
    assert correct(given, same, by="lead", at=LATER, commit=commitment) is None


def test_a_persons_words_enter_the_record_as_commitments_only() -> None:
    changed = corrected(
        opened(narrative="before"),
        narrative="after",
        summary="short",
        factory_reported=FactoryReported(name="Posh", country="BD"),
    )

    assert changed.entry.data == {
        "factory_reported": [
            {"commitment": '<{"factory_reported":{"address":null,"city":null,"country":"BD",'
             '"identifiers":[],"latitude":null,"longitude":null,"name":"Posh Garments"}}>'},
            {"commitment": '<{"factory_reported":{"address":null,"city":null,"country":"BD",'
             '"identifiers":[],"latitude":null,"longitude":null,"name":"Posh"}}>'},
        ],
        "narrative": [
            {"commitment": '<{"narrative":"before"}>'},
            {"commitment": '<{"narrative":"after"}>'},
        ],
        "summary": [None, {"commitment": '<{"summary":"short"}>'}],
    }  # fmt: skip


def test_facts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError):
        corrected(opened(), incident_to="2020")


@pytest.mark.parametrize(
    ("corrections", "severity"),
    [
        ({"ilo_indicators": ["debt_bondage"]}, Severity.S1),
        ({"workers_affected": 60}, Severity.S2),
        ({"categories": ["other"]}, Severity.S3),
        ({"severity_raised_to": Severity.S2}, Severity.S2),
        ({"severity_raised_to": Severity.S4}, Severity.S3),
        ({"severity_raised_to": Severity.S2, "workers_affected": 1}, Severity.S2),
    ],
)
def test_severity_follows_facts_and_supervisors_upwards_only(
    corrections: dict[str, Any], severity: Severity
) -> None:
    changed = corrected(opened(), **corrections)

    assert changed.case.severity is severity
    recorded = changed.entry.data.get("severity")
    assert recorded == (None if severity is Severity.S3 else ["S3", severity])


def test_a_severity_once_raised_stays_when_facts_change() -> None:
    raised = corrected(opened(), severity_raised_to=Severity.S1).case

    again = corrected(raised, workers_affected=1).case

    assert (again.severity, again.severity_raised_to) == (Severity.S1, Severity.S1)
    assert severity_of(again) is Severity.S3


UNCOVERED: dict[str, Any] = {
    "state": State.NOT_COVERED,
    "routing": Routing.NO_BRAND,
    "routing_reason": "no_brand_link",
    "factory_id": FACTORY_ID,
    "match": MATCH,
    "check_due_at": None,
    "attempts": 3,
}


@pytest.mark.parametrize(
    "corrections",
    [
        {"incident_from": "2026-08"},
        {"incident_to": "2026-10"},
        {"intake_type": IntakeType.RETALIATION},
    ],
)
def test_what_decides_about_routing_sends_the_case_back_to_the_check(
    corrections: dict[str, Any],
) -> None:
    back = corrected(case(**UNCOVERED), **corrections).case

    assert (back.routing, back.routing_reason, back.check_due_at, back.attempts) == (
        Routing.PENDING,
        None,
        LATER,
        0,
    )
    assert (back.state, back.factory_id, back.match) == (State.NOT_COVERED, FACTORY_ID, MATCH)


def test_another_consent_sends_the_case_back_to_the_check_and_is_recorded_switch_by_switch() -> (
    None
):
    consent = Consent(level=ConsentLevel.C4, contact_back=True, script_version="helpline-zh-4")

    changed = change_consent(case(**UNCOVERED), consent, by="p:ngo:k", at=LATER, commit=commitment)

    assert changed is not None
    assert (changed.case.consent, changed.case.consent_changes) == (consent, 1)
    assert (changed.case.routing, changed.case.check_due_at) == (Routing.PENDING, LATER)
    assert (changed.case.factory_id, changed.case.match) == (FACTORY_ID, MATCH)
    assert (changed.entry.action, changed.entry.actor) == (Action.CONSENT_CHANGED, "p:ngo:k")
    assert changed.entry.data == {
        "level": ["C3", "C4"],
        "contact_back": [False, True],
        "script_version": [
            {"commitment": '<{"script_version":"helpline-zh-3"}>'},
            {"commitment": '<{"script_version":"helpline-zh-4"}>'},
        ],
    }
    assert changed.entry.private == {"script_version": ["helpline-zh-3", "helpline-zh-4"]}


def test_the_same_consent_again_is_no_change() -> None:
    given = case(**UNCOVERED)

    assert change_consent(given, given.consent, by="p:ngo:k", at=LATER, commit=commitment) is None


@pytest.mark.parametrize("state", State)
def test_consent_can_be_withdrawn_in_every_state(state: State) -> None:
    given = case(state=state, routing=Routing.ALERTED)

    changed = change_consent(given, Consent(), by="p:ngo:k", at=LATER, commit=commitment)

    assert changed is not None
    assert (changed.case.state, changed.case.consent) == (state, Consent())


@pytest.mark.parametrize(
    ("workers", "people"),
    [
        (None, 1),
        (34, 34),
        (WorkersBand.ONE, 1),
        (WorkersBand.UP_TO_50, 50),
        (WorkersBand.OVER_1000, 1001),
    ],
)
def test_a_case_holds_the_data_of_as_many_people_as_it_says(
    workers: int | WorkersBand | None, people: int
) -> None:
    assert case({"workers_affected": workers}).people == people


def test_a_border_is_crossed_once() -> None:
    once = case().having_crossed({"CN"})

    assert (once.crossed, once.having_crossed({"CN"}).crossed) == (("CN",), ("CN",))
    assert case().having_crossed(()).crossed == ()


def test_another_factory_makes_the_check_forget_the_one_it_had_found() -> None:
    back = corrected(case(**UNCOVERED), factory_reported=FactoryReported(name="Palki")).case

    assert (back.factory_id, back.match, back.check_due_at) == (None, None, LATER)


@pytest.mark.parametrize("corrections", [{"narrative": "more"}, {"workers_affected": 35}])
def test_what_does_not_decide_about_routing_leaves_it_alone(corrections: dict[str, Any]) -> None:
    after = corrected(case(**UNCOVERED), **corrections).case

    assert (after.routing, after.check_due_at) == (Routing.NO_BRAND, None)


@pytest.mark.parametrize(
    "state",
    [
        State.RECEIVED,
        State.ACKNOWLEDGED,
        State.SCREENING,
        State.ADMISSIBLE,
        State.NOT_COVERED,
    ],
)
def test_a_case_that_no_brand_was_told_about_is_checked_again(state: State) -> None:
    given = case(**{**UNCOVERED, "state": state})

    assert corrected(given, incident_from="2026-08").case.check_due_at == LATER


@pytest.mark.parametrize(
    "state",
    [State.REFERRED, State.BRAND_NOTIFIED, State.INVESTIGATING, State.VERIFICATION, State.REOPENED],
)
def test_one_that_has_gone_further_is_not(state: State) -> None:
    given = case(**{**UNCOVERED, "state": state, "routing": Routing.ALERTED})

    after = corrected(given, incident_from="2026-08").case

    assert (after.routing, after.check_due_at) == (Routing.ALERTED, None)


@pytest.mark.parametrize(
    ("held_from", "routing"),
    [(State.SCREENING, Routing.PENDING), (State.INVESTIGATING, Routing.ALERTED)],
)
def test_a_case_on_hold_is_checked_once_the_hold_ends(held_from: State, routing: Routing) -> None:
    hold = Hold(reason="strike", until=LATER, held_from=held_from)
    given = case(state=State.ON_HOLD, hold=hold, routing=Routing.ALERTED, check_due_at=None)

    after = corrected(given, incident_from="2026-08").case

    assert (after.routing, after.check_due_at) == (routing, None)


def test_a_grievance_that_was_an_enquiry_after_all_leaves_the_check() -> None:
    after = corrected(opened(), intake_type=IntakeType.ENQUIRY).case

    assert (after.routing, after.check_due_at) == (Routing.NOT_ROUTED, None)


def test_what_a_check_found_out_is_equal_only_when_nothing_changed() -> None:
    def candidate(factory_id: str) -> Candidate:
        return Candidate(
            factory_id=factory_id, score=0.5, method=MatchMethod.EXACT_NAME, evidence=()
        )

    found = [
        case(routing=Routing.NO_BRAND),
        case(routing=Routing.HELD),
        case(routing=Routing.HELD, routing_reason="consent_c0_nothing_may_be_shared"),
        case(routing=Routing.HELD, factory_id=FACTORY_ID),
        case(routing=Routing.NEEDS_REVIEW, candidates=(candidate("f_1"), candidate("f_2"))),
        case(routing=Routing.NEEDS_REVIEW, candidates=(candidate("f_2"), candidate("f_1"))),
    ]

    assert len({one.settled_as_now for one in found}) == len(found)
    assert found[0].settled_as_now == case(routing=Routing.NO_BRAND, version=9).settled_as_now
