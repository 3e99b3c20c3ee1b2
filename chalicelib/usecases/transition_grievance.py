"""Move a case along its way of life."""

from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.agreement import Decided, propose_closing
from chalicelib.domain.case import Case
from chalicelib.domain.retention import next_scheduled
from chalicelib.domain.transitions import ENDED, Transition, move, takes_two
from chalicelib.errors import PreconditionFailed
from chalicelib.store.table import Row
from chalicelib.usecases.correct_grievance import committer
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor, pseudonymous


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
    deps.cases.save(moved.case, moved.entry, retention_rows(case, moved.case, at, deps))
    return Decided(moved.case)


def retention_rows(before: Case, after: Case, at: datetime, deps: Deps) -> list[Row]:
    """Retention begins to run when a case ends, and stops when it is taken up again."""
    if (before.state in ENDED) == (after.state in ENDED):
        return []
    if before.state in ENDED:
        return deps.retention.stopped_rows(deps.retention.scheduled(after.grievance_id), at)
    scheduled = next_scheduled(after, at)
    return [] if scheduled is None else [deps.retention.row(scheduled)]
