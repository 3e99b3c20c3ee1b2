"""Messages to workers: a row each in the case's item collection; what is to be sent is indexed."""

from datetime import datetime

from chalicelib.domain.dates import timestamp
from chalicelib.domain.outbound import Outbound
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

AS_READ = "version = :seen"


class OutboundMessages:
    """The messages on their way in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, case_id: str, outbound_id: str) -> Outbound | None:
        """A message, read consistently; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.outbound(outbound_id)})
        return outbound_in(item) if item else None

    def of_case(self, case_id: str, limit: int, start: Start | None) -> Page[Outbound]:
        """A page of a case's messages."""
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": keys.OUTBOUND_PREFIX},
        )
        return Page([outbound_in(item) for item in page.items], page.next_start)

    def all_of_case(self, case_id: str) -> list[Outbound]:
        """All messages of a case; a call for each hundred."""
        return list(every_item(lambda start: self.of_case(case_id, 100, start)))

    def those_of(self, case_id: str, outbound_ids: list[str]) -> dict[str, Outbound]:
        """Some messages of a case by their ids, a hundred a call; those that are there."""
        wanted = [{"case_id": case_id, "sk": keys.outbound(its_id)} for its_id in outbound_ids]
        found = map(outbound_in, self._table.get_many(wanted)) if wanted else ()
        return {message.outbound_id: message for message in found}

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(case id, message id) of what is to be sent now, longest due first."""
        page = self._table.page(
            {"work_queue": keys.OUTBOUND_DUE},
            limit,
            None,
            index="work",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )
        rows = ((item["case_id"]["S"], item["sk"]["S"]) for item in page.items)
        return [(case_id, sk.removeprefix(keys.OUTBOUND_PREFIX)) for case_id, sk in rows]

    def add(self, message: Outbound) -> bool:
        """Keep a new message; False where it is there already."""
        try:
            self._table.put(_item(message), NOT_THERE_YET)
        except ConditionFailed:
            return False
        return True

    def save(self, message: Outbound) -> None:
        """Write the next version. VersionConflict when somebody else has written it."""
        try:
            self._table.put(_item(message), AS_READ, seen=message.version - 1)
        except (ConditionFailed, Contended) as refused:
            raise VersionConflict() from refused

    def new_row(self, message: Outbound) -> Row:
        """Row for `Cases.save`: a new message."""
        return self._table.put_row(_item(message), NOT_THERE_YET)


def _item(message: Outbound) -> Item:
    plain = dump(message)
    case_id = plain.pop("grievance_id")
    plain |= {"case_id": case_id, "sk": keys.outbound(message.outbound_id)}
    if message.due_at is not None:
        plain["work_queue"] = keys.OUTBOUND_DUE
    return encode(plain)


def outbound_in(item: Item) -> Outbound:
    """The message whose row an item is."""
    return load(Outbound, {**item, "grievance_id": item["case_id"]})
