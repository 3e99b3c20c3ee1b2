"""Lets the service know the demo organisations, their people and their keys."""

from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import ROLES_OF, Organisation, User, key_of
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.admission.key_text import digest_of, ending
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import EngagementPurpose, Role
from chalicelib.store.table import Row
from chalicelib.usecases.admission.keep_keys import hash_of
from infra.local.keys import DemoKey

_BY = "local"


def register(keys: Sequence[DemoKey], deps: Deps) -> None:
    """Let the service know the keys; one that it knows already stays as it is."""
    for key in keys:
        hashed = hash_of(digest_of(key.key), deps)
        if deps.access.holder(hashed) is None:
            _let_in(key, hashed, deps)


def _let_in(demo: DemoKey, hashed: str, deps: Deps) -> None:
    user = _user(demo, hashed, deps)
    key = key_of(
        user,
        hashed,
        name=f"local {demo.name}",
        ends_with=ending(demo.key),
        issued_by=_BY,
        at=deps.now(),
        expires_at=None,
    )
    entry = AccessLogEntry(
        entry_id=derive_id("l", key.key_id),
        at=deps.now(),
        event=AccessEvent.KEY_ISSUED,
        by_user=_BY,
        by_key=_BY,
        by_organisation=_BY,
        organisation=demo.organisation,
        subject=key.key_id,
    )
    rows = [deps.access.new_user_row(user), *deps.access.new_key_rows(key, hashed)]
    rows += [*_organisation_rows(demo, deps), *_engagement_rows(demo, user, deps)]
    deps.access.save(rows, entry)


def _user(demo: DemoKey, hashed: str, deps: Deps) -> User:
    """Each key is another person's."""
    return User(
        user_id=derive_id("u", demo.organisation, hashed),
        organisation=demo.organisation,
        role=Role(demo.role),
        name=f"local {demo.name}",
        created_at=deps.now(),
        created_by=_BY,
    )


def _engagement_rows(demo: DemoKey, user: User, deps: Deps) -> list[Row]:
    """Brands and auditors see nothing without one: this one begins now, for a year."""
    if Role(demo.role) not in (Role.BRAND, Role.AUDITOR):
        return []
    now = deps.now()
    engagement = Engagement(
        engagement_id=derive_id("e", user.user_id),
        organisation=demo.organisation,
        purpose=EngagementPurpose.DUE_DILIGENCE_AUDIT,
        purpose_text="To try the local stack out.",
        brands=None,
        countries=None,
        received_from=date(2000, 1, 1),
        received_to=date(2100, 1, 1),
        valid_from=now,
        valid_until=now + timedelta(days=365),
        made_by=_BY,
        made_at=now,
    )
    return [deps.access.new_engagement_row(engagement)]


def _organisation_rows(demo: DemoKey, deps: Deps) -> list[Row]:
    if deps.access.organisation(demo.organisation) is not None:
        return []
    kind = next(kind for kind, roles in ROLES_OF.items() if Role(demo.role) in roles)
    organisation = Organisation(
        organisation_id=demo.organisation,
        kind=kind,
        name=demo.organisation,
        created_at=deps.now(),
    )
    return deps.access.organisation_rows(organisation)
