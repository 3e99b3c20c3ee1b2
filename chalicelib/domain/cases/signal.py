"""What a partner is told about its own cases, that somebody may act: no words, no people."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Category, EscalationLevel, SignalKind


class Signal(Value):
    """One thing a partner is told: which case, which clock, and when that was due; or of which
    factory."""

    signal_id: str
    partner_id: str
    grievance_id: Annotated[
        str | None, Field(description="Null where it is about no one case.")
    ] = None
    public_ref: str | None = None
    factory_id: Annotated[str | None, Field(description="Where it is about a factory.")] = None
    category: Category | None = None
    kind: SignalKind
    clock: Annotated[ClockKind | None, Field(description="Null where none is meant.")] = None
    level: EscalationLevel | None = None
    due_at: Annotated[Moment, Field(description="When it was to be done, whenever it was noticed.")]
    at: Moment
