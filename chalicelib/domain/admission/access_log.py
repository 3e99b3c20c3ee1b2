"""The record of access itself: who was let in, by whom, and what an auditor took out and why."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.admission.access import Principal
from chalicelib.domain.values import Moment, Value


class AccessEvent(StrEnum):
    """What can happen to access."""

    ORGANISATION_ADDED = "organisation_added"
    ORGANISATION_CHANGED = "organisation_changed"
    ORGANISATION_SUSPENDED = "organisation_suspended"
    ORGANISATION_REINSTATED = "organisation_reinstated"
    USER_ADDED = "user_added"
    USER_ENDED = "user_ended"
    KEY_PROPOSED = "key_proposed"
    KEY_PROPOSAL_REFUSED = "key_proposal_refused"
    KEY_ISSUED = "key_issued"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    OPERATOR_BOOTSTRAPPED = "operator_bootstrapped"
    ENGAGEMENT_MADE = "engagement_made"
    ENGAGEMENT_ENDED = "engagement_ended"
    EXPORT_REQUESTED = "export_requested"
    EXPORT_READ = "export_read"
    LINE_ADDED = "line_added"
    LINE_CHANGED = "line_changed"
    LINE_ENDED = "line_ended"
    LINE_SECRETS_SET = "line_secrets_set"


class AccessLogEntry(Value):
    """One event. Entries are added, never changed."""

    entry_id: str
    at: Moment
    event: AccessEvent
    by_user: Annotated[str, Field(description="The `user_id` of who did it.")]
    by_key: str
    by_organisation: str
    organisation: Annotated[str, Field(description="Whose access it is about.")]
    subject: Annotated[str, Field(description="The id of what it is about.")]
    second_user: Annotated[
        str | None, Field(description="Where two people decided: who had proposed it.")
    ] = None
    engagement_id: str | None = None
    purpose: str | None = None
    reason: str | None = None


def note(
    event: AccessEvent,
    *,
    by: Principal,
    organisation: str,
    subject: str,
    at: datetime,
    entry_id: str,
    **more: Any,
) -> AccessLogEntry:
    """The entry for something that `by` does."""
    return AccessLogEntry(
        entry_id=entry_id,
        at=at,
        event=event,
        by_user=by.user_id,
        by_key=by.key_id,
        by_organisation=by.organisation,
        organisation=organisation,
        subject=subject,
        **more,
    )
