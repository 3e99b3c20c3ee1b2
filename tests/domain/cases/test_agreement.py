"""Two people decide: what is proposed, what may be confirmed, and what the record says."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.agreement import (
    confirm,
    lower,
    propose_closing,
    propose_lowering,
    refuse,
)
from chalicelib.domain.cases.case import Case, correct
from chalicelib.domain.cases.transitions import Transition
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import (
    IloIndicator,
    Outcome,
    ProposalKind,
    Role,
    RootCause,
    Severity,
    State,
    WorkerVerdict,
)
from chalicelib.errors import Forbidden, NotFound, StateConflict, ValidationFailed
from tests.domain.values import AT, case, commitment

LATER = AT + timedelta(days=1)
WEEK = timedelta(days=7)
MOMENT = timedelta(milliseconds=1)
CLOSING = Transition(
    to=State.CLOSED,
    outcome=Outcome.RESOLVED,
    root_cause=RootCause.LEGAL_GAP,
    verification_evidence="payslips",
    worker_verdict=WorkerVerdict.SATISFIED,
)


def person(name: str) -> Principal:
    return Principal(
        key_id=f"key of {name}", user_id=name, role=Role.PARTNER_SUPERVISOR, organisation="ngo"
    )


FIRST, SECOND = person("first"), person("second")


def to_lower(given: Case | None = None) -> Case:
    critical = given or case(severity=Severity.S1)
    return propose_lowering(critical, Severity.S3, "why", by=FIRST, at=AT, commit=commitment).case


def to_close() -> Case:
    verified = case(state=State.VERIFICATION)
    return propose_closing(verified, CLOSING, by=FIRST, at=AT, commit=commitment).case


def confirmed(given: Case, **how: Any) -> Any:
    assert given.proposal is not None
    wish = {"by": SECOND, "at": LATER, "commit": commitment, **how}
    return confirm(given, wish.pop("proposal_id", given.proposal.proposal_id), **wish)


def test_a_proposal_changes_nothing_but_that_it_is_there() -> None:
    before = case(severity=Severity.S1)

    after = to_lower(before)

    changed = {n for n in Case.model_fields if getattr(before, n) != getattr(after, n)}
    assert changed == {"proposal", "version", "ledger_hash"}
    assert after.proposal is not None
    assert after.proposal.kind is ProposalKind.LOWER_FROM_S1
    assert after.proposal.expires_at == AT + WEEK


def test_each_proposal_has_an_id_of_its_own() -> None:
    first = to_lower()
    assert first.proposal is not None
    again = to_lower(refuse(first, first.proposal.proposal_id, by=SECOND, at=LATER).case)

    assert again.proposal is not None
    assert again.proposal.proposal_id != first.proposal.proposal_id


def test_what_was_proposed_holds_codes_and_commitments() -> None:
    entry = propose_closing(
        case(state=State.VERIFICATION), CLOSING, by=FIRST, at=AT, commit=commitment
    ).entry

    assert entry.action is Action.PROPOSED
    assert entry.data["verification_evidence"] == {
        "commitment": '<{"verification_evidence":"payslips"}>'
    }
    assert entry.data["proposed_by"] == "first"


def test_a_confirmed_closing_is_the_very_step_with_both_names() -> None:
    changed = confirmed(to_close())

    assert (changed.case.state, changed.case.outcome) == (State.CLOSED, Outcome.RESOLVED)
    assert (changed.case.closed_at, changed.case.proposal) == (LATER, None)
    assert changed.entry.action is Action.TRANSITIONED
    assert changed.entry.actor == SECOND.actor
    names = {"proposed_by": "first", "confirmed_by": "second", "kind": "close_as_resolved"}
    assert changed.entry.data.items() >= names.items()


def test_a_confirmed_lowering_lowers_and_names_both() -> None:
    changed = confirmed(to_lower())

    assert (changed.case.severity, changed.case.severity_raised_to) == (Severity.S3, None)
    assert changed.entry.data["severity"] == ["S1", "S3"]
    assert changed.entry.data["confirmed_by"] == "second"


@pytest.mark.parametrize("proposed", [to_lower, to_close])
def test_the_first_person_is_no_second_one(proposed: Any) -> None:
    with pytest.raises(Forbidden):
        confirmed(proposed(), by=FIRST)


@pytest.mark.parametrize("proposed", [to_lower, to_close])
def test_a_week_is_how_long_it_waits(proposed: Any) -> None:
    assert confirmed(proposed(), at=AT + WEEK - MOMENT)
    with pytest.raises(StateConflict):
        confirmed(proposed(), at=AT + WEEK)


def test_another_id_is_not_there() -> None:
    with pytest.raises(NotFound):
        confirmed(to_lower(), proposal_id="p_another")
    with pytest.raises(NotFound):
        refuse(case(), "p_any", by=SECOND, at=AT)


def test_a_closing_is_for_the_state_and_severity_it_was_proposed_in() -> None:
    given = to_close()
    for moved in ({"state": State.REMEDIATION}, {"severity": Severity.S1}):
        with pytest.raises(StateConflict):
            confirmed(given.model_copy(update=moved))


def test_a_lowering_is_for_the_severity_it_was_proposed_in_whatever_the_state() -> None:
    given = to_lower()
    assert confirmed(given.model_copy(update={"state": State.BRAND_NOTIFIED}))
    with pytest.raises(StateConflict):
        confirmed(given.model_copy(update={"severity": Severity.S2}))


def test_one_proposal_at_a_time_until_it_expires() -> None:
    given = to_lower()
    with pytest.raises(StateConflict):
        to_lower(given)

    again = propose_lowering(
        given, Severity.S2, "why", by=SECOND, at=AT + WEEK, commit=commitment
    ).case
    assert again.proposal is not None
    assert again.proposal.proposed_by == "second"


def test_what_closing_demands_is_demanded_of_the_first_person() -> None:
    lacking = CLOSING.model_copy(update={"verification_evidence": None})
    with pytest.raises(ValidationFailed):
        propose_closing(case(state=State.VERIFICATION), lacking, by=FIRST, at=AT, commit=commitment)


def test_what_was_lowered_stays_until_the_facts_are_worse_than_they_were() -> None:
    deceived = case(ilo_indicators=(IloIndicator.DECEPTION,), severity=Severity.S2)
    given = lower(deceived, Severity.S4, "why", by=FIRST, at=AT, commit=commitment).case

    def corrected(**facts: Any) -> Severity:
        changed = correct(given, facts, by="x", at=LATER, commit=commitment)
        assert changed is not None
        return changed.case.severity

    assert corrected(workers_affected=3) is Severity.S4
    assert corrected(ilo_indicators=(IloIndicator.ISOLATION,)) is Severity.S4
    assert corrected(ilo_indicators=(IloIndicator.DEBT_BONDAGE,)) is Severity.S1
    assert corrected(severity_raised_to=Severity.S3) is Severity.S3
