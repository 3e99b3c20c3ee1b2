"""A factory has turned out to be another one: its open cases go there, and who sources there hears
of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import follow_merge as followed
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.dates import next_midnight
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.errors import VersionConflict
from chalicelib.store.paging import Start
from chalicelib.store.work import Progress, WorkRow
from chalicelib.usecases.alerting.open_escrow import escrow_rows
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.factories.find_factories import Sourcing
from chalicelib.usecases.factories.settle_factories import heir_of
from chalicelib.usecases.record.committer import committer


def follow_merge(
    row: WorkRow,
    factory_id: str,
    progress: Progress,
    now: datetime,
    *,
    seconds_left: Callable[[], float],
    again_after: timedelta,
    deps: Deps,
) -> None:
    """Work off a note that a factory has turned out to be another: a page at a time, as far as time
    goes; the next tick goes on from there.

    A case that somebody changed just now is come back to, as is one that a check writes meanwhile.
    """
    factory = deps.registry.factory(factory_id)
    heir = heir_of(factory, deps=deps)
    if heir is None:
        deps.work.unwatch(row, progress.renewals)
        return
    start: Start | None = (progress.position or {}).get("start")
    complete = bool((progress.position or {}).get("complete", True))
    while True:
        if seconds_left() < STOP_SECONDS:
            position = {"start": start, "complete": complete}
            deps.work.keep_progress(row, progress._replace(position=position))
            return
        page = deps.cases.of_factory(factory_id, start)
        is_open = [case_id for case_id, state in page.items if state not in ENDED]
        complete &= go_to(heir, factory_id, is_open, deps=deps)
        if (start := page.next_start) is None:
            break
    deps.work.watch_signals(heir.factory_id, next_midnight(now))
    if complete:
        deps.work.watch_once_more(row, progress, now + again_after)
    else:
        deps.work.keep_progress(row, progress._replace(position=None))


def go_to(heir: Factory, factory_id: str, case_ids: Sequence[str], *, deps: Deps) -> bool:
    """Let open cases of a factory go to the one that it is now. At most a hundred.

    One for which a reviewer has refused that factory stays. False where somebody else changed one
    of them just now: it is to be looked at again.
    """
    if not case_ids:
        return True
    cases = [
        case
        for case in deps.cases.heads(case_ids).values()
        if case.state not in ENDED and case.factory_id == factory_id
    ]
    refused = _refusals(cases, deps)
    sourcing = Sourcing({heir.factory_id: heir}, deps)
    going = [case for case in cases if heir.factory_id not in refused[case.grievance_id]]
    gone = [_gone(case, heir, sourcing, deps) for case in going]
    return all(gone)


def _refusals(cases: Sequence[Case], deps: Deps) -> dict[str, frozenset[str]]:
    """The factories that a reviewer has refused for each of some cases, or for its spelling."""
    # The matcher's tables cost a cold start: only the work that needs them pays.
    from chalicelib.matching.judged import refused_key

    keys = {case.grievance_id: refused_key(case.factory_reported) for case in cases}
    found = deps.registry.find(set(keys.values())) if keys else {}
    return {
        case.grievance_id: found.get(keys[case.grievance_id], frozenset())
        | frozenset(case.refused_factories)
        for case in cases
    }


def _gone(case: Case, heir: Factory, sourcing: Sourcing, deps: Deps) -> bool:
    """Its alerts are written with it; the next tick publishes them."""
    at = deps.now()
    routed = followed(
        case,
        heir,
        sourcing.to_be_told(case, heir),
        desk_url=deps.settings.public_url,
        at=at,
        commit=committer(case, deps.keyring),
    )
    if routed.entry is None:
        return True
    rows = [
        *map(deps.alerts.new_row, deps.alerts.write_ahead(routed.alerts)),
        *deps.cases.crossing_rows(case, routed.case, at),
        *escrow_rows(case, routed.case, deps=deps),
        *signals_rows(case, routed.case, deps=deps),
    ]
    try:
        deps.cases.save(routed.case, routed.entry, rows)
    except VersionConflict:
        return False
    return True
