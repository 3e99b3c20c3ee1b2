"""Due work: cases to check and alerts to publish, in the sparse index that is the queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.dates import timestamp
from chalicelib.domain.work.operations import Quarantined, RowKind
from chalicelib.store import keys
from chalicelib.store.codec import Item, decode
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table

STILL_DUE = "attribute_exists(work_queue)"
THERE = "attribute_exists(case_id)"
WATCHED = "SET work_queue = :queue, due_at = :at ADD renewals :one"

SHARDS = keys.WORK_SHARDS


class WorkRow(NamedTuple):
    """A row of due work: a case to check, an alert to publish, or a change to follow up."""

    case_id: str
    sk: str

    @property
    def is_case(self) -> bool:
        """Whether it is a case to check."""
        return self.sk == keys.HEAD

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert to publish."""
        return self.sk.startswith(keys.ALERT_PREFIX)

    @property
    def watched(self) -> tuple[str, str] | None:
        """(`factory`, `brand`, `country`, `escrow`, `merged`, `signals` or `digest`, its id) that
        has changed, or whose time has come, where something follows from that."""
        return keys.watched(self.case_id) if self.sk == keys.WATCH else None

    @property
    def alert_id(self) -> str:
        """The alert's id; only of a row that is one."""
        return self.sk.removeprefix(keys.ALERT_PREFIX)

    @property
    def kind(self) -> RowKind:
        """What it is."""
        if self.is_alert:
            return RowKind.ALERT
        return RowKind.CASE if self.is_case else RowKind.CHANGE

    @property
    def id(self) -> str:
        """Which one: a grievance's id, an alert's, or `factory#…`, `brand#…`, `country#…`."""
        if self.is_alert:
            return self.alert_id
        return self.case_id if self.is_case else "#".join(keys.watched(self.case_id))


class Progress(NamedTuple):
    """How far a note was worked off: its renewals when that began, and where to go on. `once` says
    that all of it was, once, since it was last renewed."""

    renewals: int
    position: dict[str, Any] | None
    once: bool = False


def head_row(case_id: str) -> WorkRow:
    """The row of a case's head."""
    return WorkRow(case_id, keys.HEAD)


