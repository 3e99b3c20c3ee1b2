"""Links have changed: cases that nobody could be told about become due again."""

from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.domain.vocabulary import State
from chalicelib.store.paging import Start
from chalicelib.store.work import WorkRow


def follow_up(row: WorkRow, now: datetime, seconds_left: Callable[[], float], deps: Deps) -> None:
    """Send the uncovered cases of a factory, or of all factories of a brand, back to the check.

    When time runs short the note stays, and the next tick goes on: what is due already is passed.
    """
    if row.watched is None:
        return
    renewals = deps.work.renewals(row)
    kind, watched_id = row.watched
    factories = [watched_id] if kind == "factory" else _factories_of(watched_id, deps)
    for factory_id in factories:
        if seconds_left() < STOP_SECONDS:
            return
        for case_id in _uncovered(factory_id, deps):
            deps.work.make_due(case_id, now)
    deps.work.unwatch(row, renewals)


def _factories_of(brand_id: str, deps: Deps) -> Iterator[str]:
    return (link.factory_id for link in deps.registry.links_of_brand(brand_id))


def _uncovered(factory_id: str, deps: Deps) -> Iterator[str]:
    start: Start | None = None
    while True:
        page = deps.cases.of_factory(factory_id, start)
        yield from (case_id for case_id, state in page.items if state == State.NOT_COVERED)
        if (start := page.next_start) is None:
            return
