"""A partner's own case, or nothing at all."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.errors import NotFound


def own_case(grievance_id: str, *, by: Principal, deps: Deps) -> Case:
    """The case, if it belongs to the caller's organisation. NotFound, also for another's case."""
    case = deps.cases.head(grievance_id)
    if case is None or case.partner_id != by.organisation:
        raise NotFound()
    return case