class Work:
    """The `work` index of the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def anything_due(self, shard: int, now: datetime) -> bool:
        """Whether a shard has anything due: one read of one key, however much there is."""
        return bool(self.due(shard, now, limit=1, start=None).items)

    def due(self, shard: int, now: datetime, *, limit: int, start: Start | None) -> Page[WorkRow]:
        """A page of what is due in a shard, longest due first. There is no upper age."""
        page = self._due_items(shard, now, limit, start)
        return Page([_row(item) for item in page.items], page.next_start)

    def _due_items(self, shard: int, now: datetime, limit: int, start: Start | None) -> Page[Item]:
        return self._table.page(
            {"work_queue": keys.due_shard(shard)},
            limit,
            start,
            index="work",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )

    def oldest_due(self, shard: int, now: datetime) -> datetime | None:
        """Since when the longest due row of a shard is due; None where nothing is."""
        items = self._due_items(shard, now, 1, None).items
        return datetime.fromisoformat(items[0]["due_at"]["S"]) if items else None

    def quarantined(self, shard: int, *, limit: int, start: Start | None) -> Page[WorkRow]:
        """A page of what was quarantined in a shard."""
        queue = {"work_queue": keys.quarantine_shard(shard)}
        page = self._table.page(queue, limit, start, index="work")
        return Page([_row(item) for item in page.items], page.next_start)

    def quarantined_rows(self, rows: Sequence[WorkRow]) -> list[Quarantined]:
        """Why rows were quarantined, in their order. Reads what any row has, however broken."""
        items = map(decode, self._table.get_many([row._asdict() for row in rows]))
        found = {WorkRow(item["case_id"], item["sk"]): item for item in items}
        return [_quarantined(row, found[row]) for row in rows if row in found]

    def release(self, row: WorkRow, at: datetime) -> bool:
        """Make a row that was quarantined due again; False when it no longer is quarantined."""
        expression = "SET work_queue = :queue, due_at = :at, attempts = :none"
        if row.is_case:
            expression += ", check_due_at = :at"
        try:
            self._table.update(
                row._asdict(),
                f"{expression} REMOVE last_error",
                "begins_with(work_queue, :aside)",
                queue=keys.due_queue(row.case_id),
                at=timestamp(at),
                none=0,
                aside=keys.QUARANTINE_PREFIX,
            )
        except ConditionFailed:
            return False
        return True

    def make_due(self, case_id: str, at: datetime) -> None:
        """Send a case back to the check: something it waited for has become known."""
        expression = (
            "SET work_queue = :queue, due_at = :at, check_due_at = :at, wakes = wakes + :one"
        )
        queue = keys.due_queue(case_id)
        key = {"case_id": case_id, "sk": keys.HEAD}
        try:
            self._table.update(key, expression, THERE, queue=queue, at=timestamp(at), one=1)
        except ConditionFailed:
            return

    def watch(self, factory_id: str, at: datetime) -> None:
        """Note that a factory's links have changed: its cases are looked at again."""
        self._put_watch(keys.watched_factory(factory_id), at)

    def watch_row(self, factory_id: str, at: datetime) -> Row:
        """Row for `Cases.save`: the same note."""
        return self._watch_row(keys.watched_factory(factory_id), at)

    def watch_brand(self, brand_id: str, at: datetime) -> None:
        """The same for all factories of a brand: a new list of it has been read."""
        self._put_watch(keys.watched_brand(brand_id), at)

    def watch_country(self, country: str, at: datetime) -> None:
        """Note that a country's factories have changed: what waits there is looked at again."""
        self._put_watch(keys.watched_country(country), at)

    def watch_merged(self, factory_id: str, at: datetime) -> None:
        """Note that a factory has turned out to be another one: its open cases go there."""
        self._put_watch(keys.watched_merged(factory_id), at)

    def watch_escrow_row(self, factory_id: str, at: datetime) -> Row:
        """Row for `Cases.save`: note that a factory's escrow may open; to be looked at from `at`.

        Its own key: not a `watch` of the factory's links, which has other cases looked at.
        """
        return self._watch_row(keys.watched_escrow(factory_id), at)

    def watch_signals_row(self, factory_id: str, at: datetime) -> Row:
        """Row for a transaction: note that what was filed about a factory is to be looked at."""
        return self._watch_row(keys.watched_signals(factory_id, f"{at:%Y-%m-%d}"), at)

    def watch_signals(self, factory_id: str, at: datetime) -> None:
        """The same note by itself."""
        self._put_watch(keys.watched_signals(factory_id, f"{at:%Y-%m-%d}"), at)

    def watch_engagement_row(self, brand_id: str, engagement_id: str, at: datetime) -> Row:
        """Row for a transaction: what could not be told to a brand may be told from `at`."""
        return self._watch_row(keys.watched_engagement(brand_id, engagement_id), at)

    def _put_watch(self, watched: str, at: datetime) -> None:
        self._table.update(
            {"case_id": watched, "sk": keys.WATCH}, WATCHED, None, **_watched(watched, at)
        )

    def _watch_row(self, watched: str, at: datetime) -> Row:
        return self._table.update_row(
            {"case_id": watched, "sk": keys.WATCH}, WATCHED, None, **_watched(watched, at)
        )

    def progress(self, row: WorkRow) -> "Progress":
        """How far the working off of a note has come; read it before going on."""
        item = self._table.get(row._asdict()) or {}
        plain = decode(item)
        begun, renewals = plain.get("begun"), int(plain.get("renewals", 0))
        if begun is None:
            return Progress(renewals, None, once=plain.get("once") == renewals)
        return Progress(int(begun["renewals"]), begun["position"])

    def keep_progress(self, row: WorkRow, progress: "Progress") -> None:
        """Keep how far the working off has come, for the next run."""
        begun = {"renewals": progress.renewals, "position": progress.position}
        try:
            self._table.update(row._asdict(), "SET begun = :begun", STILL_DUE, begun=begun)
        except ConditionFailed:
            return

    def watch_once_more(self, row: WorkRow, progress: "Progress", at: datetime) -> None:
        """Have a note that is worked off worked off once more, from `at`; the second time it goes.

        A check that read the registry before the change may write what it found after the note was
        worked off, and an index shows what was written only later. One that was renewed since stays
        as it is.
        """
        if progress.once:
            self.unwatch(row, progress.renewals)
            return
        try:
            self._table.update(
                row._asdict(),
                "SET due_at = :at, once = :seen REMOVE begun",
                "renewals = :seen",
                at=timestamp(at),
                seen=progress.renewals,
            )
        except ConditionFailed:
            self._begin_again(row)

    def unwatch(self, row: WorkRow, renewals: int) -> None:
        """Take a note away once it is worked off.

        One that was renewed since `renewals` stays, to be worked off from its beginning.
        """
        try:
            self._table.delete(row._asdict(), "renewals = :seen", seen=renewals)
        except ConditionFailed:
            self._begin_again(row)

    def _begin_again(self, row: WorkRow) -> None:
        try:
            self._table.update(row._asdict(), "REMOVE begun", STILL_DUE)
        except ConditionFailed:
            return

    def attempts(self, row: WorkRow) -> int:
        """How often a row has failed so far."""
        item = self._table.get(row._asdict()) or {}
        return int(item.get("attempts", {}).get("N", 0))

    def postpone(
        self, row: WorkRow, *, attempts: int, until: datetime, error: str, give_up: bool
    ) -> None:
        """Note that a row failed: due again at `until`, or quarantined for the operator.

        `error` is the name of what went wrong, never a message that could hold personal data.
        """
        queue = keys.quarantine(row.case_id) if give_up else keys.due_queue(row.case_id)
        expression = (
            "SET work_queue = :queue, due_at = :until, attempts = :attempts, last_error = :error"
        )
        if row.is_case:
            expression += ", check_due_at = :until"
        try:
            self._table.update(
                row._asdict(),
                expression,
                STILL_DUE,
                queue=queue,
                until=timestamp(until),
                attempts=attempts,
                error=error,
            )
        except ConditionFailed:
            return


def _row(item: Item) -> WorkRow:
    return WorkRow(item["case_id"]["S"], item["sk"]["S"])


def _quarantined(row: WorkRow, item: Mapping[str, Any]) -> Quarantined:
    return Quarantined(
        kind=row.kind,
        id=row.id,
        attempts=int(item.get("attempts", 0)),
        last_error=item.get("last_error"),
        since=item.get("due_at"),
    )


def _watched(watched: str, at: datetime) -> dict[str, Any]:
    return {"queue": keys.due_queue(watched), "at": timestamp(at), "one": 1}
