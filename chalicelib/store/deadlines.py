"""Whose clocks ask for something: the `deadlines` index of the `cases` table."""

from datetime import datetime

from chalicelib.domain.dates import timestamp
from chalicelib.store import keys
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Table
from chalicelib.store.work import WorkRow

SHARDS = keys.DEADLINE_SHARDS


class Deadlines:
    """Heads of cases and recalls, by when they are to be looked at next."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, shard: int, now: datetime, *, limit: int, start: Start | None) -> Page[WorkRow]:
        """A page of what is to be looked at, longest due first. There is no upper age."""
        page = self._table.page(
            {"deadline_queue": keys.deadline_shard(shard)},
            limit,
            start,
            index="deadlines",
            sort="deadline_at <= :now",
            values={"now": timestamp(now)},
        )
        rows = [WorkRow(item["case_id"]["S"], item["sk"]["S"]) for item in page.items]
        return Page(rows, page.next_start)

    def postpone(self, row: WorkRow, until: datetime) -> None:
        """Look at a row again at `until`, because it failed. Does nothing where it is to be looked
        at no more."""
        there = "attribute_exists(deadline_queue)"
        try:
            self._table.update(
                row._asdict(), "SET deadline_at = :until", there, until=timestamp(until)
            )
        except ConditionFailed:
            return
