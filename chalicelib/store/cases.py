"""Cases with their ledger entries and messages: one item collection for each grievance."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.alerting.escrow import waits
from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.cases.deadlines import looked_at_next
from chalicelib.domain.cases.message import Message
from chalicelib.domain.cases.routing import is_chosen, is_routable
from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Action, Entry
from chalicelib.domain.record.seal import Leaf
from chalicelib.domain.vocabulary import Routing
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store import keys
from chalicelib.store.codec import Item, decode, dump, encode, load, readable
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(case_id)"
STILL_AS_READ = "version = :expected AND wakes = :wakes"
"""`wakes` counts calls of `Work.make_due`: a check that read the registry before such a call must
not put the case to rest after it."""

_HANDED_OUT = ("seq", "at", "actor", "action", "data", "prev_hash", "hash")


class Claimed(NamedTuple):
    """What already stands under a key: the grievance it belongs to, the body it came with."""

    grievance_id: str
    fingerprint: str


class Crossings(NamedTuple):
    """People and cases whose data have crossed a border."""

    people: int
    cases: int


class PartnerFilter(NamedTuple):
    """What a partner's list is narrowed to; times are bounds of `received_at`, inclusive."""

    state: str | None = None
    severity: str | None = None
    category: str | None = None
    factory_id: str | None = None
    received_from: str | None = None
    received_to: str | None = None


