"""Record that a worker was asked how she is, after a brand was told of her case."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.deadlines import CheckIn, checked_in, signal_of_retaliation
from chalicelib.domain.vocabulary import CheckInOutcome
from chalicelib.errors import StateConflict
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


def record_check_in(grievance_id: str, check_in: CheckIn, *, by: Principal, deps: Deps) -> Case:
    """The case with the check-in on record; reprisals are signalled to the whole organisation.

    Raises NotFound, StateConflict (no brand was told yet), VersionConflict (only under heavy
    traffic).
    """
    return retried(lambda: _recorded(own_case(grievance_id, by=by, deps=deps), check_in, by, deps))


def _recorded(case: Case, check_in: CheckIn, by: Principal, deps: Deps) -> Case:
    if case.brand_notified_at is None:
        raise StateConflict("No brand was told of this case, so no check-in is due.")
    at = deps.now()
    changed = checked_in(case, check_in, by=ledger_actor(by, deps.keyring), at=at)
    reprisals = check_in.outcome is CheckInOutcome.RETALIATION_REPORTED
    rows = [deps.signals.row(signal_of_retaliation(case, at))] if reprisals else []
    deps.cases.save(changed.case, changed.entry, rows)
    return changed.case
