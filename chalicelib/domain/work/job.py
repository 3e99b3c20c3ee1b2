"""Long work that is asked for now and looked at later: imports, exports, redeliveries,
reconciliations, scorecards of much; and test alerts, which are short."""

from enum import StrEnum
from typing import Any

from chalicelib.domain.values import Moment, Value


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "import"
    EXPORT = "export"
    REDELIVERY = "redelivery"
    RECONCILIATION = "reconciliation"
    TEST_ALERT = "test_alert"
    GRIEVANCE_IMPORT = "grievance_import"
    SCORECARD = "scorecard"


class JobStatus(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Progress(Value):
    """How much is done; `total` is None while it is not known."""

    done: int = 0
    total: int | None = None


class Job(Value):
    """A job: what was asked, how far it is, what came of it."""

    job_id: str
    kind: JobKind
    owner: str
    created_at: Moment
    status: JobStatus = JobStatus.QUEUED
    params: dict[str, Any]
    progress: Progress = Progress()
    result: dict[str, Any] = {}
    error: str | None = None
    attempts: int = 0
    due_at: Moment | None = None
    finished_at: Moment | None = None
