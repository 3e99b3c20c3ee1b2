"""The people of an organisation: add one, list them, end one."""

from typing import Annotated

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import ROLES_OF, Principal, User
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.references import derive_id
from chalicelib.domain.text import Line
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import FieldError, StateConflict, ValidationFailed
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.administered import (
    administered,
    noted,
    refuse_unless_below,
    user_of,
)


class UserFields(Value):
    """Who is added."""

    role: Annotated[Role, Field(description="One that the organisation's kind has.")]
    name: Annotated[Line, Field(description="A label; it need not be a person's name.")]


def add_user(organisation_id: str, fields: UserFields, *, by: Principal, deps: Deps) -> User:
    """Add somebody. She can do nothing before she has a key.

    Raises NotFound (also for another's organisation), Forbidden (a supervisor adds intake staff
    only), ValidationFailed (not a role of this kind), StateConflict (suspended).
    """
    organisation = administered(organisation_id, by=by, deps=deps)
    if fields.role not in ROLES_OF[organisation.kind]:
        fitting = ", ".join(sorted(ROLES_OF[organisation.kind]))
        detail = f"People of this organisation are: {fitting}."
        raise ValidationFailed(errors=[FieldError("role", "role_does_not_fit", detail)])
    refuse_unless_below(fields.role, None, by)
    if organisation.suspended_at is not None:
        raise StateConflict("The organisation is suspended. Reinstate it first.")
    user = User(
        user_id=derive_id("u", organisation_id, deps.token(16)),
        organisation=organisation_id,
        created_at=deps.now(),
        created_by=by.user_id,
        **dict(fields),
    )
    entry = noted(
        AccessEvent.USER_ADDED,
        by=by,
        organisation=organisation_id,
        subject=user.user_id,
        deps=deps,
    )
    deps.access.save([deps.access.new_user_row(user)], entry)
    return user


def list_users(
    organisation_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[User]:
    """A page of an organisation's users. NotFound, also for another's."""
    administered(organisation_id, by=by, deps=deps)
    return deps.access.users(organisation_id, limit, start)


def end_user(organisation_id: str, user_id: str, *, by: Principal, deps: Deps) -> None:
    """Shut somebody out at once and for good, with all her keys. A second time changes nothing.

    Raises NotFound, Forbidden, StateConflict (oneself).
    """
    administered(organisation_id, by=by, deps=deps)
    user = user_of(organisation_id, user_id, deps=deps)
    if user_id == by.user_id:
        raise StateConflict("Somebody else has to end you.")
    refuse_unless_below(user.role, user_id, by)
    if user.ended_at is not None:
        return
    entry = noted(
        AccessEvent.USER_ENDED, by=by, organisation=organisation_id, subject=user_id, deps=deps
    )
    deps.access.save([deps.access.ended_user_row(user, deps.now())], entry)
