"""Two people decide: what one proposes to a case, another one confirms, or anybody refuses.

The same person is the same `user_id`, whatever key is used.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.cases.proposal import OPEN_FOR, Proposal
from chalicelib.domain.cases.transitions import (
    Transition,
    move,
    recorded_of,
    refuse_unless_possible,
)
from chalicelib.domain.record.ledger import Action, Commit, canonical, commitment
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import ProposalKind, Severity
from chalicelib.errors import Forbidden, NotFound, StateConflict


class Decided(NamedTuple):
    """A case after a decision; `proposal` is what waits for a second person instead."""

    case: Case
    proposal: Proposal | None = None


def propose_closing(
    case: Case, wish: Transition, *, by: Principal, at: datetime, commit: Commit
) -> Changed:
    """The case with the proposal to close it as resolved.

    Raises what `transitions.move` raises, StateConflict (another proposal is open).
    """
    refuse_unless_possible(case, wish, role=by.role, at=at)
    return _proposed(
        case,
        ProposalKind.CLOSE_AS_RESOLVED,
        by=by,
        at=at,
        data=recorded_of(case, wish, commit),
        transition=wish.model_dump(mode="json", exclude_defaults=True),
    )


def propose_lowering(
    case: Case, severity: Severity, reason: str, *, by: Principal, at: datetime, commit: Commit
) -> Changed:
    """The case with the proposal to lower its severity. StateConflict (another one is open)."""
    return _proposed(
        case,
        ProposalKind.LOWER_FROM_S1,
        by=by,
        at=at,
        data=_lowering(case, severity, reason, commit),
        severity=severity,
        reason=reason,
    )


def _proposed(
    case: Case,
    kind: ProposalKind,
    *,
    by: Principal,
    at: datetime,
    data: Mapping[str, Any],
    **what: Any,
) -> Changed:
    if case.proposal is not None and case.proposal.is_open(at):
        raise StateConflict("Another proposal is open. Confirm or refuse that one first.")
    proposal = Proposal(
        proposal_id=derive_id("p", case.grievance_id, str(case.version + 1)),
        kind=kind,
        proposed_by=by.user_id,
        proposed_at=at,
        expires_at=at + OPEN_FOR,
        from_state=case.state,
        from_severity=case.severity,
        **what,
    )
    return case.recorded(
        Action.PROPOSED,
        by=by.actor,
        at=at,
        data={**data, **_named(proposal)},
        proposal=proposal,
    )


def confirm(
    case: Case, proposal_id: str, *, by: Principal, at: datetime, commit: Commit
) -> Changed:
    """The case after what was proposed has happened; the entry names both people.

    Raises NotFound, Forbidden (who proposed it), StateConflict (expired, or the case is not any
    more what it was), and what `transitions.move` raises.
    """
    proposal = proposal_of(case, proposal_id)
    if by.user_id == proposal.proposed_by:
        raise Forbidden("Another supervisor has to confirm this.")
    if not proposal.is_open(at):
        raise StateConflict("This proposal has expired. Make a new one.")
    if not proposal.fits(case.state, case.severity):
        raise StateConflict("The case has moved on since this was proposed. Make a new proposal.")
    agreed = {**_named(proposal), "confirmed_by": by.user_id}
    if proposal.transition is None:
        severity, reason = proposal.severity or case.severity, proposal.reason or ""
        return lower(case, severity, reason, by=by, at=at, commit=commit, agreed=agreed)
    wish = Transition.model_validate_json(canonical(proposal.transition))
    return move(case, wish, role=by.role, by=by.actor, at=at, commit=commit, agreed=agreed)


def refuse(case: Case, proposal_id: str, *, by: Principal, at: datetime) -> Changed:
    """The case without its proposal: refused by another one, or taken back. NotFound."""
    proposal = proposal_of(case, proposal_id)
    data = {**_named(proposal), "refused_by": by.user_id}
    return case.recorded(Action.PROPOSAL_REFUSED, by=by.actor, at=at, data=data, proposal=None)


def lower(
    case: Case,
    severity: Severity,
    reason: str,
    *,
    by: Principal,
    at: datetime,
    commit: Commit,
    agreed: Mapping[str, str] | None = None,
) -> Changed:
    """The case with a lower severity; it rises again only with facts that are worse."""
    data = {**_lowering(case, severity, reason, commit), **(agreed or {})}
    updates: dict[str, Any] = {
        "severity": severity,
        "severity_raised_to": None,
        "proposal": None,
    }
    return case.recorded(Action.SEVERITY_LOWERED, by=by.actor, at=at, data=data, **updates)


def proposal_of(case: Case, proposal_id: str) -> Proposal:
    """The case's proposal, if it is this one. NotFound."""
    if case.proposal is None or case.proposal.proposal_id != proposal_id:
        raise NotFound()
    return case.proposal


def _named(proposal: Proposal) -> dict[str, str]:
    return {
        "proposal_id": proposal.proposal_id,
        "kind": proposal.kind,
        "proposed_by": proposal.proposed_by,
    }


def _lowering(case: Case, severity: Severity, reason: str, commit: Commit) -> dict[str, Any]:
    words = commitment("reason", reason, commit)
    return {"severity": [case.severity, severity], "reason": words}
