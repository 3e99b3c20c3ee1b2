"""Import a file of grievances: every good row becomes a case, every bad one comes back."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from chalicelib.channels.disclosure import UnreadableList
from chalicelib.channels.form_fields import FormDefaults
from chalicelib.channels.grievance_file import RAW, GrievanceRow, RefusedRow, read_grievances
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.grievance_import import (
    COLUMNS,
    FILED,
    GrievanceImportCounts,
    GrievanceImportRequest,
    refused_name,
)
from chalicelib.domain.work.job import Job, JobStatus, Progress
from chalicelib.errors import FieldError, HandshakeError, TooManyRequests, Unavailable
from chalicelib.usecases.admission.count_requests import count_filing, give_filing_back
from chalicelib.usecases.cases.submit_grievance import Submitted, submit_grievance

LIST = "list"
"""The uploaded file's name."""

_CSV = "text/csv; charset=utf-8"
_TIDIED_WITHIN = timedelta(minutes=1)
_EVERY = 25
"""Rows between two notes of progress."""


def import_grievances(job: Job, *, deps: Deps) -> Job:
    """File every row; the job as it ended. The uploaded file is deleted once that is written.

    Run again, it opens no second case: a row's key is its `partner_ref`, else what it says.
    Raises Unavailable (the job is due again then).
    """
    if job.finished_at is not None:  # a run that was killed before it could tidy up
        return _tidied(job, deps)
    content = deps.grievance_lists.get(job.job_id, LIST)
    if content is None:
        return _ended(job, GrievanceImportCounts(), deps, error="file_missing")
    run = _Run(job, deps)
    try:
        kind = job.params["content_type"]
        for row in read_grievances(content, _defaults(job), content_type=kind):
            run.take(row)
    except UnreadableList as unreadable:
        ended = run.ended(error=unreadable.code, detail=unreadable.detail)
    else:
        ended = run.ended()
    deps.jobs.save(ended.model_copy(update={"due_at": deps.now() + _TIDIED_WITHIN}))
    return _tidied(ended, deps)


def _tidied(job: Job, deps: Deps) -> Job:
    deps.grievance_lists.delete(job.job_id, LIST)
    status = JobStatus.FAILED if job.error else JobStatus.DONE
    return job.model_copy(update={"status": status, "due_at": None})


class _Filed(NamedTuple):
    """A row that has a case."""

    line: int
    partner_ref: str | None
    grievance_id: str
    public_ref: str
    receipt_code: str
    """For the worker, as in the answer to a single filing."""


