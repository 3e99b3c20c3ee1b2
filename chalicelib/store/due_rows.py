"""Rows of a case's item collection that something is still to be done for, each with a version.

A row with `due_at` lies in a partition of the work index, where the tick finds it; one without is
settled, and lies in none. A row is written anew only as it was read.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.domain.cases.attachment import Attachment
from chalicelib.domain.dates import timestamp
from chalicelib.domain.helpline.media import Media
from chalicelib.domain.helpline.outbound import Outbound
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

V = TypeVar("V", Attachment, Outbound, Media)

AS_READ = "version = :seen"


class DueRows(Generic[V]):
    """The rows of one kind in the `cases` table."""

    def __init__(
        self,
        table: Table,
        read: Callable[[Item], V],
        *,
        prefix: str,
        sort_key: Callable[[str], str],
        queue: str,
        id_of: Callable[[V], str],
    ) -> None:
        """`read` makes a value of an item, `sort_key` a row's sort key, which begins with `prefix`,
        of its id; `queue` is the partition of the work index that holds those that are due."""
        self._table = table
        self._read: Callable[[Item], V] = read
        self._prefix, self._sort_key, self._queue = prefix, sort_key, queue
        self._id_of: Callable[[V], str] = id_of

    def get(self, case_id: str, row_id: str) -> V | None:
        """One of them, read consistently; None when there is none."""
        item = self._table.get(self._key(case_id, row_id))
        return self._read(item) if item else None

    def of_case(self, case_id: str, limit: int, start: Start | None) -> Page[V]:
        """A page of a case's."""
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": self._prefix},
        )
        return Page([self._read(item) for item in page.items], page.next_start)

    def all_of_case(self, case_id: str) -> list[V]:
        """All of a case; a call for each hundred."""
        return list(every_item(lambda start: self.of_case(case_id, 100, start)))

    def those_of(self, case_id: str, row_ids: Sequence[str]) -> dict[str, V]:
        """Some of a case by their ids, a hundred a call; those that are there."""
        wanted = [self._key(case_id, row_id) for row_id in row_ids]
        found = map(self._read, self._table.get_many(wanted)) if wanted else ()
        return {self._id_of(row): row for row in found}

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(case id, its id) of what something is to be done for now, longest due first."""
        page = self._table.page(
            {"work_queue": self._queue},
            limit,
            None,
            index="work",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )
        rows = ((item["case_id"]["S"], item["sk"]["S"]) for item in page.items)
        return [(case_id, sk.removeprefix(self._prefix)) for case_id, sk in rows]

    def add(self, row: V) -> bool:
        """Keep a new one; False where it is there already."""
        try:
            self._table.put(self._item(row), NOT_THERE_YET)
        except ConditionFailed:
            return False
        return True

    def save(self, row: V) -> None:
        """Write a new one, or the next version. VersionConflict when somebody else has."""
        try:
            if row.version == 1:
                self._table.put(self._item(row), NOT_THERE_YET)
            else:
                self._table.put(self._item(row), AS_READ, seen=row.version - 1)
        except (ConditionFailed, Contended) as refused:
            raise VersionConflict() from refused

    def row(self, row: V) -> Row:
        """Row for a transaction: a new one, or the next version."""
        if row.version == 1:
            return self._table.put_row(self._item(row), NOT_THERE_YET)
        return self._table.put_row(self._item(row), AS_READ, seen=row.version - 1)

    def _item(self, row: V) -> Item:
        plain = dump(row)
        plain |= self._key(plain.pop("grievance_id"), self._id_of(row))
        if row.due_at is not None:
            plain["work_queue"] = self._queue
        return encode(plain)

    def _key(self, case_id: str, row_id: str) -> dict[str, str]:
        return {"case_id": case_id, "sk": self._sort_key(row_id)}


def attachment_in(item: Item) -> Attachment:
    """The attachment whose row an item is."""
    kept = {"sha256": {"NULL": True}, "commitment_key": {"NULL": True}, "due_at": {"NULL": True}}
    return load(Attachment, {**kept, **item, "grievance_id": item["case_id"]})


def outbound_in(item: Item) -> Outbound:
    """The message whose row an item is."""
    return load(Outbound, {**item, "grievance_id": item["case_id"]})


def media_in(item: Item) -> Media:
    """What a row says of a picture, or a recording."""
    return load(Media, {**item, "grievance_id": item["case_id"]})


class Attachments(DueRows[Attachment]):
    """The attachments in the `cases` table."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            attachment_in,
            prefix=keys.ATTACHMENT_PREFIX,
            sort_key=keys.attachment,
            queue=keys.ATTACHMENTS_DUE,
            id_of=lambda attachment: attachment.attachment_id,
        )


class OutboundMessages(DueRows[Outbound]):
    """The messages on their way to workers in the `cases` table."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            outbound_in,
            prefix=keys.OUTBOUND_PREFIX,
            sort_key=keys.outbound,
            queue=keys.OUTBOUND_DUE,
            id_of=lambda message: message.outbound_id,
        )


class MediaToFetch(DueRows[Media]):
    """The pictures and recordings in the `cases` table that providers hold for us."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            media_in,
            prefix=keys.MEDIA_PREFIX,
            sort_key=keys.media,
            queue=keys.MEDIA_DUE,
            id_of=lambda media: media.media_id,
        )
