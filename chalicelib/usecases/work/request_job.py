"""Ask for long work: an export, an import, a redelivery. It is done elsewhere, looked at later."""

from datetime import timedelta
from typing import Any

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.grievance_import import GrievanceImportRequest
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Role
from chalicelib.domain.work.job import Job, JobKind
from chalicelib.errors import NotFound, Unavailable
from chalicelib.store.paging import Page, Start

GRACE = timedelta(minutes=1)
"""How long the queue has before the tick asks again."""


def queue_export(params: dict[str, Any], job_id: str, *, by: Principal, deps: Deps) -> Job:
    """Queue an export for the caller's organisation. Raises Unavailable."""
    return queue_job(JobKind.EXPORT, job_id, by.organisation, params, deps)


def request_import(content: bytes, content_type: str, params: dict[str, Any], *, deps: Deps) -> Job:
    """Keep an uploaded list and queue its reading. Raises Unavailable."""
    job_id = derive_id("i", deps.token(16))
    deps.files.put(f"imports/{job_id}/list", content, content_type)
    params = {**params, "content_type": content_type}
    return queue_job(JobKind.IMPORT, job_id, Role.OPERATOR, params, deps)


def request_grievance_import(
    content: bytes,
    content_type: str,
    request: GrievanceImportRequest,
    *,
    by: Principal,
    deps: Deps,
) -> Job:
    """Keep an uploaded file of grievances and queue its reading. Raises Unavailable."""
    job_id = derive_id("gi", deps.token(16))
    deps.grievance_lists.put(job_id, "list", content, content_type)
    params = {
        "request": request.model_dump(mode="json"),
        "content_type": content_type,
        "by": by.model_dump(mode="json", exclude={"organisation"}),
    }
    return queue_job(JobKind.GRIEVANCE_IMPORT, job_id, by.organisation, params, deps)


def queue_job(kind: JobKind, job_id: str, owner: str, params: dict[str, Any], deps: Deps) -> Job:
    """Queue a job; should the queue not answer, the tick asks for it. Raises Unavailable."""
    now = deps.now()
    job = Job(
        job_id=job_id,
        kind=kind,
        owner=owner,
        created_at=now,
        params=params,
        due_at=now + GRACE,
    )
    deps.jobs.save(job)
    try:
        deps.queues.send_jobs([job_id])
    except Unavailable:
        return job
    return job


def own_job(job_id: str, kind: JobKind, owner: str, *, deps: Deps) -> Job:
    """A job of an owner. NotFound, also for another's."""
    job = deps.jobs.get(job_id)
    if job is None or (job.kind, job.owner) != (kind, owner):
        raise NotFound()
    return job


def list_jobs(
    kind: JobKind, owner: str, *, limit: int, start: Start | None, deps: Deps
) -> Page[Job]:
    """A page of an owner's jobs, newest first."""
    return deps.jobs.of_owner(kind, owner, limit, start)
