"""Keys: issue, list, rotate, revoke. A key is shown once, to who asked for it, or not at all."""

from datetime import timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from chalicelib.deps import Deps
from chalicelib.domain.admission import key_text
from chalicelib.domain.admission.access import (
    NEAR_A_WORKER,
    AccessKey,
    OrganisationId,
    Principal,
    User,
    UserId,
    key_of,
)
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.text import Line
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import Forbidden, NotFound, StateConflict
from chalicelib.store.keyring import Purpose
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.administered import (
    administered,
    noted,
    refuse_unless_below,
    user_of,
)

_DAYS = Annotated[int, Field(strict=True, ge=1, le=730)]


class KeyRequest(Value):
    """Whose key, what for, for how long."""

    user_id: UserId
    name: Annotated[Line, Field(description="What the key is for.")]
    expires_in_days: _DAYS = 365
    key_sha256: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None,
        Field(
            description="SHA-256 of a key that its holder has made (`python -m infra.operators "
            "key`): then nobody else ever sees it. An operator's key is issued in no other way."
        ),
    ] = None


class KeyWish(KeyRequest):
    """The same for a key that takes two operators."""

    organisation_id: Annotated[
        OrganisationId | None, Field(description="Whose user it is; the operators' own if absent.")
    ] = None


class Rotation(Value):
    """How the old key makes way for the new one."""

    overlap_hours: Annotated[
        int, Field(strict=True, ge=0, le=168, description="How long the old key still opens.")
    ] = 24
    expires_in_days: _DAYS = 365


class Issued(NamedTuple):
    """A key that is new; `text` is None where its holder has made it."""

    key: AccessKey
    text: str | None


def issue_key(organisation_id: str, wish: KeyRequest, *, by: Principal, deps: Deps) -> Issued:
    """Make a key for a user. Operators' keys take two people (`propose_operator_key`), and so do,
    where an operator makes them, those of a partner's users and of data-protection officers.

    Raises NotFound (also for another's organisation), Forbidden, StateConflict (who gets it is shut
    out), VersionConflict.
    """
    user = reachable_user(organisation_id, wish.user_id, by=by, deps=deps)
    if user.role is Role.OPERATOR or _would_be_let_near(user, by):
        raise Forbidden("This key takes two operators. Propose it: POST /v1/key-proposals.")
    text = key_text.key_text(deps.token(key_text.RANDOM_BYTES)) if not wish.key_sha256 else None
    key_hash = hash_of(wish.key_sha256 or key_text.digest_of(text or ""), deps)
    now = deps.now()
    key = key_of(
        user,
        key_hash,
        name=wish.name,
        ends_with=key_text.ending(text) if text else None,
        issued_by=by.user_id,
        at=now,
        expires_at=now + timedelta(days=wish.expires_in_days),
    )
    entry = noted(
        AccessEvent.KEY_ISSUED, by=by, organisation=organisation_id, subject=key.key_id, deps=deps
    )
    deps.access.save(deps.access.new_key_rows(key, key_hash), entry)
    return Issued(key, text)


def _would_be_let_near(user: User, by: Principal) -> bool:
    return by.role is Role.OPERATOR and user.role in NEAR_A_WORKER


def reachable_user(organisation_id: str, user_id: str, *, by: Principal, deps: Deps) -> User:
    """A user who may be given a key by the caller. NotFound, Forbidden, StateConflict."""
    organisation = administered(organisation_id, by=by, deps=deps)
    user = user_of(organisation_id, user_id, deps=deps)
    refuse_unless_below(user.role, user_id, by)
    if organisation.suspended_at is not None or user.ended_at is not None:
        raise StateConflict("The user has ended, or the organisation is suspended.")
    return user


def hash_of(digest: str, deps: Deps) -> str:
    """What is stored of a key: a keyed hash of its digest."""
    return keyed_hash(deps.keyring.key(Purpose.API_KEY_HASH), digest)


def list_keys(
    organisation_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[AccessKey]:
    """A page of an organisation's keys, those that have ended included. NotFound."""
    administered(organisation_id, by=by, deps=deps)
    return deps.access.keys(organisation_id, limit, start)


def rotate_key(
    organisation_id: str, key_id: str, wish: Rotation, *, by: Principal, deps: Deps
) -> Issued:
    """Make a new key for the same user; the old one ends after the overlap, or when it would have.

    Another operator's key, or one of somebody who is near a worker, would make an operator another
    person: those their holders rotate, and supervisors those of their intake staff.
    Raises NotFound, Forbidden, StateConflict (the old key has ended), VersionConflict.
    """
    administered(organisation_id, by=by, deps=deps)
    old = _key(organisation_id, key_id, deps)
    user = reachable_user(organisation_id, old.user_id, by=by, deps=deps)
    is_another_operators = user.role is Role.OPERATOR and user.user_id != by.user_id
    if is_another_operators or _would_be_let_near(user, by):
        raise Forbidden("Its holder rotates this key, or her supervisor.")
    now = deps.now()
    if not old.is_live(now):
        raise StateConflict("The key has ended. Issue a new one.")
    text = key_text.key_text(deps.token(key_text.RANDOM_BYTES))
    key_hash = hash_of(key_text.digest_of(text), deps)
    key = key_of(
        user,
        key_hash,
        name=old.name,
        ends_with=key_text.ending(text),
        issued_by=by.user_id,
        at=now,
        expires_at=now + timedelta(days=wish.expires_in_days),
        replaces=key_id,
    )
    ends = now + timedelta(hours=wish.overlap_hours)
    if old.expires_at is not None:
        ends = min(ends, old.expires_at)
    rows = [*deps.access.new_key_rows(key, key_hash), deps.access.expiring_key_row(old, ends)]
    entry = noted(
        AccessEvent.KEY_ROTATED, by=by, organisation=organisation_id, subject=key_id, deps=deps
    )
    deps.access.save(rows, entry)
    return Issued(key, text)


def revoke_key(organisation_id: str, key_id: str, *, by: Principal, deps: Deps) -> None:
    """End a key at once. A second time changes nothing.

    A supervisor may end any key of her organisation: that takes nothing from anybody that the
    operator cannot give back. Raises NotFound.
    """
    administered(organisation_id, by=by, deps=deps)
    key = _key(organisation_id, key_id, deps)
    if key.revoked_at is not None:
        return
    entry = noted(
        AccessEvent.KEY_REVOKED, by=by, organisation=organisation_id, subject=key_id, deps=deps
    )
    deps.access.save([deps.access.revoked_key_row(key, deps.now())], entry)


def _key(organisation_id: str, key_id: str, deps: Deps) -> AccessKey:
    key = deps.access.key(organisation_id, key_id)
    if key is None:
        raise NotFound()
    return key
