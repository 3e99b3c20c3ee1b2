"""Whose case it is: a partner's own, or nothing at all."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import is_routable
from chalicelib.errors import NotFound, PreconditionFailed, StateConflict


def own_case(grievance_id: str, *, by: Principal, deps: Deps) -> Case:
    """The case, if it belongs to the caller's organisation. NotFound, also for another's case."""
    case = any_case(grievance_id, deps=deps)
    if case.partner_id != by.organisation:
        raise NotFound()
    return case


def any_case(grievance_id: str, *, deps: Deps) -> Case:
    """The case, whosever it is: for those who look after every partner's. NotFound."""
    case = deps.cases.head(grievance_id)
    if case is None:
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
