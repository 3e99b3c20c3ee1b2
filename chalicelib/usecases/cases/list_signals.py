"""What a partner was told about its own cases, that somebody may act."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.signal import Signal
from chalicelib.domain.vocabulary import SignalKind
from chalicelib.store.paging import Page, Start


def list_signals(
    *, kind: SignalKind | None, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Signal]:
    """A page of the caller's organisation's signals, newest first."""
    return deps.signals.of_partner(by.organisation, kind, limit, start)
