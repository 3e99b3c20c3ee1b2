"""When retention begins to run for a case, and when it stops."""

from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.identities.retention import next_scheduled
from chalicelib.store.table import Row


def schedule_retention(before: Case, after: Case, at: datetime, deps: Deps) -> list[Row]:
    """Rows to save a moved case with: retention begins to run when a case ends, and stops when it
    is taken up again.
    """
    if (before.state in ENDED) == (after.state in ENDED):
        return []
    if before.state in ENDED:
        return deps.retention.stopped_rows(deps.retention.scheduled(after.grievance_id), at)
    scheduled = next_scheduled(after, at)
    return [] if scheduled is None else [deps.retention.row(scheduled)]