class _Run:
    """One pass through the file."""

    def __init__(self, job: Job, deps: Deps) -> None:
        self._job = job
        self._deps = deps
        self._by = Principal(organisation=job.owner, **job.params["by"])
        house = deps.access.organisation(job.owner)
        self._a_day = house.filings_per_day if house else None
        self._seen: Counter[str] = Counter()
        self._filed: list[_Filed] = []
        self._refused: list[RefusedRow] = []
        self.counts = GrievanceImportCounts()

    def take(self, row: GrievanceRow | RefusedRow) -> None:
        """File a row, or put it with those that come back."""
        if isinstance(row, GrievanceRow):
            self._file(row)
        else:
            self._refuse(row)
        if self.counts.rows % _EVERY == 0:
            self._deps.jobs.save(_progressed(self._job, self.counts))

    def _file(self, row: GrievanceRow) -> None:
        try:
            submitted = self._submitted(row)
        except Unavailable:
            raise
        except HandshakeError as error:
            wrong = error.errors or [FieldError("row", error.code, error.detail)]
            self._refuse(RefusedRow(row.line, wrong, row.values))
            return
        self._count(repeated=1) if submitted.replayed else self._count(filed=1)
        receipt = submitted.receipt
        self._filed.append(
            _Filed(
                row.line,
                row.filing.partner_ref,
                receipt.grievance_id,
                receipt.public_ref,
                receipt.receipt_code,
            )
        )

    def _submitted(self, row: GrievanceRow) -> Submitted:
        """Within the quota; what opens no new case is given back."""
        at = self._deps.now()
        allowance = count_filing(self._by, a_day=self._a_day, at=at, deps=self._deps)
        try:
            if allowance is not None and allowance.exceeded:
                raise TooManyRequests(_QUOTA, retry_after=allowance.resets_in)
            submitted = submit_grievance(
                row.filing,
                worker=row.worker,
                idempotency_key=self._key(row),
                by=self._by,
                deps=self._deps,
            )
        except Unavailable:
            raise
        except HandshakeError:
            give_filing_back(self._by, a_day=self._a_day, at=at, deps=self._deps)
            raise
        if submitted.replayed:
            give_filing_back(self._by, a_day=self._a_day, at=at, deps=self._deps)
        return submitted

    def _key(self, row: GrievanceRow) -> str | None:
        """None where the partner's own number says which case it is. Rows that say the same are
        told apart by which of them it is."""
        if row.filing.partner_ref is not None:
            return None
        self._seen[row.content] += 1
        digest = hashlib.sha256(row.content.encode()).hexdigest()
        return f"list:{digest}:{self._seen[row.content]}"

    def _refuse(self, row: RefusedRow) -> None:
        self._count(refused=1)
        self._refused.append(row)

    def _count(self, **more: int) -> None:
        counts = {name: getattr(self.counts, name) + n for name, n in more.items()}
        self.counts = self.counts.model_copy(update=counts)

    def ended(self, *, error: str | None = None, detail: str | None = None) -> Job:
        """The job as it ended, with its two files written."""
        files = self._deps.grievance_lists
        is_json = any(RAW in row.values for row in self._refused)
        result: dict[str, Any] = {"detail": detail, "json": is_json}
        if self._filed:
            files.put(self._job.job_id, FILED, _filed_csv(self._filed), _CSV)
        if self._refused:
            content = _refused_json(self._refused) if is_json else _refused_csv(self._refused)
            kind = "application/x-ndjson" if is_json else _CSV
            files.put(self._job.job_id, refused_name(result), content, kind)
        return _ended(self._job, self.counts, self._deps, error=error, result=result)


_QUOTA = "Your organisation has used up its grievances for today (UTC). Import this row tomorrow."


def _defaults(job: Job) -> FormDefaults:
    request = GrievanceImportRequest.model_validate(job.params["request"])
    return FormDefaults(
        channel=request.channel,
        language=request.language,
        jurisdiction=request.jurisdiction,
        intake_type=request.intake_type,
    )


def _filed_csv(filed: Iterable[_Filed]) -> bytes:
    return _csv([_Filed._fields, *filed])


def _refused_csv(refused: Iterable[RefusedRow]) -> bytes:
    """The rows as they came, in the template's columns, with what is wrong behind them: corrected,
    and without the last two columns, the file can be imported again."""
    rows: list[Sequence[Any]] = [[*COLUMNS, "line", "errors"]]
    for row in refused:
        told = "; ".join(f"{error.field}: {error.detail}" for error in row.errors)
        rows.append([*(row.values.get(name, "") for name in COLUMNS), row.line, told])
    return _csv(rows)


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """With a byte order mark: without one, Excel shows Chinese as noise."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _refused_json(refused: Iterable[RefusedRow]) -> bytes:
    lines = (
        {
            "line": row.line,
            "errors": [{"field": e.field, "code": e.code, "detail": e.detail} for e in row.errors],
            RAW: row.values.get(RAW),
        }
        for row in refused
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _progressed(job: Job, counts: GrievanceImportCounts) -> Job:
    update = {
        "progress": Progress(done=counts.rows),
        "result": {**job.result, "counts": counts.model_dump()},
    }
    return job.model_copy(update=update)


def _ended(
    job: Job,
    counts: GrievanceImportCounts,
    deps: Deps,
    *,
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> Job:
    progressed = _progressed(job.model_copy(update={"result": dict(result or {})}), counts)
    return progressed.model_copy(
        update={
            "status": JobStatus.FAILED if error else JobStatus.DONE,
            "progress": Progress(done=counts.rows, total=counts.rows),
            "error": error,
            "due_at": None,
            "finished_at": deps.now(),
        }
    )
