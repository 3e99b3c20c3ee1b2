"""Who is let in, in the description's story: a new audit house, a third operator."""

from datetime import timedelta

from chalicelib.api.description import story as tale
from chalicelib.api.description.story import AT, request_of
from chalicelib.domain.admission.access import (
    AccessKey,
    KeyProposal,
    Organisation,
    Principal,
    User,
    key_of,
)
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.admission.engagement import Engagement, EngagementFields
from chalicelib.domain.admission.key_text import RANDOM_BYTES, digest_of, ending, key_text
from chalicelib.domain.references import derive_id, keyed_hash
from chalicelib.domain.vocabulary import Role

HOUSE = "linden-audit"
KEY = key_text(tale.token(RANDOM_BYTES))
OPERATOR = derive_id("u", tale.OPERATOR, "the operator")


def organisation() -> Organisation:
    """A new audit house."""
    return Organisation(organisation_id=HOUSE, created_at=AT, **request_of("put_organisation"))


def user() -> User:
    """Somebody of it."""
    return User(
        user_id=derive_id("u", HOUSE, tale.token(16)),
        organisation=HOUSE,
        created_at=AT,
        created_by=OPERATOR,
        **request_of("add_user"),
    )


def key() -> AccessKey:
    """Her key."""
    return key_of(
        user(),
        keyed_hash(tale.SECRET, digest_of(KEY)),
        name=request_of("issue_key")["name"],
        ends_with=ending(KEY),
        issued_by=OPERATOR,
        at=AT,
        expires_at=AT + timedelta(days=365),
    )


def engagement() -> Engagement:
    """What it is engaged for."""
    fields = EngagementFields.model_validate(request_of("make_engagement"))
    return Engagement(
        engagement_id=derive_id("e", HOUSE, tale.token(16)),
        organisation=HOUSE,
        made_by=OPERATOR,
        made_at=AT,
        **dict(fields),
    )


def log_entry() -> AccessLogEntry:
    """What the log says of that."""
    made = engagement()
    return AccessLogEntry(
        entry_id=derive_id("l", made.engagement_id, tale.token(16)),
        at=AT,
        event=AccessEvent.ENGAGEMENT_MADE,
        by_user=OPERATOR,
        by_key=derive_id("k", "the operator's"),
        by_organisation=tale.OPERATOR,
        organisation=HOUSE,
        subject=made.engagement_id,
        engagement_id=made.engagement_id,
        purpose=made.purpose,
    )


def supervisor() -> Principal:
    """The supervisor of the partner who has filed the grievance."""
    return Principal(
        key_id=derive_id("k", "the supervisor's"),
        user_id=derive_id("u", tale.PARTNER, "the supervisor"),
        role=Role.PARTNER_SUPERVISOR,
        organisation=tale.PARTNER,
    )


def operator() -> User:
    """An operator who has no key yet."""
    return User(
        user_id=derive_id("u", tale.OPERATOR, tale.token(16)),
        organisation=tale.OPERATOR,
        role=Role.OPERATOR,
        name="Third operator",
        created_at=AT,
        created_by=OPERATOR,
    )


def key_proposal() -> KeyProposal:
    """The key that is asked for on her behalf."""
    wish = request_of("propose_operator_key")
    return KeyProposal(
        proposal_id=derive_id("p", tale.token(16)),
        organisation=tale.OPERATOR,
        user_id=operator().user_id,
        name=wish["name"],
        key_sha256=wish["key_sha256"],
        key_expires_at=AT + timedelta(days=365),
        proposed_by=OPERATOR,
        proposed_at=AT,
        expires_at=AT + timedelta(days=7),
    )
