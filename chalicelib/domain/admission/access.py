"""Who a caller is: an organisation, one of its users, and the key that the user holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from chalicelib.domain.references import derive_id
from chalicelib.domain.text import Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import OrganisationKind, Role

OrganisationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""A slug the operator chooses. A brand's is its `brand_id`."""

UserId = Annotated[str, StringConstraints(pattern=r"^u_[0-9a-z]{26}$")]

FilingsPerDay = Annotated[
    int | None,
    Field(
        ge=1,
        le=1_000_000,
        description="How many grievances a partner may file in a day (UTC); null is the "
        "deployment's default.",
    ),
]

OwnFactory = Annotated[
    str | None,
    Field(
        pattern=r"^f_[0-9a-z]{26}$",
        description="The factory of the registry whose management this is; null for all others.",
    ),
]

ROLES_OF: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.PARTNER: frozenset({Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR}),
    OrganisationKind.BRAND: frozenset({Role.BRAND}),
    OrganisationKind.FACTORY: frozenset({Role.FACTORY}),
    OrganisationKind.AUDITOR: frozenset({Role.AUDITOR}),
    OrganisationKind.DPO_OFFICE: frozenset({Role.DPO}),
    OrganisationKind.OPERATOR: frozenset({Role.OPERATOR}),
}
"""Which roles somebody of an organisation may have."""

NEAR_A_WORKER = frozenset({Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR, Role.DPO})
"""Who reads narratives or opens identities: no operator alone makes a key that does."""


class Principal(Value):
    """A caller: a person, her role, and the organisation (tenant) whose data she may reach.

    Where two people must agree, `user_id` tells them apart: one person may hold several keys.
    """

    key_id: str
    user_id: str
    role: Role
    organisation: str

    @property
    def actor(self) -> str:
        """How the ledger names it."""
        return f"{self.role}:{self.organisation}:{self.key_id}"


class Organisation(Value):
    """A tenant. While it is suspended none of its keys opens anything."""

    organisation_id: OrganisationId
    kind: OrganisationKind
    name: Line
    created_at: Moment
    suspended_at: Moment | None = None
    filings_per_day: FilingsPerDay = None
    factory_id: OwnFactory = None
    version: int = 1


class User(Value):
    """Somebody of an organisation. Once ended, her keys open nothing, for good."""

    user_id: UserId
    organisation: OrganisationId
    role: Role
    name: Annotated[Line, Field(description="A label; it need not be a person's name.")]
    created_at: Moment
    created_by: Annotated[str, Field(description="The `user_id` of who added it.")]
    ended_at: Moment | None = None


class AccessKey(Value):
    """A key as it is stored: everything but the key itself."""

    key_id: str
    user_id: UserId
    organisation: OrganisationId
    role: Role
    name: Annotated[Line, Field(description="What the key is for.")]
    ends_with: Annotated[
        str | None,
        Field(description="The key's last characters; null where nobody but its holder saw it."),
    ] = None
    created_at: Moment
    issued_by: Annotated[str, Field(description="The `user_id` of who issued it.")]
    expires_at: Moment | None = None
    revoked_at: Moment | None = None
    replaces: Annotated[str | None, Field(description="The `key_id` it was rotated from.")] = None

    def is_live(self, now: datetime) -> bool:
        """Whether the key has neither expired nor been revoked."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not expired


class Holder(NamedTuple):
    """A key with whose it is, as all three stand at this moment."""

    key: AccessKey
    user: User
    organisation: Organisation

    def principal(self, now: datetime) -> Principal | None:
        """Who the holder is now; None where the key, the user or the organisation has ended."""
        if not self.key.is_live(now) or self.user.ended_at or self.organisation.suspended_at:
            return None
        return Principal(
            key_id=self.key.key_id,
            user_id=self.user.user_id,
            role=self.user.role,
            organisation=self.organisation.organisation_id,
        )


class KeyProposal(Value):
    """An operator's key that one operator has asked for and another one may confirm."""

    proposal_id: str
    organisation: OrganisationId
    user_id: UserId
    name: Line
    key_sha256: Annotated[
        str, Field(description="Ask the new holder for hers: the two must be the same.")
    ]
    key_expires_at: Moment
    proposed_by: str
    proposed_at: Moment
    expires_at: Moment
    decided_by: str | None = None
    decided_at: Moment | None = None
    confirmed: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be decided."""
        return self.decided_at is None and now < self.expires_at

    def decided(self, by: str, at: datetime, *, confirmed: bool) -> "KeyProposal":
        """The proposal, confirmed or refused."""
        update = {"decided_by": by, "decided_at": at, "confirmed": confirmed}
        return self.model_copy(update=update)


def key_of(
    user: User,
    key_hash: str,
    *,
    name: str,
    ends_with: str | None,
    issued_by: str,
    at: datetime,
    expires_at: datetime | None,
    replaces: str | None = None,
) -> AccessKey:
    """A new key of a user; its id is derived from the hash that finds it."""
    return AccessKey(
        key_id=derive_id("k", key_hash),
        user_id=user.user_id,
        organisation=user.organisation,
        role=user.role,
        name=name,
        ends_with=ends_with,
        created_at=at,
        issued_by=issued_by,
        expires_at=expires_at,
        replaces=replaces,
    )
