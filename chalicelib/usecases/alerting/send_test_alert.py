"""A brand has a test alert sent to its topic, to see that its alerts arrive.

There is no case behind it, so it is no row of one: it is a job, which is found again when a run was
lost, as alerts are. The same key is the same alert, whenever it is sent.
"""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import AlertPayload, write_test
from chalicelib.domain.factories.registry import Brand
from chalicelib.domain.references import derive_id
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.errors import StateConflict, Unavailable
from chalicelib.store.faults import NoSuchThing
from chalicelib.store.topics import Delivery
from chalicelib.usecases.admission.engaged import active_engagements
from chalicelib.usecases.alerting.publish_alerts import notice_of
from chalicelib.usecases.work.request_job import queue_job


class Asked(NamedTuple):
    """The job that sends it, and whether it is new."""

    job: Job
    created: bool


def send_test_alert(key: str, *, by: Principal, deps: Deps) -> Asked:
    """Have a test alert sent; asked with the same key again, how far it is.

    Raises EngagementNotActive, StateConflict (the brand has no topic), Unavailable.
    """
    active_engagements(by=by, deps=deps)
    job_id = derive_id("ta", by.organisation, key)
    known = deps.jobs.get(job_id)
    if known is not None:
        return Asked(known, created=False)
    if deps.registry.brand(by.organisation) is None:
        raise StateConflict("Your brand has no topic yet. Ask the operator for it.")
    job = queue_job(JobKind.TEST_ALERT, job_id, by.organisation, {}, deps)
    return Asked(job, created=True)


def alert_id_of(job_id: str) -> str:
    """The id of the alert that a job sends: of the form that every alert's has."""
    return f"a_{job_id.removeprefix('ta_')}_{derive_id('a', job_id).removeprefix('a_')}"


def run_test_alert(job: Job, *, deps: Deps) -> Job:
    """Publish the alert; the job as it ended. Raises Unavailable: it is tried again then."""
    brand = deps.registry.brand(job.owner)
    if brand is None:
        return _ended(job, "no_topic", deps)
    payload = write_test(
        brand,
        alert_id=alert_id_of(job.job_id),
        desk_url=deps.settings.public_url,
        at=job.created_at,
    )
    try:
        delivery = _published(brand, payload, deps)
    except NoSuchThing:
        return _ended(job, "no_topic", deps)
    if delivery.message_id is None and not delivery.our_fault:
        raise Unavailable()
    return _ended(job, None if delivery.message_id else "not_taken", deps)


def _published(brand: Brand, payload: AlertPayload, deps: Deps) -> Delivery:
    notice = notice_of(0, payload, brand.language)
    (delivery,) = deps.topics.publish(brand.brand_id, [notice])
    return delivery


def _ended(job: Job, error: str | None, deps: Deps) -> Job:
    status = JobStatus.DONE if error is None else JobStatus.FAILED
    update = {"status": status, "error": error, "due_at": None, "finished_at": deps.now()}
    return job.model_copy(update=update)
