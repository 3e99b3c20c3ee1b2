"""Erasures: asked for, begun and not yet finished, and the register of all that were.

Requests and what is unfinished are rows beside the case they are about. The register is in the
bucket, outside every table: a table that is restored from before an erasure meets it there.
"""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.dates import timestamp
from chalicelib.domain.identities.erasure import ErasureRequest
from chalicelib.domain.vocabulary import ErasureScope
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.files import Files
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table


class Erasures:
    """The rows in the `cases` table, and the register in the bucket."""

    def __init__(self, table: Table, files: Files) -> None:
        self._table = table
        self._files = files

    def request(self, case_id: str) -> ErasureRequest | None:
        """The open request for a case."""
        item = self._table.get(_request_key(case_id))
        return _request(item) if item else None

    def request_row(self, request: ErasureRequest) -> Row:
        """Row for `Cases.save`: a request."""
        item = {
            **dump(request),
            **_request_key(request.grievance_id),
            "work_queue": keys.ERASURE_REQUESTS,
            "due_at": timestamp(request.requested_at),
        }
        return self._table.put_row(encode(item), NOT_THERE_YET)

    def requests(self, limit: int, start: Start | None) -> Page[ErasureRequest]:
        """A page of the open requests of all partners, oldest first."""
        queue = {"work_queue": keys.ERASURE_REQUESTS}
        page = self._table.page(queue, limit, start, index="work")
        wanted = [_request_key(item["case_id"]["S"]) for item in page.items]
        found = {r.grievance_id: r for r in map(_request, self._table.get_many(wanted))}
        ids = [key["case_id"] for key in wanted]
        return Page([found[case_id] for case_id in ids if case_id in found], page.next_start)

    def begun_rows(self, case_id: str, at: datetime) -> list[Row]:
        """Rows for `Cases.save`: an erasure that is to be finished, and no request any more."""
        begun = {
            **_unfinished_key(case_id),
            "work_queue": keys.unfinished_erasures(case_id),
            "due_at": timestamp(at),
        }
        return [
            self._table.put_row(encode(begun)),
            self._table.delete_row(_request_key(case_id)),
        ]

    def unfinished(self, shard: int, limit: int) -> list[str]:
        """The ids of cases of a shard whose erasure was begun and not finished, oldest first."""
        queue = {"work_queue": keys.unfinished_erasures_shard(shard)}
        page = self._table.page(queue, limit, None, index="work")
        return [item["case_id"]["S"] for item in page.items]

    def put_back(self, case_id: str, at: datetime, *, requested: bool) -> None:
        """Put a request, or an erasure that was begun, back into its queue; none is made anew."""
        key = _request_key(case_id) if requested else _unfinished_key(case_id)
        queue = keys.ERASURE_REQUESTS if requested else keys.unfinished_erasures(case_id)
        expression = "SET work_queue = :queue, due_at = if_not_exists(due_at, :at)"
        there = "attribute_exists(case_id)"
        try:
            self._table.update(key, expression, there, queue=queue, at=timestamp(at))
        except ConditionFailed:
            return

    def finished(self, case_id: str) -> None:
        """Note that nothing of an erasure is left to do."""
        self._table.delete(_unfinished_key(case_id))

    def register(self, case_id: str, scope: ErasureScope, at: datetime) -> None:
        """Write an erasure into the register. Again, if need be: it says the same."""
        for covered in dict.fromkeys((ErasureScope.IDENTITY, scope)):
            self._files.put(
                keys.erasure_file(covered, case_id), timestamp(at).encode(), "text/plain"
            )

    def is_registered(self, case_id: str) -> bool:
        """Whether the identity of a case was ever erased, whatever the tables say."""
        return self._files.exists(keys.erasure_file(ErasureScope.IDENTITY, case_id))

    def registered(self, scope: ErasureScope, after: str | None) -> Iterator[str]:
        """The ids in the register, from the one behind `after`, in alphabetical order."""
        prefix = keys.erasure_file(scope, "")
        start = None if after is None else prefix + after
        for key in self._files.keys_under(prefix, start):
            yield key.removeprefix(prefix)


def _request_key(case_id: str) -> dict[str, str]:
    return {"case_id": case_id, "sk": keys.ERASURE_REQUEST}


def _unfinished_key(case_id: str) -> dict[str, str]:
    return {"case_id": case_id, "sk": keys.ERASURE}


def _request(item: Item) -> ErasureRequest:
    return load(ErasureRequest, item)
