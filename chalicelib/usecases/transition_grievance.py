"""Move a case along its way of life."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.transitions import Transition, move
from chalicelib.errors import PreconditionFailed
from chalicelib.usecases.correct_grievance import committer
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor


def transition_grievance(
    grievance_id: str,
    wish: Transition,
    *,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Case:
    """Move the case to another state.

    Raises NotFound, PreconditionFailed (when a version was given and is stale), IllegalTransition,
    Forbidden, ValidationFailed, VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    changed = move(
        case,
        wish,
        role=by.role,
        by=ledger_actor(by, deps.keyring),
        at=deps.now(),
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry)
    return changed.case
