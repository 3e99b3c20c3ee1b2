"""What can be erased of a case, and what stays: the pseudonymous case and a chain that verifies."""

from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ErasureReason, ErasureScope, IdentityState

ERASED = "erased"
"""What stands where a text had to be."""

_TEXTS = ("narrative", "summary", "requested_remedy")


class ErasureRequest(Value):
    """A partner's request to erase, until the data-protection officer has decided."""

    grievance_id: str
    public_ref: str
    partner_id: str
    scope: ErasureScope
    reason: ErasureReason
    requested_at: Moment
    requested_by: str


def is_erased(case: Case, scope: ErasureScope) -> bool:
    """Whether nothing of this scope is left: of texts, nothing that was written since, either."""
    return was_erased(case, scope) and (scope is ErasureScope.IDENTITY or not _holds_words(case))


def was_erased(case: Case, scope: ErasureScope) -> bool:
    """Whether an erasure of this scope is part of the case's past. A restored table forgets one."""
    identity_gone = case.identity is IdentityState.ERASED
    return identity_gone and (scope is ErasureScope.IDENTITY or case.texts_erased_at is not None)


def _holds_words(case: Case) -> bool:
    given = any(getattr(case, name) is not None for name in (*_TEXTS, "proposal"))
    held = case.hold is not None and case.hold.reason != ERASED
    return given or held or case.written_since_erasure


def erased(
    case: Case, scope: ErasureScope, *, by: str, at: datetime, why: dict[str, Any]
) -> Changed:
    """The case without what is erased, and the entry that says so.

    The chain stays whole: entries hold commitments to texts, never the texts. A proposal ends with
    its words: nobody could confirm it for the reasons it was made for.
    """
    updates: dict[str, Any] = {"identity": IdentityState.ERASED}
    action = Action.IDENTITY_ERASED
    if scope is ErasureScope.TEXTS:
        action = Action.TEXTS_ERASED
        updates |= dict.fromkeys((*_TEXTS, "proposal"))
        updates |= {"texts_erased_at": at, "written_since_erasure": False}
        updates |= {"hold": _without_words(case)}
    return case.recorded(action, by=by, at=at, data=why, **updates)


def _without_words(case: Case) -> Any:
    return case.hold and case.hold.model_copy(update={"reason": ERASED})
