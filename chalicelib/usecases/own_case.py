"""A partner's own case, or nothing at all."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.routing import is_routable
from chalicelib.errors import NotFound, PreconditionFailed, StateConflict


def own_case(grievance_id: str, *, by: Principal, deps: Deps) -> Case:
    """The case, if it belongs to the caller's organisation. NotFound, also for another's case."""
    case = deps.cases.head(grievance_id)
    if case is None or case.partner_id != by.organisation:
        raise NotFound()
    return case


def case_awaiting_its_factory(
    grievance_id: str, expected_version: int | None, *, by: Principal, deps: Deps
) -> Case:
    """The caller's own case, if it is as it was seen and its factory may still be decided.

    Raises NotFound, PreconditionFailed, StateConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    if not is_routable(case):
        raise StateConflict(f"A case in state `{case.state}` is not waiting for its factory.")
    return case
