"""Move a case along its way of life."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.agreement import Decided, propose_closing
from chalicelib.domain.cases.transitions import Transition, move, takes_two
from chalicelib.errors import PreconditionFailed
from chalicelib.usecases.alerting.passed_over import passed_over_rows
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.identities.schedule_retention import schedule_retention
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor, pseudonymous


def transition_grievance(
    grievance_id: str,
    wish: Transition,
    *,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Decided:
    """Move the case to another state, or propose that where it takes two people.

    Raises NotFound, PreconditionFailed (when a version was given and is stale), IllegalTransition,
    Forbidden, ValidationFailed, StateConflict (another proposal is open), VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    at, commit = deps.now(), committer(case, deps.keyring)
    if takes_two(wish):
        proposed = propose_closing(
            case, wish, by=pseudonymous(by, deps.keyring), at=at, commit=commit
        )
        deps.cases.save(proposed.case, proposed.entry)
        return Decided(proposed.case, proposed.case.proposal)
    moved = move(case, wish, role=by.role, by=ledger_actor(by, deps.keyring), at=at, commit=commit)
    rows = [
        *schedule_retention(case, moved.case, at, deps),
        *passed_over_rows(case, moved.case, deps=deps),
        *signals_rows(case, moved.case, deps=deps),
    ]
    deps.cases.save(moved.case, moved.entry, rows)
    return Decided(moved.case)
