"""What failed too often waits for an operator, who has it tried again once the cause is mended."""

from contextlib import suppress
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.domain.work.operations import Quarantined
from chalicelib.errors import NotFound, StateConflict, VersionConflict
from chalicelib.store.paging import Page, Start, read_sharded_page
from chalicelib.store.work import SHARDS, WorkRow
from chalicelib.usecases.alerting.redeliver_alerts import redeliver_alert
from chalicelib.usecases.alerting.withhold_alerts import lay_to_rest

AT_ONCE = 100


class Retried(NamedTuple):
    """How many rows are due again, and whether there are more to ask for."""

    retried: int
    more: bool


def list_quarantine(*, limit: int, start: Start | None, deps: Deps) -> Page[Quarantined]:
    """A page of what is in quarantine: ids and errors, nothing of what a case says."""
    rows = _rows(limit, start, deps)
    return Page(deps.work.quarantined_rows(rows.items), rows.next_start)


def retry_quarantined(*, by: Principal, deps: Deps) -> Retried:
    """Make up to a hundred rows due again, each with as many attempts as a new one.

    Raises Unavailable; rows that came before it are due again.
    """
    page = _rows(AT_ONCE, None, deps)
    done = sum(_tried_again(row, by, deps) for row in page.items)
    return Retried(done, page.next_start is not None)


def _rows(limit: int, start: Start | None, deps: Deps) -> Page[WorkRow]:
    return read_sharded_page(
        lambda shard, most, key: deps.work.quarantined(shard, limit=most, start=key),
        SHARDS,
        limit,
        start,
    )


def _tried_again(row: WorkRow, by: Principal, deps: Deps) -> bool:
    if not row.is_alert or not _gave_up_sending(row, deps):
        return deps.work.release(row, deps.now())
    try:
        redeliver_alert(row.alert_id, by=by, deps=deps)
    except NotFound:
        return deps.work.release(row, deps.now())
    except StateConflict:  # due again it would stay so for ever: nobody sends it
        return _laid_to_rest(row, deps)
    except VersionConflict:
        return False
    return True


def _laid_to_rest(row: WorkRow, deps: Deps) -> bool:
    """Never tried again: out of the quarantine, unless somebody was at the case just now."""
    with suppress(VersionConflict):
        lay_to_rest(row.alert_id, deps=deps)
    return False


def _gave_up_sending(row: WorkRow, deps: Deps) -> bool:
    """Whether its sending was given up; a row that could not be read, or its case, is only due."""
    return any(alert.status is AlertStatus.QUARANTINED for alert in deps.alerts.get_many([row]))
