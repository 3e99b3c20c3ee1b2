"""A retention hold: a case that a court or an authority needs is not erased meanwhile."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case, RetentionHold
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import HoldReason
from chalicelib.usecases.cases.own_case import any_case
from chalicelib.usecases.record.pseudonyms import ledger_actor


def hold_retention(grievance_id: str, reason: HoldReason, *, by: Principal, deps: Deps) -> Case:
    """Stop every erasure of a case, until the hold is lifted. Again changes nothing.

    Raises NotFound, VersionConflict.
    """
    case = any_case(grievance_id, deps=deps)
    if case.retention_hold is not None and case.retention_hold.reason is reason:
        return case
    at = deps.now()
    changed = case.recorded(
        Action.RETENTION_HELD,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={"reason": reason},
        retention_hold=RetentionHold(reason=reason, since=at),
    )
    deps.cases.save(changed.case, changed.entry)
    return changed.case


def lift_hold(grievance_id: str, *, by: Principal, deps: Deps) -> Case:
    """Let retention take its course again. Raises NotFound, VersionConflict."""
    case = any_case(grievance_id, deps=deps)
    if case.retention_hold is None:
        return case
    changed = case.recorded(
        Action.RETENTION_HOLD_LIFTED,
        by=ledger_actor(by, deps.keyring),
        at=deps.now(),
        data={},
        retention_hold=None,
    )
    deps.cases.save(changed.case, changed.entry)
    return changed.case
