"""The record of a case: a chain of entries, each holding the hash of the one before.

An entry's hash is SHA-256 over 0x00 and the entry's canonical JSON (RFC 8785); the prefix is the
leaf prefix of RFC 6962, so that entries can become leaves of a Merkle tree as they are.
Entries are made to be handed out: an auditor gets them as they are. They hold codes and times,
and organisations under pseudonyms. Everything else enters as a keyed commitment (a plain hash of a
phone number or a factory could be guessed), and what its own partner may see of that stands beside
the entry, outside of the hash.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import rfc8785

from chalicelib.domain.values import Moment, Value

GENESIS = "0" * 64

Commit = Callable[[str], str]
"""A keyed hash of a text: the same text gives the same commitment, nobody can guess it back."""


class Action(StrEnum):
    """What can happen to a case, or to a coalition of several."""

    RECEIVED = "received"
    CORRECTED = "corrected"
    CONSENT_CHANGED = "consent_changed"
    TRANSITIONED = "transitioned"
    PROPOSED = "proposed"
    PROPOSAL_REFUSED = "proposal_refused"
    SEVERITY_LOWERED = "severity_lowered"
    FACTORY_RESOLVED = "factory_resolved"
    FACTORIES_REFUSED = "factories_refused"
    FACTORY_MERGED = "factory_merged"
    ROUTED = "routed"
    LINKED = "linked"
    MESSAGE_ADDED = "message_added"
    ALERT_WITHHELD = "alert_withheld"
    ALERT_ACKNOWLEDGED = "alert_acknowledged"
    ALERT_REPLIED = "alert_replied"
    ALERT_REDELIVERED = "alert_redelivered"
    ESCALATED = "escalated"
    RECALL_ESCALATED = "recall_escalated"
    CHECKED_IN = "checked_in"
    PLAN_SUBMITTED = "plan_submitted"
    PLAN_ACCEPTED = "plan_accepted"
    PLAN_RETURNED = "plan_returned"
    PLAN_ACTION_COMPLETED = "plan_action_completed"
    PLAN_ACTION_VERIFIED = "plan_action_verified"
    REMEDY_RECORDED = "remedy_recorded"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    IDENTITY_KEPT = "identity_kept"
    IDENTITY_OPENED = "identity_opened"
    IDENTITY_HANDED_OVER = "identity_handed_over"
    ERASURE_REQUESTED = "erasure_requested"
    IDENTITY_ERASED = "identity_erased"
    TEXTS_ERASED = "texts_erased"
    RETENTION_HELD = "retention_held"
    RETENTION_HOLD_LIFTED = "retention_hold_lifted"
    ANSWER_GIVEN = "answer_given"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_REFUSED = "attachment_refused"
    ATTACHMENT_REMOVED = "attachment_removed"
    COALITION_RAISED = "coalition_raised"
    COALITION_LAPSED = "coalition_lapsed"
    COALITION_ESCALATED = "coalition_escalated"


class Entry(Value):
    """One change of a case: who, what, when; and the hash that ties it to the entry before."""

    seq: int
    at: Moment
    actor: str
    action: Action
    data: dict[str, Any]
    prev_hash: str
    hash: str
    private: dict[str, Any] = {}
    """What commitments in `data` stand for, for the case's own partner. Not part of the hash."""

    @property
    def content(self) -> dict[str, Any]:
        """What the hash is taken over."""
        return self.model_dump(mode="json", exclude={"hash", "private"})


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(b"\x00" + rfc8785.dumps(content)).hexdigest()


def append(
    prev_hash: str,
    seq: int,
    *,
    at: datetime,
    actor: str,
    action: Action,
    data: dict[str, Any],
    private: dict[str, Any] | None = None,
) -> Entry:
    """The entry number `seq`, tied to the hash of the entry before (`GENESIS` for the first)."""
    unsealed = Entry(
        seq=seq,
        at=at,
        actor=actor,
        action=action,
        data=data,
        prev_hash=prev_hash,
        hash="",
        private=private or {},
    )
    return unsealed.model_copy(update={"hash": _hash(unsealed.content)})


def first_bad_entry(entries: Iterable[Entry]) -> int | None:
    """The sequence number at which a chain stops being a chain; None when it verifies.

    Entries cut off the end leave a chain that verifies: compare the last hash with the case's.
    """
    prev_hash, expected = GENESIS, 1
    for entry in entries:
        if (entry.seq, entry.prev_hash) != (expected, prev_hash) or not _is_sealed(entry):
            return expected
        prev_hash, expected = entry.hash, expected + 1
    return None


def _is_sealed(entry: Entry) -> bool:
    try:
        return entry.hash == _hash(entry.content)
    except rfc8785.CanonicalizationError:  # a value that no entry was ever sealed with
        return False


def commitment(name: str, value: Any, commit: Commit) -> dict[str, str]:
    """What an entry says under `name` instead of a JSON value that is not to be handed out.

    It is taken over the canonical JSON of `{name: value}`, everywhere: what was committed to can be
    shown in a dispute without saying how, and the same words in two fields do not look equal.
    """
    return {"commitment": commit(canonical({name: value}))}


def canonical(value: Any) -> str:
    """The canonical JSON (RFC 8785) of a JSON value: what hashes and commitments are taken over."""
    return rfc8785.dumps(value).decode()
