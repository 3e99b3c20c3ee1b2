"""Run a queued job: an export, a redelivery, a reconciliation, a test alert, a scorecard, or an
uploaded list's import."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.retry import GIVE_UP, backoff
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.errors import EngagementNotActive, Unavailable
from chalicelib.usecases.alerting.compute_scorecard import run_scorecard
from chalicelib.usecases.alerting.redeliver_alerts import run_redelivery
from chalicelib.usecases.alerting.send_test_alert import run_test_alert
from chalicelib.usecases.record.run_export import run_export
from chalicelib.usecases.work.reconcile import run_reconciliation

LEASE = timedelta(minutes=16)
"""Longer than the function may run: until then nobody else takes the job."""


def run_job(job_id: str, *, deps: Deps) -> Job | None:
    """Run a job that is due, to its end; None when there is nothing to do.

    A run that was killed is taken up again when its lease ends. Raises Unavailable (the job is due
    again then).
    """
    job = deps.jobs.get(job_id)
    if job is None or not _is_due(job, deps):
        return None
    claimed = deps.jobs.claim(job, lease_until=deps.now() + LEASE)
    if claimed is None:
        return None
    gave_up = claimed.attempts > GIVE_UP
    finished = _failed(claimed, "gave_up", deps) if gave_up else _finished(claimed, deps)
    deps.jobs.save(finished)
    log.info(
        log.Event.JOB_FINISHED,
        job_id=job_id,
        kind=finished.kind,
        status=finished.status,
        rows=finished.progress.done,
        error=finished.error,
    )
    return finished


def _is_due(job: Job, deps: Deps) -> bool:
    """Queued jobs are due at once; a running one when its lease has ended."""
    if job.due_at is None:
        return False
    return job.status is JobStatus.QUEUED or job.due_at <= deps.now()


def _finished(job: Job, deps: Deps) -> Job:
    try:
        return _RUN[job.kind](job, deps=deps)
    except EngagementNotActive as ended:
        return _failed(job, ended.code, deps)
    except Unavailable:
        due_at = deps.now() + backoff(job.attempts, of=job.job_id)
        deps.jobs.save(job.model_copy(update={"due_at": due_at}))
        raise


def _imported(job: Job, *, deps: Deps) -> Job:
    # Reading lists costs 100 ms to import: only the function that imports one pays.
    from chalicelib.channels.import_list import import_list

    return import_list(job, deps=deps)


def _grievances_imported(job: Job, *, deps: Deps) -> Job:
    from chalicelib.channels.import_grievances import import_grievances

    return import_grievances(job, deps=deps)


class _Run(Protocol):
    def __call__(self, job: Job, *, deps: Deps) -> Job: ...


_RUN: Mapping[JobKind, _Run] = {
    JobKind.EXPORT: run_export,
    JobKind.IMPORT: _imported,
    JobKind.REDELIVERY: run_redelivery,
    JobKind.RECONCILIATION: run_reconciliation,
    JobKind.TEST_ALERT: run_test_alert,
    JobKind.GRIEVANCE_IMPORT: _grievances_imported,
    JobKind.SCORECARD: run_scorecard,
}


def _failed(job: Job, code: str, deps: Deps) -> Job:
    update = {"status": JobStatus.FAILED, "due_at": None, "finished_at": deps.now()}
    return job.model_copy(update={**update, "error": code})
