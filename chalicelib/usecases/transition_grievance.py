"""Move a case along its way of life."""

from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.retention import next_scheduled
from chalicelib.domain.transitions import ENDED, Transition, move
from chalicelib.errors import PreconditionFailed
from chalicelib.store.table import Row
from chalicelib.usecases.correct_grievance import committer
from chalicelib.usecases.own_case import own_case


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
    at = deps.now()
    changed = move(
        case, wish, role=by.role, by=by.actor, at=at, commit=committer(case, deps.keyring)
    )
    deps.cases.save(changed.case, changed.entry, _retention_rows(case, changed.case, at, deps))
    return changed.case


def _retention_rows(before: Case, after: Case, at: datetime, deps: Deps) -> list[Row]:
    """Retention begins to run when a case ends, and stops when it is taken up again."""
    if (before.state in ENDED) == (after.state in ENDED):
        return []
    if before.state in ENDED:
        return deps.retention.stopped_rows(deps.retention.scheduled(after.grievance_id), at)
    scheduled = next_scheduled(after, at)
    return [] if scheduled is None else [deps.retention.row(scheduled)]
