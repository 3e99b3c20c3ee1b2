"""The registry has changed: cases that nobody could be told about become due again, and brands are
told of those that others know of already."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import WITH_BRANDS, finds_something_else
from chalicelib.domain.dates import next_midnight
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.domain.vocabulary import State
from chalicelib.store.paging import Start
from chalicelib.store.work import Progress, WorkRow
from chalicelib.usecases.alerting.look_for_signals import look_for_signals
from chalicelib.usecases.alerting.open_escrow import open_escrow
from chalicelib.usecases.alerting.send_digest import send_digest
from chalicelib.usecases.alerting.tell_later import tell_later
from chalicelib.usecases.factories.follow_merge import follow_merge
from chalicelib.usecases.factories.match_factories import match_factories

SecondsLeft = Callable[[], float]

LATER = timedelta(minutes=1)
"""A check takes less from its reading of the registry to its writing, and indexes lag less."""


def follow_up(row: WorkRow, now: datetime, seconds_left: SecondsLeft, deps: Deps) -> None:
    """Work off a note that links of a factory or a brand, or factories of a country, have changed,
    that a factory's escrow may open, that it has turned out to be another one, that what was filed
    about it is to be looked at, or that a brand's digest is to be written.

    When time runs short the note stays, and the next tick goes on.
    """
    if row.watched is None:
        return
    kind, watched_id = row.watched
    if kind == "country":
        _look_again(row, watched_id, now, seconds_left, deps)
        return
    if kind == "digest":
        if seconds_left() > STOP_SECONDS:
            send_digest(row, deps=deps)
        return
    progress = deps.work.progress(row)
    if kind == "escrow":
        open_escrow(watched_id, deps=deps)
        deps.work.unwatch(row, progress.renewals)
        return
    if kind == "merged":
        follow_merge(
            row,
            watched_id,
            progress,
            now,
            seconds_left=seconds_left,
            again_after=LATER,
            deps=deps,
        )
        return
    if kind == "signals":
        look_for_signals(row, watched_id, progress, deps=deps)
        return
    factories = [watched_id] if kind == "factory" else _factories_of(watched_id, deps)
    complete = True
    for factory_id in factories:
        for page in _cases_of(factory_id, deps):
            if seconds_left() < STOP_SECONDS:
                return
            complete &= _links_changed(factory_id, page, now, deps)
            if page:
                deps.work.watch_signals(factory_id, next_midnight(now))
    if complete:
        deps.work.watch_once_more(row, progress, now + LATER)


def _factories_of(brand_id: str, deps: Deps) -> Iterator[str]:
    """The factories of its links, and what those have turned out to be."""
    seen: set[str] = set()
    links = iter(deps.registry.links_of_brand(brand_id))
    while batch := [link.factory_id for link in islice(links, 100)]:
        merged = (factory.id_now for factory in deps.registry.factories(batch).values())
        yield from (new := dict.fromkeys([*batch, *merged]).keys() - seen)
        seen |= new


def _cases_of(factory_id: str, deps: Deps) -> Iterator[Sequence[tuple[str, str]]]:
    start: Start | None = None
    while True:
        page = deps.cases.of_factory(factory_id, start)
        yield page.items
        if (start := page.next_start) is None:
            return


def _links_changed(
    factory_id: str, cases: Sequence[tuple[str, str]], now: datetime, deps: Deps
) -> bool:
    """Uncovered cases are checked again, brands that others' cases concern are told of them.

    False where some of that must be tried again.
    """
    for case_id, state in cases:
        if state == State.NOT_COVERED:
            deps.work.make_due(case_id, now)
    with_brands = [case_id for case_id, state in cases if state in WITH_BRANDS]
    return not with_brands or tell_later(with_brands, factory_id, deps=deps)


def _look_again(
    row: WorkRow, country: str, now: datetime, seconds_left: SecondsLeft, deps: Deps
) -> None:
    """Match what waits in a country, or came without one, anew; a page at a time.

    Only cases for which that gives something else become due, so that a change of the registry
    costs a read for each case that waits and a write for each that it concerns.
    """
    progress = deps.work.progress(row)
    position: dict[str, Any] | None = progress.position or {"elsewhere": False, "start": None}
    looked_at = sent_back = 0
    while position is not None:
        if seconds_left() < STOP_SECONDS:
            deps.work.keep_progress(row, Progress(progress.renewals, position))
            break
        elsewhere = bool(position["elsewhere"])
        page = deps.cases.waiting(None if elsewhere else country, position["start"])
        sent_back += _send_back(page.items, now, deps)
        looked_at += len(page.items)
        position = _next(elsewhere, page.next_start)
    else:
        deps.work.unwatch(row, progress.renewals)
    log.info(log.Event.CASES_RETRIED, looked_at=looked_at, sent_back=sent_back)


def _next(elsewhere: bool, start: Start | None) -> dict[str, Any] | None:
    """The position after a page: first the country's cases, then those without a country."""
    if start is not None:
        return {"elsewhere": elsewhere, "start": start}
    return None if elsewhere else {"elsewhere": True, "start": None}


def _send_back(cases: Sequence[Case], now: datetime, deps: Deps) -> int:
    decisions = match_factories(cases, deps=deps).decisions
    changed = [c for c in cases if finds_something_else(c, decisions[c.grievance_id])]
    for case in changed:
        deps.work.make_due(case.grievance_id, now)
    return len(changed)
