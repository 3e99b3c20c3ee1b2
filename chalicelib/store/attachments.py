"""Attachments: a row each in the case's item collection; those with work left are in the index."""

from datetime import datetime

from chalicelib.domain.attachment import Attachment
from chalicelib.domain.dates import timestamp
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

AS_READ = "version = :seen"


class Attachments:
    """The attachments in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, case_id: str, attachment_id: str) -> Attachment | None:
        """An attachment, read consistently; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.attachment(attachment_id)})
        return attachment_in(item) if item else None

    def of_case(self, case_id: str, limit: int, start: Start | None) -> Page[Attachment]:
        """A page of a case's attachments."""
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": keys.ATTACHMENT_PREFIX},
        )
        return Page([attachment_in(item) for item in page.items], page.next_start)

    def all_of_case(self, case_id: str) -> list[Attachment]:
        """All attachments of a case; a call for each hundred."""
        return list(every_item(lambda start: self.of_case(case_id, 100, start)))

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(case id, attachment id) of what something is to be done for now, longest due first."""
        page = self._table.page(
            {"work_queue": keys.ATTACHMENTS_DUE},
            limit,
            None,
            index="work",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )
        rows = ((item["case_id"]["S"], item["sk"]["S"]) for item in page.items)
        return [(case_id, sk.removeprefix(keys.ATTACHMENT_PREFIX)) for case_id, sk in rows]

    def save(self, attachment: Attachment) -> None:
        """Write the next version. VersionConflict when somebody else has written it."""
        try:
            if attachment.version == 1:
                self._table.put(_item(attachment), NOT_THERE_YET)
            else:
                self._table.put(_item(attachment), AS_READ, seen=attachment.version - 1)
        except (ConditionFailed, Contended) as refused:
            raise VersionConflict() from refused

    def row(self, attachment: Attachment) -> Row:
        """Row for `Cases.save`: the next version."""
        if attachment.version == 1:
            return self._table.put_row(_item(attachment), NOT_THERE_YET)
        return self._table.put_row(_item(attachment), AS_READ, seen=attachment.version - 1)


def _item(attachment: Attachment) -> Item:
    plain = dump(attachment)
    case_id = plain.pop("grievance_id")
    plain |= {"case_id": case_id, "sk": keys.attachment(attachment.attachment_id)}
    if attachment.due_at is not None:
        plain["work_queue"] = keys.ATTACHMENTS_DUE
    return encode(plain)


def attachment_in(item: Item) -> Attachment:
    """The attachment whose row an item is."""
    kept = {"sha256": {"NULL": True}, "commitment_key": {"NULL": True}, "due_at": {"NULL": True}}
    return load(Attachment, {**kept, **item, "grievance_id": item["case_id"]})
