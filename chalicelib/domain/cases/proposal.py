"""What one supervisor asks for and another one must confirm before it happens.

An open proposal is part of its case's head; once it is decided only the ledger knows of it.
"""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.text import Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ProposalKind, Severity, State

OPEN_FOR = timedelta(days=7)


class Proposal(Value):
    """A decision that takes two people, made by one so far."""

    proposal_id: str
    kind: ProposalKind
    proposed_by: str
    proposed_at: Moment
    expires_at: Moment
    from_state: State
    from_severity: Severity
    transition: dict[str, Any] | None = None
    severity: Severity | None = None
    reason: Line | None = None

    def fits(self, state: State, severity: Severity) -> bool:
        """Whether a case in this state is still what was decided about. Lowering a severity does
        not depend on how far the case has come, which the check may change by itself."""
        same_state = state is self.from_state or self.kind is ProposalKind.LOWER_FROM_S1
        return same_state and severity is self.from_severity

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be confirmed."""
        return now < self.expires_at
