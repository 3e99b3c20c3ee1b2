"""All that there is of one case: its item collection in one query, its files in two listings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import Coalition
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.extension import Extension
from chalicelib.domain.cases.question import Question
from chalicelib.domain.identities.retention import Scheduled
from chalicelib.domain.record.ledger import Entry
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.domain.work.reconciliation import Lying, Queue, WholeCase
from chalicelib.store import keys
from chalicelib.store.alerts import is_watched
from chalicelib.store.attachment_files import AttachmentFiles
from chalicelib.store.cases import case_in, waiting_entry
from chalicelib.store.coalitions import coalition_in
from chalicelib.store.codec import Item, load
from chalicelib.store.due_rows import attachment_in, media_in, outbound_in
from chalicelib.store.paging import every_item
from chalicelib.store.revised_rows import asked_entry
from chalicelib.store.table import Table

T = TypeVar("T")

_REVIEW = keys.review_queue("")


class WholeCases:
    """The item collections of the `cases` table, and the bucket of attachments."""

    def __init__(self, table: Table, files: AttachmentFiles) -> None:
        self._table = table
        self._files = files

    def read(self, case_id: str) -> WholeCase:
        """A case with everything of it. Rows that cannot be read are left out, and it says so.

        The rows come before the files: a file that a row announces cannot be older than it. Query
        is no snapshot: who changes the case meanwhile may be seen by half.
        """
        items = {item["sk"]["S"]: item for item in self._items(case_id)}
        reading = _Reading(case_id)
        head = reading.one(items.get(keys.HEAD), case_in)
        alerts = _under(keys.ALERT_PREFIX, items)
        told = reading.all(alerts.values(), partial(load, Alert))
        attachments = _under(keys.ATTACHMENT_PREFIX, items)
        plans = _under(keys.PLAN_PREFIX, items)
        reading.all(plans.values(), partial(load, RemediationPlan))
        questions = _under(keys.QUESTION_PREFIX, items)
        asked = reading.all(questions.values(), partial(load, Question))
        extensions = _under(keys.EXTENSION_PREFIX, items)
        reading.all(extensions.values(), partial(load, Extension))
        return WholeCase(
            grievance_id=case_id,
            head=head,
            coalition=(coalition := reading.one(items.get(keys.COALITION), coalition_in)),
            waits_rightly=head is None or _waits_rightly(head.row, items[keys.HEAD]),
            entries=_entries(head or coalition, reading, items),
            alerts=told,
            alert_ids=frozenset(alerts),
            unwatched=[a for a, _ in told if not is_watched(a, alerts[a.alert_id])],
            attachments=reading.all(attachments.values(), attachment_in),
            attachment_ids=frozenset(attachments),
            outbound=reading.all(_under(keys.OUTBOUND_PREFIX, items).values(), outbound_in),
            media=reading.all(_under(keys.MEDIA_PREFIX, items).values(), media_in),
            plan_ids=frozenset(plans),
            question_ids=frozenset(questions),
            unlisted=[q for q, _ in asked if not _is_listed(q, questions[q.question_id])],
            extension_ids=frozenset(extensions),
            retention=reading.one(items.get(keys.RETENTION), partial(load, Scheduled)),
            request=reading.one(items.get(keys.ERASURE_REQUEST), lambda item: None),
            erasing=reading.one(items.get(keys.ERASURE), lambda item: None),
            unreadable=reading.failed,
            files=self._files.of_case(case_id),
        )

    def _items(self, case_id: str) -> Iterator[Item]:
        return every_item(lambda start: self._table.page({"case_id": case_id}, 1000, start))


class _Reading:
    """Rows of one case made values; `failed` once one of them could not be."""

    def __init__(self, case_id: str) -> None:
        self._queues = _queues_of(case_id)
        self.failed = False

    def all(self, items: Iterable[Item], read: Callable[[Item], T]) -> list[Lying[T]]:
        """Those that can be read."""
        found = (self.one(item, read) for item in items)
        return [lying for lying in found if lying is not None]

    def one(self, item: Item | None, read: Callable[[Item], T]) -> Lying[T] | None:
        """One of them; None where there is none, or none that can be read."""
        if item is None:
            return None
        try:
            return Lying(read(item), self._queue(item))
        except ValidationError:
            self.failed = True
            return None

    def _queue(self, item: Item) -> Queue | None:
        """Only a row with both keys of the index is in it."""
        if "work_queue" not in item or "due_at" not in item:
            return None
        name = item["work_queue"]["S"]
        return self._queues.get(name, Queue.REVIEW if name.startswith(_REVIEW) else Queue.ELSEWHERE)


def _queues_of(case_id: str) -> Mapping[str, Queue]:
    """The queues that rows of this case may lie in: of sharded ones, its own shard."""
    return {
        keys.due_queue(case_id): Queue.DUE,
        keys.quarantine(case_id): Queue.QUARANTINE,
        keys.ATTACHMENTS_DUE: Queue.ATTACHMENTS,
        keys.OUTBOUND_DUE: Queue.OUTBOUND,
        keys.MEDIA_DUE: Queue.MEDIA,
        keys.retention_queue(case_id, announced=False): Queue.RETENTION,
        keys.retention_queue(case_id, announced=True): Queue.ANNOUNCED,
        keys.ERASURE_REQUESTS: Queue.ERASURE_REQUESTS,
        keys.unfinished_erasures(case_id): Queue.ERASING,
    }


def _under(prefix: str, items: Mapping[str, Item]) -> dict[str, Item]:
    """The rows of a kind by what follows it in their sort key."""
    return {sk.removeprefix(prefix): items[sk] for sk in sorted(items) if sk.startswith(prefix)}


def _entries(
    head: Lying[Case] | Lying[Coalition] | None, reading: _Reading, items: Mapping[str, Item]
) -> list[Entry]:
    first = [] if head is None else [head.row.first_entry]
    later = _under(keys.LEDGER_PREFIX, items).values()
    return [*first, *(lying.row for lying in reading.all(later, partial(load, Entry)))]


def _is_listed(question: Question, item: Item) -> bool:
    """Whether the index holds a question to a factory where that looks for it, and no other one."""
    stored = {name: item[name]["S"] for name in ("waiting", "received_at") if name in item}
    return asked_entry(question) == stored


def _waits_rightly(case: Case, item: Item) -> bool:
    stored = item["waiting"]["S"] if "waiting" in item else None
    return waiting_entry(case).get("waiting") == stored
