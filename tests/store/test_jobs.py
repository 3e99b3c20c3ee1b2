"""Jobs: one worker each, found again when a run was lost, gone after ninety days."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.work.job import Job, JobKind, JobStatus, Progress
from chalicelib.store import clients
from chalicelib.store.jobs import Jobs
from tests.domain.values import AT
from tests.service import Service

LEASE = AT + timedelta(minutes=16)


@pytest.fixture
def jobs(service: Service) -> Jobs:
    return service.deps.jobs


def job(job_id: str = "j_1", **changes: Any) -> Job:
    plain: dict[str, Any] = {
        "job_id": job_id,
        "kind": JobKind.EXPORT,
        "owner": "audit-house",
        "created_at": AT,
        "params": {"format": "csv", "countries": ["BD"], "none": None},
        "due_at": AT,
    }
    return Job(**{**plain, **changes})


def test_a_job_is_kept_as_it_is(jobs: Jobs) -> None:
    finished = job(
        status=JobStatus.DONE,
        progress=Progress(done=3, total=3),
        result={"rows": 3, "ratio": 0.5},
        due_at=None,
        finished_at=LEASE,
    )
    jobs.save(job())
    jobs.save(finished)

    assert jobs.get("j_1") == finished
    assert jobs.get("j_2") is None


def test_of_two_workers_that_read_a_job_one_gets_it(jobs: Jobs) -> None:
    jobs.save(job())
    read_by_both = jobs.get("j_1")
    assert read_by_both is not None

    first = jobs.claim(read_by_both, lease_until=LEASE)
    second = jobs.claim(read_by_both, lease_until=LEASE)

    assert first == job(status=JobStatus.RUNNING, attempts=1, due_at=LEASE)
    assert second is None
    assert jobs.get("j_1") == first


def test_a_job_whose_lease_has_ended_can_be_claimed_again(jobs: Jobs) -> None:
    jobs.save(job())
    claimed = jobs.claim(job(), lease_until=LEASE)
    assert claimed is not None

    again = jobs.claim(claimed, lease_until=LEASE + timedelta(hours=1))

    assert again is not None
    assert again.attempts == 2


def test_a_job_that_is_gone_cannot_be_claimed(jobs: Jobs) -> None:
    assert jobs.claim(job(), lease_until=LEASE) is None
    assert jobs.get("j_1") is None


def test_what_is_due_is_named_longest_due_first_and_what_is_finished_is_not(jobs: Jobs) -> None:
    for number in range(5):
        jobs.save(job(f"j_{number}", due_at=AT - timedelta(minutes=number)))
    jobs.save(job("j_later", due_at=AT + timedelta(milliseconds=1)))
    jobs.save(job("j_done", due_at=None))

    assert jobs.due(AT, 10) == ["j_4", "j_3", "j_2", "j_1", "j_0"]
    assert jobs.due(AT, 2) == ["j_4", "j_3"]
    assert jobs.due(AT - timedelta(hours=1), 10) == []


def test_a_job_that_is_done_leaves_the_due_work(jobs: Jobs) -> None:
    jobs.save(job())
    jobs.save(job(due_at=None, status=JobStatus.DONE))

    assert jobs.due(AT, 10) == []


def test_an_owner_sees_its_own_jobs_of_a_kind_newest_first(jobs: Jobs) -> None:
    for number in range(4):
        jobs.save(job(f"j_{number}", created_at=AT + timedelta(minutes=number)))
    jobs.save(job("j_import", kind=JobKind.IMPORT))
    jobs.save(job("j_other", owner="another-house"))

    first = jobs.of_owner(JobKind.EXPORT, "audit-house", 3, None)
    rest = jobs.of_owner(JobKind.EXPORT, "audit-house", 3, first.next_start)

    assert [j.job_id for j in [*first.items, *rest.items]] == ["j_3", "j_2", "j_1", "j_0"]
    assert {j.owner for j in first.items} == {"audit-house"}
    assert [j.job_id for j in jobs.of_owner(JobKind.IMPORT, "audit-house", 3, None).items] == [
        "j_import"
    ]


def test_a_job_expires_ninety_days_after_it_was_made(jobs: Jobs, service: Service) -> None:
    jobs.save(job())

    (item,) = clients.client("dynamodb").scan(TableName=service.deps.settings.jobs_table)["Items"]

    assert item["expires"] == {"N": str(int((AT + timedelta(days=90)).timestamp()))}
