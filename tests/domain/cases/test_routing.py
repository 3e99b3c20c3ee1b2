"""What the check makes of a case: told, held, uncovered, for review; and nothing said twice."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import SYSTEM, Case
from chalicelib.domain.cases.facts import Consent, FactoryReported
from chalicelib.domain.cases.routing import (
    REVIEWED,
    Routed,
    certain_match,
    finds_something_else,
    for_review,
    is_routable,
    reviewed_match,
    route,
)
from chalicelib.domain.factories.resolution import Candidate, Decision, Match, match_of
from chalicelib.domain.record.ledger import Action, canonical
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import (
    AlertKind,
    ConsentLevel,
    MatchMethod,
    Routing,
    State,
    Verdict,
)
from tests.domain.values import AT, DESK, FACTORY_ID, MATCH, case, commitment, factory, opened, told

LATER = AT + timedelta(hours=1)
MUCH_LATER = AT + timedelta(days=200)


def routed(given: Case, *brands: str, at: Any = LATER, **factory_changes: Any) -> Routed:
    """The case after a check that was certain about its factory."""
    return route(
        given,
        factory(**factory_changes),
        MATCH,
        told(*brands),
        desk_url=DESK,
        at=at,
        commit=commitment,
    )


def candidates(count: int) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            factory_id=f"f_{n}", score=0.9, method=MatchMethod.SIMILARITY, evidence=(f"reason {n}",)
        )
        for n in range(count)
    )


def undecided(reason: str = "factory_ambiguous", count: int = 2) -> Decision:
    return Decision(
        verdict=Verdict.REVIEW, candidates=candidates(count), reason=reason, version="exact-1"
    )


def matched() -> Decision:
    return Decision(
        verdict=Verdict.MATCHED,
        candidates=candidates(1),
        reason="matched",
        version="exact-1",
        score=0.98,
        features={"exact": 1.0},
    )


# Told


@pytest.mark.parametrize(
    ("state", "passed"),
    [
        (State.RECEIVED, ["acknowledged", "screening", "admissible", "brand_notified"]),
        (State.ACKNOWLEDGED, ["screening", "admissible", "brand_notified"]),
        (State.SCREENING, ["admissible", "brand_notified"]),
        (State.ADMISSIBLE, ["brand_notified"]),
        (State.NOT_COVERED, ["admissible", "brand_notified"]),
    ],
)
def test_a_case_walks_the_legal_way_to_the_brands_and_one_entry_names_it(
    state: State, passed: list[str]
) -> None:
    after = routed(case(state=state), "acme", "bolt")

    assert after.entry is not None
    ids = sorted(alert.alert_id for alert in after.alerts)
    assert (after.entry.action, after.entry.actor, after.entry.at) == (Action.ROUTED, SYSTEM, LATER)
    assert after.entry.private == {"alerts": ids, "factory_id": FACTORY_ID}
    assert after.entry.data == {
        "alerts": {"count": 2, "commitment": f"<{canonical({'alerts': ids})}>"},
        "from": state,
        "passed": passed,
        "routing": "alerted",
        "factory_id": {"commitment": f"<{canonical({'factory_id': FACTORY_ID})}>"},
        "method": "exact_name",
        "score": 0.97,
        "decided_by": "exact-1",
    }
    assert (after.case.state, after.case.routing) == (State.BRAND_NOTIFIED, Routing.ALERTED)
    assert (after.case.brand_notified_at, after.case.check_due_at) == (LATER, None)
    assert (after.case.factory_id, after.case.match) == (FACTORY_ID, MATCH)
    assert after.case.version == 2


def test_every_brand_gets_an_alert_of_its_own() -> None:
    after = routed(opened(), "acme", "bolt", "cove")

    assert [alert.brand_id for alert in after.alerts] == ["acme", "bolt", "cove"]
    assert len({alert.alert_id for alert in after.alerts}) == 3
    assert {alert.payload.kind for alert in after.alerts} == {AlertKind.NEW}


def test_telling_the_brands_stops_three_clocks_and_starts_three() -> None:
    clocks = routed(opened(), "acme").case.clocks

    assert {kind for kind, clock in clocks.items() if clock.met_at == LATER} == {
        ClockKind.ACKNOWLEDGE,
        ClockKind.SCREENING,
        ClockKind.ALERT_BRAND,
    }
    started = {
        ClockKind.BRAND_ACKNOWLEDGES: 5,
        ClockKind.BRAND_FIRST_REPLY: 15,
        ClockKind.REMEDIATION_PLAN: 45,
    }
    assert {kind: clocks[kind].due_at - LATER for kind in started} == {
        kind: timedelta(days=days) for kind, days in started.items()
    }


def test_telling_the_brands_again_starts_their_clocks_anew_and_keeps_what_had_run_out() -> None:
    told = routed(opened(), "acme").case
    looked_at_again = told.model_copy(update={"state": State.SCREENING, "routing": "pending"})

    clocks = routed(looked_at_again, "acme", "bolt", at=MUCH_LATER).case.clocks

    acknowledges = clocks[ClockKind.BRAND_ACKNOWLEDGES]
    assert acknowledges.breached_at == told.clocks[ClockKind.BRAND_ACKNOWLEDGES].due_at
    assert acknowledges.due_at == MUCH_LATER + timedelta(days=5)


def test_only_a_case_that_was_not_acknowledged_yet_gets_an_acknowledgement() -> None:
    new = routed(case(state=State.RECEIVED), "acme").case
    known = routed(case(state=State.SCREENING, acknowledged_at=AT), "acme").case

    assert (new.acknowledged_at, known.acknowledged_at) == (LATER, AT)


def test_a_brand_that_comes_after_the_case_was_uncovered_is_told_in_retrospect() -> None:
    uncovered = routed(opened()).case
    told_later = routed(uncovered, "acme", at=MUCH_LATER)

    assert [alert.payload.kind for alert in told_later.alerts] == [AlertKind.RETRO]
    assert told_later.case.state is State.BRAND_NOTIFIED


def test_the_same_check_writes_the_same_alerts() -> None:
    once, again = routed(opened(), "acme"), routed(opened(), "acme", at=MUCH_LATER)

    assert [a.alert_id for a in once.alerts] == [a.alert_id for a in again.alerts]


def test_a_thousand_brands_are_told_in_one_go() -> None:
    brands = [f"brand-{number}" for number in range(1000)]

    after = routed(opened(), *brands)

    assert after.entry is not None
    assert len(after.alerts) == len(set(after.entry.private["alerts"])) == 1000


# Not told


@pytest.mark.parametrize(
    ("state", "passed"),
    [
        (State.RECEIVED, ["acknowledged", "screening", "not_covered"]),
        (State.ADMISSIBLE, ["not_covered"]),
    ],
)
def test_without_a_brand_the_case_is_uncovered(state: State, passed: list[str]) -> None:
    after = routed(case(state=state))

    assert after.entry is not None
    assert after.entry.data == {
        "reason": "no_brand_link",
        "from": state,
        "passed": passed,
        "routing": "no_brand",
        "factory_id": {"commitment": f"<{canonical({'factory_id': FACTORY_ID})}>"},
        "method": "exact_name",
        "score": 0.97,
        "decided_by": "exact-1",
    }
    assert (after.case.state, after.case.routing, after.case.routing_reason) == (
        State.NOT_COVERED,
        Routing.NO_BRAND,
        "no_brand_link",
    )
    assert (after.case.check_due_at, after.alerts) == (None, ())


@pytest.mark.parametrize(
    ("consent", "reason"),
    [
        (Consent(), "consent_c0_nothing_may_be_shared"),
        (
            Consent(level=ConsentLevel.C1, script_version="helpline-zh-3"),
            "consent_c1_aggregates_only",
        ),
        (
            Consent(level=ConsentLevel.X, cross_border=True, script_version="helpline-zh-3"),
            "consent_x_held_in_escrow",
        ),
    ],
)
def test_without_consent_the_case_is_admissible_and_held(consent: Consent, reason: str) -> None:
    after = routed(opened(consent=consent), "acme")

    assert (after.case.state, after.case.routing, after.case.routing_reason) == (
        State.ADMISSIBLE,
        Routing.HELD,
        reason,
    )
    assert after.alerts == ()
    assert after.case.clocks[ClockKind.SCREENING].met_at == LATER
    assert after.case.clocks[ClockKind.ALERT_BRAND].met_at is None


def test_the_factorys_country_decides_where_nobody_said_whose_law_applies() -> None:
    nowhere = opened(factory_reported=FactoryReported(name="Posh"))

    in_china = routed(nowhere, "acme", country="CN")
    elsewhere = routed(nowhere, "acme", country="BD")

    assert in_china.case.routing_reason == "cross_border_consent_missing"
    assert elsewhere.case.routing is Routing.ALERTED


# For review


def test_an_uncertain_factory_is_a_reviewers_to_choose() -> None:
    after = for_review(opened(), undecided(), at=LATER, commit=commitment)

    assert after.entry is not None
    assert after.entry.data == {
        "reason": "factory_ambiguous",
        "from": "received",
        "passed": ["acknowledged", "screening"],
        "routing": "needs_review",
    }
    assert (after.case.state, after.case.routing) == (State.SCREENING, Routing.NEEDS_REVIEW)
    assert (after.case.candidates, after.case.check_due_at) == (candidates(2), None)


@pytest.mark.parametrize("state", [State.ADMISSIBLE, State.NOT_COVERED])
def test_a_case_that_had_come_further_goes_back_to_be_reviewed(state: State) -> None:
    after = for_review(case(state=state), undecided(), at=LATER, commit=commitment)

    assert (after.case.state, after.alerts) == (State.SCREENING, ())


def test_a_reviewer_is_shown_ten_candidates_at_most() -> None:
    after = for_review(opened(), undecided(count=20), at=LATER, commit=commitment)

    assert after.case.candidates == candidates(10)


def test_once_the_factory_is_certain_the_candidates_are_forgotten() -> None:
    reviewed = for_review(opened(), undecided(), at=LATER, commit=commitment).case

    assert routed(reviewed, "acme").case.candidates == ()
    assert routed(reviewed).case.candidates == ()


# Nothing said twice


@pytest.mark.parametrize(
    "settle",
    [
        lambda given, at: routed(given, at=at),
        lambda given, at: routed(given.model_copy(update={"consent": Consent()}), "acme", at=at),
        lambda given, at: for_review(given, undecided(), at=at, commit=commitment),
    ],
    ids=["uncovered", "held", "review"],
)
def test_a_check_that_finds_what_it_found_before_makes_no_entry(settle: Any) -> None:
    first = settle(opened(), LATER)
    woken = first.case.model_copy(update={"check_due_at": MUCH_LATER, "attempts": 2})

    again = settle(woken, MUCH_LATER)

    assert first.entry is not None
    assert again.entry is None
    assert again.case == first.case


def test_a_check_that_finds_something_else_in_the_same_state_makes_an_entry() -> None:
    first = for_review(opened(), undecided(), at=LATER, commit=commitment).case

    again = for_review(first, undecided("identifiers_disagree"), at=LATER, commit=commitment)

    assert again.entry is not None
    assert (again.entry.data["from"], again.entry.data["passed"]) == ("screening", [])
    assert again.case.version == 3


# What can be routed at all

ROUTABLE = {
    State.RECEIVED,
    State.ACKNOWLEDGED,
    State.SCREENING,
    State.ADMISSIBLE,
    State.NOT_COVERED,
}


@pytest.mark.parametrize("state", State)
def test_only_a_case_that_no_brand_knows_of_is_checked(state: State) -> None:
    assert is_routable(case(state=state)) is (state in ROUTABLE)
    assert not is_routable(case(state=state, routing=Routing.NOT_ROUTED))


@pytest.mark.parametrize("state", sorted(set(State) - ROUTABLE - {State.BRAND_NOTIFIED}))
def test_from_anywhere_else_the_system_knows_no_way(state: State) -> None:
    with pytest.raises(ValueError, match=f"no way from {state} to brand_notified"):
        routed(case(state=state), "acme")


# Looking again


@pytest.mark.parametrize(
    ("decision", "anew"),
    [
        (undecided(), False),
        (undecided("identifiers_disagree"), True),
        (undecided(count=3), True),
        (undecided("factory_unknown", count=0), True),
        (matched(), True),
    ],
    ids=["the same", "another reason", "more candidates", "none left", "a match"],
)
def test_a_case_that_waits_is_sent_back_only_for_something_else(
    decision: Decision, anew: bool
) -> None:
    waits = for_review(opened(), undecided(), at=LATER, commit=commitment).case

    assert finds_something_else(waits, decision) is anew


def test_an_uncovered_case_is_sent_back_when_its_factory_is_in_doubt_or_another() -> None:
    uncovered = routed(opened()).case.model_copy(update={"factory_id": "f_0"})

    assert not finds_something_else(uncovered, matched())
    assert finds_something_else(uncovered, undecided())
    assert finds_something_else(uncovered.model_copy(update={"factory_id": "f_9"}), matched())


def test_a_case_whose_factory_is_in_doubt_again_forgets_the_one_it_had() -> None:
    uncovered = routed(opened()).case

    doubted = for_review(uncovered, undecided(), at=LATER, commit=commitment).case

    assert (uncovered.factory_id, doubted.factory_id, doubted.match) == (FACTORY_ID, None, None)
    assert doubted.state is State.SCREENING


# Matches


def test_a_decision_that_matched_is_a_match_and_another_is_none() -> None:
    assert certain_match(undecided()) is None
    assert certain_match(matched()) == match_of(matched())
    assert match_of(matched()) == Match(
        method=MatchMethod.SIMILARITY,
        score=0.98,
        evidence=("reason 0",),
        version="exact-1",
        features={"exact": 1.0},
    )


def test_a_reviewers_choice_keeps_the_evidence_that_was_on_the_table() -> None:
    chosen = reviewed_match("f_1", candidates(2))
    other = reviewed_match("f_7", candidates(2))

    assert chosen == Match(
        method=MatchMethod.REVIEWER,
        score=1.0,
        evidence=("chosen by a reviewer", "reason 1"),
        version=REVIEWED,
    )
    assert other.evidence == ("chosen by a reviewer",)
