"""Correct what was filed."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case, Changed, correct
from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.ledger import Commit
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.transitions import ENDED
from chalicelib.domain.vocabulary import Role, Severity
from chalicelib.errors import (
    FieldError,
    Forbidden,
    PreconditionFailed,
    StateConflict,
    ValidationFailed,
    VersionConflict,
)
from chalicelib.store.keyring import Keyring, Purpose
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor
from chalicelib.usecases.recall_alerts import alerts_of, recall_rows


def correct_grievance(
    grievance_id: str,
    corrections: Mapping[str, Any],
    *,
    expected_version: int,
    by: Principal,
    deps: Deps,
) -> Case:
    """Replace some facts of a case; what decides about routing sends it back to the check.

    A country that asks for another consent than was given has what brands were told recalled.

    Raises NotFound, PreconditionFailed (changed since `expected_version`), StateConflict (the case
    has ended), Forbidden, ValidationFailed.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if case.version != expected_version:
        raise PreconditionFailed()
    if case.state in ENDED:
        raise StateConflict("The case has ended. Reopen it before you correct it.")
    _refuse_wrong_severity(case, corrections, by)
    changed = _reported(
        lambda: correct(
            case,
            corrections,
            by=ledger_actor(by, deps.keyring),
            at=deps.now(),
            commit=committer(case, deps.keyring),
        )
    )
    if changed is None:
        return case
    alerts = alerts_of(case, deps)
    recalls = recall_rows(changed.case, alerts, at=changed.entry.at, deps=deps)
    try:
        deps.cases.save(changed.case, changed.entry, recalls)
    except VersionConflict as conflict:
        raise PreconditionFailed() from conflict
    return changed.case


def committer(case: Case, keyring: Keyring) -> Commit:
    """Keyed commitments to texts of this case: equal texts of two cases do not look equal."""
    key = keyring.key(Purpose.COMMITMENT)
    return lambda text: keyed_hash(key, f"{case.grievance_id}\n{text}")


def _refuse_wrong_severity(case: Case, corrections: Mapping[str, Any], by: Principal) -> None:
    wanted: Severity | None = corrections.get("severity_raised_to")
    if wanted is None:
        return
    if by.role is not Role.PARTNER_SUPERVISOR:
        raise Forbidden("Only a supervisor may raise a severity.")
    if wanted > case.severity:
        detail = "A severity can only be raised. Lowering one takes two people."
        raise ValidationFailed(errors=[FieldError("severity", "cannot_lower", detail)])


def _reported(attempt: Callable[[], Changed | None]) -> Changed | None:
    try:
        return attempt()
    except ValidationError as error:
        raise ValidationFailed(errors=field_errors(error)) from error
