"""Calls to the helpline, by partner and month and by what was said, in the `registry` table."""

from collections.abc import Sequence

from chalicelib.domain.dates import moment, timestamp
from chalicelib.domain.helpline.call import LoggedCall
from chalicelib.domain.helpline.call_statistics import TopicCount, counted
from chalicelib.domain.helpline.standard_answer import GivenAnswer
from chalicelib.errors import VersionConflict
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import Contended, TransactionRefused
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(pk)"


class Calls:
    """The calls in the `registry` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def logged(self, call_id: str) -> LoggedCall | None:
        """A call; None when there is none. Two calls."""
        claim = self._table.get(_claim_key(call_id))
        if claim is None:
            return None
        key = _key(claim["partner_id"]["S"], claim["logged_at"]["S"], call_id)
        item = self._table.get(key)
        return load(LoggedCall, item) if item else None

    def new_rows(self, call: LoggedCall) -> list[Row]:
        """Rows for a transaction: a call that is not there yet."""
        at, stored = timestamp(call.logged_at), dump(call)
        claim = {"partner_id": call.partner_id, "logged_at": at}
        items = [
            {**_claim_key(call.call_id), **claim},
            {**_key(call.partner_id, at, call.call_id), **stored},
        ]
        if call.given is not None:
            items.append({**_given_key(call.given, call.partner_id, at, call.call_id), **stored})
        rows = [self._table.put_row(encode(item), NOT_THERE_YET) for item in items]
        return [*rows, self._counting_row(call)]

    def _counting_row(self, call: LoggedCall) -> Row:
        """What the call adds to its topic of the month, in the transaction that writes the call."""
        added = counted(call)
        names = sorted(name for name, value in dict(added).items() if isinstance(value, int))
        return self._table.update_row(
            _topic_key(call),
            f"ADD {', '.join(f'{name} :{name}' for name in names)}"
            " SET topic = :topic, jurisdiction = :jurisdiction",
            None,
            **{name: getattr(added, name) for name in names},
            topic=call.topic,
            jurisdiction=call.jurisdiction,
        )

    def add(self, rows: Sequence[Row]) -> None:
        """Write a new call. VersionConflict where it is there already."""
        try:
            self._table.transact(rows)
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def of_month(
        self, partner_id: str, month: str, limit: int, start: Start | None
    ) -> Page[LoggedCall]:
        """A page of a partner's calls of a month (UTC), newest first."""
        partition = {"pk": f"CALLS#{partner_id}#{month}"}
        return _loaded(self._table.page(partition, limit, start, descending=True))

    def topics_of_month(self, partner_id: str, month: str) -> list[TopicCount]:
        """The counts of a partner's calls of a month, by topic; a call for each hundred."""
        partition = {"pk": f"CALLED#{partner_id}#{month}"}
        items = every_item(lambda start: self._table.page(partition, 100, start))
        return [load(TopicCount, item) for item in items]

    def given(
        self, answer_id: str, version: int, partner_id: str, limit: int, start: Start | None
    ) -> Page[LoggedCall]:
        """A page of a partner's calls in which a version was given, newest first."""
        partition = {"pk": f"GIVEN#{answer_id}#{version}#{partner_id}"}
        return _loaded(self._table.page(partition, limit, start, descending=True))


def _loaded(page: Page[Item]) -> Page[LoggedCall]:
    return Page([load(LoggedCall, item) for item in page.items], page.next_start)


def _claim_key(call_id: str) -> dict[str, str]:
    return {"pk": f"CALL#{call_id}", "sk": "CALL"}


def _key(partner_id: str, at: str, call_id: str) -> dict[str, str]:
    return {"pk": f"CALLS#{partner_id}#{moment(at):%Y-%m}", "sk": f"{at}#{call_id}"}


def _topic_key(call: LoggedCall) -> dict[str, str]:
    partition = f"CALLED#{call.partner_id}#{call.logged_at:%Y-%m}"
    return {"pk": partition, "sk": f"{call.topic}#{call.jurisdiction}"}


def _given_key(given: GivenAnswer, partner_id: str, at: str, call_id: str) -> dict[str, str]:
    partition = f"GIVEN#{given.answer_id}#{given.version}#{partner_id}"
    return {"pk": partition, "sk": f"{at}#{call_id}"}
