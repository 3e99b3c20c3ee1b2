"""What partners are told: one partition of the `cases` table for each of them."""

from collections.abc import Sequence

from chalicelib.domain.cases.signal import Signal
from chalicelib.domain.vocabulary import SignalKind
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table


class Signals:
    """The signals in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def row(self, signal: Signal) -> Row:
        """Row for `Cases.save`: a signal."""
        key = {
            "case_id": keys.signals(signal.partner_id),
            "sk": keys.signal(signal.at, signal.signal_id),
        }
        return self._table.put_row(encode({**dump(signal), **key}), NOT_THERE_YET)

    def rows(self, signals: Sequence[Signal], *, room: int) -> list[Row]:
        """Rows for a transaction that has room for so many. What does not fit is written here,
        before it: what is done again tells a few partners twice."""
        for signal in signals[room:]:
            self.put(signal)
        return [self.row(signal) for signal in signals[:room]]

    def put(self, signal: Signal) -> None:
        """Write a signal by itself. One that is there already stays as it is."""
        try:
            self._table.put(self.row(signal)["Put"]["Item"], NOT_THERE_YET)
        except ConditionFailed:
            return

    def of_partner(
        self, partner_id: str, kind: SignalKind | None, limit: int, start: Start | None
    ) -> Page[Signal]:
        """A page of what a partner was told, newest first."""
        page = self._table.page(
            {"case_id": keys.signals(partner_id)},
            limit,
            start,
            descending=True,
            filters="kind = :kind" if kind else "",
            values={"kind": kind} if kind else None,
        )
        return Page([load(Signal, item) for item in page.items], page.next_start)
