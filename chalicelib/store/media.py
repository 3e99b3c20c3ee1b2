"""Pictures that came with messages: a row each in the case's item collection until they are
attachments; what is to be fetched is indexed."""

from datetime import datetime

from chalicelib.domain.dates import timestamp
from chalicelib.domain.media import Media
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

AS_READ = "version = :seen"


class MediaToFetch:
    """The pictures of messages in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, case_id: str, media_id: str) -> Media | None:
        """One, read consistently; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.media(media_id)})
        return media_in(item) if item else None

    def of_case(self, case_id: str, limit: int, start: Start | None) -> Page[Media]:
        """A page of a case's."""
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": keys.MEDIA_PREFIX},
        )
        return Page([media_in(item) for item in page.items], page.next_start)

    def all_of_case(self, case_id: str) -> list[Media]:
        """All of a case; a call for each hundred."""
        return list(every_item(lambda start: self.of_case(case_id, 100, start)))

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(case id, its id) of what is to be fetched now, longest due first."""
        page = self._table.page(
            {"work_queue": keys.MEDIA_DUE},
            limit,
            None,
            index="work",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )
        rows = ((item["case_id"]["S"], item["sk"]["S"]) for item in page.items)
        return [(case_id, sk.removeprefix(keys.MEDIA_PREFIX)) for case_id, sk in rows]

    def save(self, media: Media) -> None:
        """Write the next version. VersionConflict when somebody else has written it."""
        try:
            self._table.put(_item(media), AS_READ, seen=media.version - 1)
        except (ConditionFailed, Contended) as refused:
            raise VersionConflict() from refused

    def row(self, media: Media) -> Row:
        """Row for a transaction: a new one, or the next version."""
        if media.version == 1:
            return self._table.put_row(_item(media), NOT_THERE_YET)
        return self._table.put_row(_item(media), AS_READ, seen=media.version - 1)


def _item(media: Media) -> Item:
    plain = dump(media)
    case_id = plain.pop("grievance_id")
    plain |= {"case_id": case_id, "sk": keys.media(media.media_id)}
    if media.due_at is not None:
        plain["work_queue"] = keys.MEDIA_DUE
    return encode(plain)


def media_in(item: Item) -> Media:
    """What a row says of a picture."""
    return load(Media, {**item, "grievance_id": item["case_id"]})
