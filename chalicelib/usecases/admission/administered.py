"""Whose access a caller may look after: an operator everybody's, a supervisor her own house's.

A supervisor may add intake staff and hold keys for them and for herself. Supervisors are added by
the operator: whoever could make a second supervisor could agree with herself.
"""

from typing import Any

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Organisation, Principal, User
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry, note
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import Forbidden, NotFound


def administered(organisation_id: str, *, by: Principal, deps: Deps) -> Organisation:
    """The organisation, if the caller looks after its access. NotFound, also for another's."""
    if by.role is not Role.OPERATOR and organisation_id != by.organisation:
        raise NotFound()
    organisation = deps.access.organisation(organisation_id)
    if organisation is None:
        raise NotFound()
    return organisation


def user_of(organisation_id: str, user_id: str, *, deps: Deps) -> User:
    """A user of an organisation. NotFound."""
    user = deps.access.user(organisation_id, user_id)
    if user is None:
        raise NotFound()
    return user


def refuse_unless_below(role: Role, user_id: str | None, by: Principal) -> None:
    """A supervisor hands access to intake staff and to herself alone. Forbidden."""
    if by.role is Role.OPERATOR or role is Role.PARTNER_INTAKE or user_id == by.user_id:
        return
    raise Forbidden("You may do this for intake staff and for yourself. Ask the operator.")


def noted(
    event: AccessEvent,
    *,
    by: Principal,
    organisation: str,
    subject: str,
    deps: Deps,
    **more: Any,
) -> AccessLogEntry:
    """The log entry for something that happens now."""
    return note(
        event,
        by=by,
        organisation=organisation,
        subject=subject,
        at=deps.now(),
        entry_id=derive_id("l", event, subject, deps.token(16)),
        **more,
    )
