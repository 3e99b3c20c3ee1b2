"""Correct what was filed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.agreement import Decided, lower, propose_lowering
from chalicelib.domain.cases.case import ROUTED_TYPES, Case, Changed, correct
from chalicelib.domain.cases.deadlines import signals_of_consent
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.record.ledger import Action, Commit
from chalicelib.domain.vocabulary import Role, Severity
from chalicelib.errors import (
    FieldError,
    Forbidden,
    PreconditionFailed,
    StateConflict,
    ValidationFailed,
    VersionConflict,
)
from chalicelib.store.table import Row
from chalicelib.usecases.alerting.open_escrow import escrow_rows
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.alerting.recall_alerts import alerts_of, recall_rows
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor, pseudonymous


def correct_grievance(
    grievance_id: str,
    corrections: Mapping[str, Any],
    *,
    expected_version: int,
    by: Principal,
    deps: Deps,
    severity_reason: str | None = None,
) -> Decided:
    """Replace some facts of a case; what decides about routing sends it back to the check.

    A country that asks for another consent than was given has what brands were told recalled. A
    severity is raised or, with a reason and by itself, lowered; from S1 that is proposed. What came
    as an enquiry or a suggestion may become a grievance, and stays one.

    Raises NotFound, PreconditionFailed (changed since `expected_version`), StateConflict (the case
    has ended), Forbidden, ValidationFailed.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if case.version != expected_version:
        raise PreconditionFailed()
    if case.state in ENDED:
        raise StateConflict("The case has ended. Reopen it before you correct it.")
    wanted: Severity | None = corrections.get("severity_raised_to")
    _refuse_another_intake_type(case, corrections)
    _refuse_wrong_severity(case, wanted, corrections, severity_reason, by)
    at, commit = deps.now(), committer(case, deps.keyring)
    if wanted is not None and wanted > case.severity:
        return _saved(
            _lowered(
                case, wanted, severity_reason or "", pseudonymous(by, deps.keyring), at, commit
            ),
            deps,
        )
    changed = _reported(
        lambda: correct(
            case,
            corrections,
            by=ledger_actor(by, deps.keyring),
            at=at,
            commit=commit,
            reason=severity_reason,
        )
    )
    if changed is None:
        return Decided(case)
    alerts = alerts_of(case, deps)
    now, recalls = recall_rows(changed.case, alerts, at=changed.entry.at, deps=deps)
    rows = [*escrow_rows(case, now, deps=deps)]
    rows += signals_rows(case, now, deps=deps)
    rows += map(deps.signals.row, signals_of_consent(case, now, changed.entry.at))
    return _saved(changed._replace(case=now), deps, [*recalls, *rows])


def _lowered(
    case: Case, severity: Severity, reason: str, by: Principal, at: datetime, commit: Commit
) -> Changed:
    """Lowered by one person, or proposed where the case is critical."""
    act = propose_lowering if case.severity is Severity.S1 else lower
    return act(case, severity, reason, by=by, at=at, commit=commit)


def _saved(changed: Changed, deps: Deps, recalls: Sequence[Row] = ()) -> Decided:
    try:
        deps.cases.save(changed.case, changed.entry, recalls)
    except VersionConflict as conflict:
        raise PreconditionFailed() from conflict
    proposed = changed.entry.action is Action.PROPOSED
    return Decided(changed.case, changed.case.proposal if proposed else None)


def _refuse_another_intake_type(case: Case, corrections: Mapping[str, Any]) -> None:
    wanted = corrections.get("intake_type", case.intake_type)
    if wanted is not case.intake_type and case.intake_type in ROUTED_TYPES:
        detail = f"It is a {case.intake_type} already, and is counted as one."
        raise ValidationFailed(errors=[FieldError("intake_type", "cannot_change", detail)])


def _refuse_wrong_severity(
    case: Case,
    wanted: Severity | None,
    corrections: Mapping[str, Any],
    reason: str | None,
    by: Principal,
) -> None:
    lowers = wanted is not None and wanted > case.severity
    if wanted is not None and by.role is not Role.PARTNER_SUPERVISOR:
        raise Forbidden("Only a supervisor may raise or lower a severity.")
    if lowers and reason is None:
        raise _wrong("severity_reason", "missing", "Say why the severity is lowered.")
    if lowers and len(corrections) > 1:
        raise _wrong("severity", "not_alone", "Lower a severity by itself, other fields apart.")
    if reason is not None and wanted is None:
        raise _wrong("severity_reason", "out_of_place", "Only a `severity` takes a reason.")


def _wrong(field: str, code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(field, code, detail)])


def _reported(attempt: Callable[[], Changed | None]) -> Changed | None:
    try:
        return attempt()
    except ValidationError as error:
        raise ValidationFailed(errors=field_errors(error)) from error
