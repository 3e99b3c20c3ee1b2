"""A partner says what the worker got, or says it anew."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.remedies.remedy import case_with_remedy
from chalicelib.errors import PreconditionFailed
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor


def record_remedy(
    grievance_id: str,
    remedy: Remedy | None,
    *,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Case:
    """The case with this remedy on record, as a whole; again it changes nothing.

    Raises NotFound, PreconditionFailed (when a version was given and is stale), VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    actor = ledger_actor(by, deps.keyring)
    changed = case_with_remedy(case, remedy, by=actor, at=deps.now())
    if changed is None:
        return case
    deps.cases.save(changed.case, changed.entry)
    return changed.case
