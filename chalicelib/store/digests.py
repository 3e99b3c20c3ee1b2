"""Whose digests are to be written: one note for each brand and rhythm, in the queue of due work."""

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.alerting.subscription import Rhythm
from chalicelib.domain.dates import moment, timestamp
from chalicelib.store import keys
from chalicelib.store.codec import decode
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.table import Table
from chalicelib.store.work import WorkRow


class DigestNote(NamedTuple):
    """What is known of a brand's digests of a rhythm: all until `since` is done with, and the
    next one ends at `until`, once that is settled."""

    brand_id: str
    rhythm: Rhythm
    since: datetime
    until: datetime | None
    asked_at: datetime
    renewals: int

    def is_fresh(self, now: datetime) -> bool:
        """Whether somebody asked lately, who may have until now to confirm."""
        return now - self.asked_at < _TIME_TO_CONFIRM


_TIME_TO_CONFIRM = timedelta(days=4)
"""SNS forgets who has not confirmed sooner; what it lists lags by less."""


class Digests:
    """The notes in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def ask_for(
        self, brand_id: str, rhythm: Rhythm, at: datetime, *, since: datetime, due_at: datetime
    ) -> None:
        """Note that somebody wants a brand's digests. Those that are written already go on."""
        watched = keys.watched_digest(brand_id, rhythm)
        self._table.update(
            {"case_id": watched, "sk": keys.WATCH},
            "SET work_queue = if_not_exists(work_queue, :queue),"
            " due_at = if_not_exists(due_at, :due_at),"
            " begins_at = if_not_exists(begins_at, :since), asked_at = :at ADD renewals :one",
            None,
            queue=keys.due_queue(watched),
            due_at=timestamp(due_at),
            since=timestamp(since),
            at=timestamp(at),
            one=1,
        )

    def note(self, row: WorkRow) -> DigestNote | None:
        """The note of a row of due work; None where it has gone."""
        item = self._table.get(row._asdict())
        if item is None:
            return None
        plain = decode(item)
        return DigestNote(
            brand_id=keys.watched(row.case_id)[1],
            rhythm=Rhythm(keys.rhythm_of(row.case_id)),
            since=moment(plain["begins_at"]),
            until=moment(plain["ends_at"]) if "ends_at" in plain else None,
            asked_at=moment(plain["asked_at"]),
            renewals=int(plain["renewals"]),
        )

    def settle(self, row: WorkRow, note: DigestNote, until: datetime) -> bool:
        """Settle, before it is sent, where the digest ends; False where another run was faster."""
        condition = "begins_at = :since AND attribute_not_exists(ends_at)"
        return self._changed(row, note, "SET ends_at = :until", condition, until=timestamp(until))

    def go_on(self, row: WorkRow, note: DigestNote, *, until: datetime, due_at: datetime) -> None:
        """All until then is done with: the note is due again for what comes after. Nothing is done
        where another run has noted that."""
        self._changed(
            row,
            note,
            "SET begins_at = :until, due_at = :due_at, attempts = :none REMOVE ends_at, last_error",
            "begins_at = :since",
            until=timestamp(until),
            due_at=timestamp(due_at),
            none=0,
        )

    def _changed(
        self, row: WorkRow, note: DigestNote, expression: str, condition: str, **values: object
    ) -> bool:
        try:
            self._table.update(
                row._asdict(), expression, condition, since=timestamp(note.since), **values
            )
        except ConditionFailed:
            return False
        return True
