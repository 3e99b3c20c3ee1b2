"""Jobs: imports and exports, found again by the tick when a run was lost."""

from datetime import datetime, timedelta

from chalicelib.domain.dates import timestamp
from chalicelib.domain.job import Job, JobKind
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Table

DUE = "jobs"
KEPT = timedelta(days=90)


class Jobs:
    """The `jobs` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, job_id: str) -> Job | None:
        """A job; None when there is none."""
        item = self._table.get({"job_id": job_id})
        return load(Job, item) if item else None

    def save(self, job: Job) -> None:
        """Write a job as it is now. It stays in the due index until `due_at` is None."""
        item = dump(job) | {"expires": int((job.created_at + KEPT).timestamp())}
        item["owner"] = _owner(job.kind, job.owner)
        if job.due_at is not None:
            item["due_queue"] = DUE
        self._table.put(encode(item))

    def due(self, now: datetime, limit: int) -> list[str]:
        """The ids of jobs that nobody has finished or is working on, longest due first."""
        page = self._table.page(
            {"due_queue": DUE},
            limit,
            None,
            index="due",
            sort="due_at <= :now",
            values={"now": timestamp(now)},
        )
        return [item["job_id"]["S"] for item in page.items]

    def of_owner(self, kind: JobKind, owner: str, limit: int, start: Start | None) -> Page[Job]:
        """A page of an owner's jobs of a kind, newest first."""
        partition = {"#owner": _owner(kind, owner)}
        page = self._table.page(
            partition, limit, start, index="by_owner", descending=True, names={"#owner": "owner"}
        )
        return Page([load(Job, item) for item in page.items], page.next_start)


def _owner(kind: JobKind, owner: str) -> str:
    return f"{kind}#{owner}"
