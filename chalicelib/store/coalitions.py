"""Coalitions with their ledger entries: an item collection for each factory and category.

Their alerts lie beside them, as those of a case do. A head is in the by_day index, so that it is
looked through with the cases of its day; in no other that cases are listed from.
"""

from collections.abc import Sequence
from functools import partial

from chalicelib.domain.alerting.coalition import Coalition
from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Entry
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET, change_entry
from chalicelib.store.codec import Item, dump, encode, load, readable
from chalicelib.store.faults import Contended, TransactionRefused
from chalicelib.store.table import Row, Table

STILL_AS_READ = "version = :expected"


class Coalitions:
    """The heads and ledgers of coalitions in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def head(self, coalition_id: str) -> Coalition | None:
        """A coalition, read consistently; None when there is none."""
        item = self._table.get(_key(coalition_id))
        return coalition_in(item) if item else None

    def heads(self, coalition_ids: Sequence[str]) -> dict[str, Coalition]:
        """The coalitions among some ids that exist and can be read, a hundred a call."""
        found = self._items(coalition_ids)
        return {c.coalition_id: c for c in readable(partial(load, Coalition), found)}

    def existing(self, coalition_ids: Sequence[str]) -> dict[str, Coalition]:
        """Those that exist. One that cannot be read raises: it must not be taken for none."""
        return {c.coalition_id: c for c in map(coalition_in, self._items(coalition_ids))}

    def _items(self, coalition_ids: Sequence[str]) -> list[Item]:
        wanted = [_key(coalition_id) for coalition_id in dict.fromkeys(coalition_ids)]
        return self._table.get_many(wanted)

    def save(self, coalition: Coalition, entry: Entry, rows: Sequence[Row] = ()) -> None:
        """Write a new or changed coalition, its entry and further rows, all or nothing.

        The first entry is part of the head. Raises VersionConflict when somebody else wrote it.
        """
        head = _head_item(coalition)
        if coalition.version == 1:
            written = [self._table.put_row(head, NOT_THERE_YET)]
        else:
            expected = coalition.version - 1
            written = [
                self._table.put_row(head, STILL_AS_READ, expected=expected),
                self._table.put_row(_entry_item(coalition, entry), NOT_THERE_YET),
            ]
        try:
            self._table.transact([*written, *rows])
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused


def coalition_in(item: Item) -> Coalition:
    """The coalition whose head an item is."""
    return load(Coalition, item)


def _key(coalition_id: str) -> dict[str, str]:
    return {"case_id": coalition_id, "sk": keys.COALITION}


def _head_item(coalition: Coalition) -> Item:
    first = coalition.first_entry
    return encode(
        {
            **dump(coalition),
            **_key(coalition.coalition_id),
            "received_day": keys.received_day(first.at, coalition.coalition_id),
            "received_at": timestamp(first.at),
            **change_entry(coalition.coalition_id, first, first),
        }
    )


def _entry_item(coalition: Coalition, entry: Entry) -> Item:
    key = {"case_id": coalition.coalition_id, "sk": keys.ledger(entry.seq)}
    change = change_entry(coalition.coalition_id, coalition.first_entry, entry)
    return encode({**dump(entry), **key, **change})
