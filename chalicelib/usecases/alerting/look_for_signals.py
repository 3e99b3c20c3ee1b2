"""Look at what was filed about a factory as a whole: what several partners say, and who has gone
silent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.alerting.silence import (
    by_month,
    compared_from,
    is_silent,
    month_of,
    months_earlier,
    signal_of_silence,
)
from chalicelib.domain.cases.case import Case
from chalicelib.domain.rules import COALITION
from chalicelib.store.paging import Start
from chalicelib.store.work import Progress, WorkRow
from chalicelib.usecases.alerting.raise_coalitions import raise_coalitions

_MOST_PAGES = 10
"""A thousand filings about one factory, the newest: what one look reads at most."""


def look_for_signals(row: WorkRow, factory_id: str, progress: Progress, *, deps: Deps) -> None:
    """Work off a note; there is one for the next month, as long as somebody files.

    Where somebody else changed a coalition just now it stays due. What was filed about factories
    that are one is looked at together, under the one that they are now.
    """
    now = deps.now()
    factory = deps.registry.factory(factory_id)
    if factory is not None and factory.merged_into is not None:
        deps.work.watch_signals(factory.merged_into, now)
        deps.work.unwatch(row, progress.renewals)
        return
    cases = _filed_lately((factory_id,) if factory is None else factory.all_ids, now, deps)
    if factory is not None and not raise_coalitions(factory, cases, deps=deps):
        return
    _tell_of_silence(factory_id, cases, now, deps)
    if any(case.received_at >= compared_from(now) for case in cases):
        deps.work.watch_signals(factory_id, months_earlier(month_of(now), -1))
    deps.work.unwatch(row, progress.renewals)


def _filed_lately(factory_ids: Sequence[str], now: datetime, deps: Deps) -> list[Case]:
    """The cases that anything here depends on."""
    since = min(now - 2 * COALITION.within, compared_from(now))
    return [case for each in factory_ids for case in _filed_since(since, each, deps)]


def _filed_since(since: datetime, factory_id: str, deps: Deps) -> list[Case]:
    """A factory's, newest first."""
    filed: list[Case] = []
    start: Start | None = None
    for _ in range(_MOST_PAGES):
        page = deps.cases.filed_about(factory_id, start)
        filed += [case for case in page.items if case.received_at >= since]
        start = page.next_start
        if start is None or len(filed) == 0 or min(c.received_at for c in page.items) < since:
            break
    return filed


def _tell_of_silence(factory_id: str, cases: Sequence[Case], now: datetime, deps: Deps) -> None:
    """Each partner is told by what it has heard itself: what others hear is not its to know."""
    received: dict[str, list[datetime]] = defaultdict(list)
    for case in cases:
        received[case.partner_id].append(case.received_at)
    for partner_id, times in sorted(received.items()):
        if is_silent(by_month(times, now)):
            deps.signals.put(signal_of_silence(partner_id, factory_id, now))
