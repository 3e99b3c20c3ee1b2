"""A second supervisor confirms what a first one has proposed, or it is refused."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.agreement import confirm, refuse
from chalicelib.domain.cases.case import Case
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.identities.schedule_retention import schedule_retention
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import pseudonymous


def confirm_proposal(grievance_id: str, proposal_id: str, *, by: Principal, deps: Deps) -> Case:
    """Let happen what another supervisor has proposed.

    Raises NotFound (also for a proposal that was decided), Forbidden (one's own), StateConflict
    (expired, or the case has moved on), ValidationFailed, VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    at, commit = deps.now(), committer(case, deps.keyring)
    changed = confirm(case, proposal_id, by=pseudonymous(by, deps.keyring), at=at, commit=commit)
    deps.cases.save(changed.case, changed.entry, schedule_retention(case, changed.case, at, deps))
    return changed.case


def refuse_proposal(grievance_id: str, proposal_id: str, *, by: Principal, deps: Deps) -> None:
    """Refuse what another supervisor has proposed, or take one's own proposal back.

    Raises NotFound, VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    changed = refuse(case, proposal_id, by=pseudonymous(by, deps.keyring), at=deps.now())
    deps.cases.save(changed.case, changed.entry)