class Cases:
    """The heads, ledgers and messages in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(
        self,
        case: Case,
        *,
        also_claims: str | None = None,
        rows: Sequence[Row] = (),
        linked: Sequence[Changed] = (),
        beside: Sequence[Row] = (),
    ) -> Claimed | None:
        """Write a new case in one conditional call; None, or what already stands there.

        With `also_claims` (a second key that must be unique), further rows, rows of others that
        stand `beside` it, or other cases that it is `linked` to, it is one transaction.
        Raises VersionConflict when somebody else changed one of those since it was read.
        """
        items = [_head_item(case), *_claim_items(case, also_claims)]
        if len(items) == 1 and not rows and not linked and not beside:
            return self._put_new(items[0])
        firsts = [self._table.put_row(item, NOT_THERE_YET) for item in items]
        others = [row for changed in linked for row in self._changed_rows(*changed)]
        try:
            self._table.transact([*firsts, *others, *rows, *beside])
        except TransactionRefused as refused:
            standing = [item for item in refused.items[: len(items)] if item]
            if not standing:
                raise (VersionConflict() if linked or beside else Unavailable()) from refused
            return _claimed(standing[0])
        except Contended as contended:
            if linked or beside:
                raise VersionConflict() from contended
            raise
        return None

    def _put_new(self, head: Item) -> Claimed | None:
        try:
            self._table.put(head, NOT_THERE_YET)
        except ConditionFailed as found:
            return _claimed(found.item or {})
        return None

    def claimed(self, case_id: str) -> Claimed | None:
        """What already stands under a key, read consistently; None where nothing does."""
        item = self._table.get({"case_id": case_id, "sk": keys.HEAD})
        return _claimed(item) if item else None

    def head(self, case_id: str) -> Case | None:
        """The case, read consistently; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.HEAD})
        return case_in(item) if item and "claims" not in item else None

    def heads(self, case_ids: Sequence[str]) -> dict[str, Case]:
        """The cases among any number of ids that exist and can be read, a hundred a call."""
        wanted = [{"case_id": case_id, "sk": keys.HEAD} for case_id in dict.fromkeys(case_ids)]
        cases = readable(case_in, self._table.get_many(wanted))
        return {case.grievance_id: case for case in cases}

    def by_receipt(self, receipt_hash: str) -> Case | None:
        """The case a receipt code belongs to."""
        page = self._table.page({"receipt_hash": receipt_hash}, 1, None, index="by_receipt")
        return self.head(page.items[0]["case_id"]["S"]) if page.items else None

    def of_partner(
        self, partner_id: str, wanted: PartnerFilter, limit: int, start: Start | None
    ) -> Page[dict[str, Any]]:
        """A page of a partner's cases as list rows, newest first."""
        page = self._table.page(
            {"partner_id": partner_id},
            limit,
            start,
            index="by_partner",
            descending=True,
            **_narrowed(wanted),
        )
        return Page([_list_row(item) for item in page.items], page.next_start)

    def review_queue(self, partner_id: str, limit: int, start: Start | None) -> Page[Case]:
        """A page of the cases whose factory a partner's reviewer must choose, oldest first."""
        queue = {"work_queue": keys.review_queue(partner_id)}
        page = self._table.page(queue, limit, start, index="work")
        ids = [item["case_id"]["S"] for item in page.items]
        cases = self.heads(ids)
        return Page([cases[case_id] for case_id in ids if case_id in cases], page.next_start)

    def of_factory(self, factory_id: str, start: Start | None) -> Page[tuple[str, str]]:
        """A page of (case id, state) of a factory's cases, oldest first."""
        page = self._table.page({"factory_id": factory_id}, 100, start, index="by_factory")
        rows = [(item["case_id"]["S"], item["state"]["S"]) for item in page.items]
        return Page(rows, page.next_start)

    def filed_about(self, factory_id: str, start: Start | None) -> Page[Case]:
        """A page of the cases about a factory, newest first."""
        page = self._table.page(
            {"factory_id": factory_id}, 100, start, index="by_factory", descending=True
        )
        found = self.heads([item["case_id"]["S"] for item in page.items])
        return Page(list(found.values()), page.next_start)

    def in_escrow(self, factory_id: str, start: Start | None) -> Page[Case]:
        """A page of the cases that wait for others to file about a factory, oldest first."""
        page = self._table.page(
            {"waiting": keys.in_escrow(factory_id)}, 100, start, index="by_waiting"
        )
        found = self.heads([item["case_id"]["S"] for item in page.items])
        return Page([case for case in found.values() if waits(case)], page.next_start)

    def waiting(self, country: str | None, start: Start | None) -> Page[Case]:
        """A page of the cases that were reported from a country (None: from an unknown one) and
        whose factory a changed registry may show, longest waiting first."""
        page = self._table.page({"waiting": keys.waiting(country)}, 100, start, index="by_waiting")
        found = self.heads([item["case_id"]["S"] for item in page.items])
        return Page(list(found.values()), page.next_start)

    def received_on(self, day: str) -> Iterator[list[Case]]:
        """All cases of a UTC day (`2026-11-22`), in batches of up to a hundred."""
        for ids in self.ids_received_on(day):
            found = self.heads(ids)
            yield [found[case_id] for case_id in ids if case_id in found]

    def ids_received_on(self, day: str) -> Iterator[list[str]]:
        """The ids of all cases of a UTC day, readable or not, in batches of up to a hundred."""
        for shard in range(keys.DAY_SHARDS):
            partition = {"received_day": keys.day_shard(day, shard)}
            start: Start | None = None
            while True:
                page = self._table.page(partition, 100, start, index="by_day")
                yield [item["case_id"]["S"] for item in page.items]
                if (start := page.next_start) is None:
                    break

    def changed_on(self, day: str, since: datetime) -> Iterator[list[Leaf]]:
        """The entries dated to a UTC day, not before `since`, in batches of up to a hundred.

        The index lags behind what is written.
        """
        for shard in range(keys.CHANGE_SHARDS):
            partition = {"changed_day": keys.day_shard(day, shard)}
            start: Start | None = None
            while True:
                page = self._table.page(
                    partition,
                    100,
                    start,
                    index="by_change",
                    sort="#at >= :since",
                    names={"#at": "at"},
                    values={"since": timestamp(since)},
                )
                yield [load(Leaf, item) for item in page.items]
                if (start := page.next_start) is None:
                    break

    def entries(self, case: Case, limit: int, start: Start | None) -> Page[Entry]:
        """A page of a case's ledger. The first entry is part of the head."""
        first = [case.first_entry] if start is None else []
        if len(first) == limit:
            after = encode({"case_id": case.grievance_id, "sk": keys.ledger(1)})
            return Page(first, after if case.version > 1 else None)
        page = self._under(case.grievance_id, keys.LEDGER_PREFIX, limit - len(first), start)
        return Page([*first, *(load(Entry, item) for item in page.items)], page.next_start)

    def later_entries(
        self, case: Case, action: Action, limit: int, start: Start | None
    ) -> Page[Entry]:
        """A page of the entries of one kind that a case's ledger has after the first."""
        page = self._table.page(
            {"case_id": case.grievance_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            filters="#action = :action",
            names={"#action": "action"},
            values={"prefix": keys.LEDGER_PREFIX, "action": action},
        )
        return Page([load(Entry, item) for item in page.items], page.next_start)

    def chains(self, cases: Sequence[Case]) -> dict[str, list[dict[str, Any]]]:
        """The ledger entries of some cases as they are stored, without what is private in them.

        By grievance id, in order. One that is not there is left out, and then the chain says so.
        """
        later = [
            {"case_id": case.grievance_id, "sk": keys.ledger(seq)}
            for case in cases
            for seq in range(2, case.version + 1)
        ]
        found = {
            (item["case_id"]["S"], item["sk"]["S"]): _stored_entry(item)
            for item in self._table.get_many(later)
        }
        chains = {
            case.grievance_id: [{**case.first_entry.content, "hash": case.first_entry.hash}]
            for case in cases
        }
        for key in later:
            if entry := found.get((key["case_id"], key["sk"])):
                chains[key["case_id"]].append(entry)
        return chains

    def messages(self, case_id: str, limit: int, start: Start | None) -> Page[Message]:
        """A page of a case's messages in the order of time."""
        page = self._under(case_id, keys.MESSAGE_PREFIX, limit, start)
        return Page([load(Message, item) for item in page.items], page.next_start)

    def _under(self, case_id: str, prefix: str, limit: int, start: Start | None) -> Page[Item]:
        sort = "begins_with(sk, :prefix)"
        return self._table.page(
            {"case_id": case_id}, limit, start, sort=sort, values={"prefix": prefix}
        )

    def save(self, case: Case, entry: Entry, rows: Sequence[Row] = ()) -> None:
        """Write a changed case, its ledger entry and further rows, all or nothing.

        Raises VersionConflict when somebody else changed the case since it was read.
        """
        try:
            self._table.transact([*self._changed_rows(case, entry), *rows])
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def _changed_rows(self, case: Case, entry: Entry) -> list[Row]:
        """A changed case, if nobody else has changed it since it was read, and its entry."""
        head = self._table.put_row(
            _head_item(case), STILL_AS_READ, expected=case.version - 1, wakes=case.wakes
        )
        item = {
            "case_id": case.grievance_id,
            "sk": keys.ledger(entry.seq),
            **dump(entry),
            **_change(case, entry),
        }
        return [head, self._table.put_row(encode(item), NOT_THERE_YET)]

    def rest(self, case: Case) -> None:
        """Write a case that came to rest as it was: it leaves the due work, no entry is due.

        Does nothing when somebody changed the case meanwhile.
        """
        try:
            self._table.put(
                _head_item(case), STILL_AS_READ, expected=case.version, wakes=case.wakes
            )
        except ConditionFailed:
            return

    def empty_messages(self, messages: Sequence[Message]) -> None:
        """Take their words away from messages, a hundred a call."""
        for position in range(0, len(messages), 100):
            batch = messages[position : position + 100]
            rows = [self._message_item(m.model_copy(update={"text": None})) for m in batch]
            self._table.transact([self._table.put_row(item) for item in rows])

    def _message_item(self, message: Message) -> Item:
        sort_key = keys.message(message.at, message.message_id)
        return encode({"case_id": message.grievance_id, "sk": sort_key, **dump(message)})

    def crossing_rows(self, before: Case, after: Case, at: datetime) -> list[Row]:
        """Rows for `save`: the people of a case are counted where it first crosses a border."""
        return [
            self._table.update_row(
                keys.crossings(border, at.year, after.grievance_id),
                "ADD people :people, cases :one",
                None,
                people=after.people,
                one=1,
            )
            for border in sorted({*after.crossed} - {*before.crossed})
        ]

    def crossings(self, borders: Iterable[str], year: int) -> dict[str, Crossings]:
        """How many people's data have crossed each of these borders in a year. One call."""
        wanted = [key for border in borders for key in keys.all_crossings(border, year)]
        counted: dict[str, Crossings] = {}
        for item in map(decode, self._table.get_many(wanted)):
            border = keys.border_of(item["case_id"])
            people, cases = counted.get(border, Crossings(0, 0))
            counted[border] = Crossings(people + item["people"], cases + item["cases"])
        return counted

    def message_row(self, message: Message) -> Row:
        """Row for `save`: a message."""
        return self._table.put_row(self._message_item(message), NOT_THERE_YET)


def _head_item(case: Case) -> Item:
    plain = dump(case)
    case_id = plain.pop("grievance_id")
    plain |= {
        "case_id": case_id,
        "sk": keys.HEAD,
        "received_day": keys.received_day(case.received_at, case_id),
        "factory_name": case.factory_reported.name,
        **_change(case, case.first_entry),
    }
    return encode(plain | _work(case) | waiting_entry(case) | deadline_entry(case))


def _claim_items(case: Case, also_claims: str | None) -> list[Item]:
    if also_claims is None:
        return []
    claim = {
        "case_id": also_claims,
        "sk": keys.HEAD,
        "claims": case.grievance_id,
        "fingerprint": case.fingerprint,
    }
    return [encode(claim)]


def _change(case: Case, entry: Entry) -> dict[str, str | int]:
    return change_entry(case.grievance_id, case.first_entry, entry)


def change_entry(record_id: str, first: Entry, entry: Entry) -> dict[str, str | int]:
    """The index entry by which a sealing finds a ledger entry. It is written once: the head's is
    its first entry's, whatever becomes of the case."""
    return {
        "changed_day": keys.changed_day(entry.at, record_id),
        "at": timestamp(entry.at),
        "chain": first.hash,
        "hash": entry.hash,
        "seq": entry.seq,
    }


def waiting_entry(case: Case) -> dict[str, str]:
    """The sparse index entry of a case that the check could not route to anybody, or that waits in
    escrow.

    Where a reviewer has chosen the factory there is nothing to look at again.
    """
    if waits(case) and is_routable(case):
        return {"waiting": keys.in_escrow(case.factory_id or "")}
    unrouted = case.routing in (Routing.NEEDS_REVIEW, Routing.NO_BRAND)
    if unrouted and is_routable(case) and not is_chosen(case):
        return {"waiting": keys.waiting(case.factory_reported.country)}
    return {}


def deadline_entry(case: Case) -> dict[str, str]:
    """The sparse index entry of a case whose clocks, or hold, will ask for something."""
    at = looked_at_next(case)
    if at is None:
        return {}
    return {"deadline_queue": keys.deadline_queue(case.grievance_id), "deadline_at": timestamp(at)}


def _work(case: Case) -> dict[str, str | None]:
    """The sparse index entry: due for the check, or waiting for the partner's reviewer.

    A case that was closed, referred or put on hold meanwhile waits for nobody's choice.
    """
    if case.check_due_at is not None:
        queue = keys.due_queue(case.grievance_id)
        return {"work_queue": queue, "due_at": timestamp(case.check_due_at)}
    if case.routing is Routing.NEEDS_REVIEW and is_routable(case):
        queue = keys.review_queue(case.partner_id)
        return {"work_queue": queue, "due_at": timestamp(case.received_at)}
    return {}


def case_in(item: Item) -> Case:
    """The case whose head an item is."""
    return load(Case, {**item, "grievance_id": item["case_id"]})


def _stored_entry(item: Item) -> dict[str, Any]:
    """An entry of the ledger as it is stored, readable or not."""
    plain = decode(item)
    return {name: plain[name] for name in _HANDED_OUT if name in plain}


def _claimed(item: Item) -> Claimed:
    plain = decode(item)
    return Claimed(plain.get("claims", plain["case_id"]), plain["fingerprint"])


def _list_row(item: Item) -> dict[str, Any]:
    plain = decode(item)
    return {**plain, "grievance_id": plain["case_id"]}


def _narrowed(wanted: PartnerFilter) -> dict[str, Any]:
    values: dict[str, Any] = {}
    filters: list[str] = []
    names: dict[str, str] = {}
    for name in ("state", "severity", "factory_id"):
        if (value := getattr(wanted, name)) is not None:
            filters.append(f"#{name} = :{name}")
            names[f"#{name}"] = name
            values[name] = value
    if wanted.category is not None:
        filters.append("contains(categories, :category)")
        values["category"] = wanted.category
    sort = ""
    if wanted.received_from or wanted.received_to:
        sort = "received_at BETWEEN :from AND :to"
        values |= {"from": wanted.received_from or "0", "to": wanted.received_to or "9"}
    narrowed: dict[str, Any] = {"sort": sort, "filters": " AND ".join(filters), "values": values}
    return narrowed | ({"names": names} if names else {})
