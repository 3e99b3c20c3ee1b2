"""Jobs: imports and exports, found again by the tick when a run was lost."""

from datetime import datetime, timedelta

from chalicelib.domain.dates import timestamp
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
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
        return _job(item) if item else None

    def save(self, job: Job) -> None:
        """Write a job as it is now. It stays in the due index until `due_at` is None."""
        self._table.put(_item(job))

    def claim(self, job: Job, *, lease_until: datetime) -> Job | None:
        """Take a job to run it; None when another worker took it since it was read."""
        claimed = job.model_copy(
            update={
                "status": JobStatus.RUNNING,
                "attempts": job.attempts + 1,
                "due_at": lease_until,
            }
        )
        try:
            self._table.put(_item(claimed), "attempts = :seen", seen=job.attempts)
        except ConditionFailed:
            return None
        return claimed

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
        return Page([_job(item) for item in page.items], page.next_start)


def _owner(kind: JobKind, owner: str) -> str:
    return f"{kind}#{owner}"


def _item(job: Job) -> Item:
    plain = dump(job) | {
        "owner": _owner(job.kind, job.owner),
        "expires": int((job.created_at + KEPT).timestamp()),
    }
    if job.due_at is not None:
        plain["due_queue"] = DUE
    return encode(plain)


def _job(item: Item) -> Job:
    job = load(Job, item)
    return job.model_copy(update={"owner": job.owner.removeprefix(f"{job.kind}#")})
