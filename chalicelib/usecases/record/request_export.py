"""An auditor asks for an export, and fetches it: under an engagement, and on record."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.references import derive_id
from chalicelib.domain.work.job import Job, JobKind
from chalicelib.errors import FieldError, ValidationFailed
from chalicelib.usecases.admission.administered import noted
from chalicelib.usecases.admission.engaged import engagement_for, still_active
from chalicelib.usecases.record.run_export import ExportRequest
from chalicelib.usecases.work.request_job import own_job, queue_export


def request_export(wish: ExportRequest, *, by: Principal, deps: Deps) -> Job:
    """Queue an export within an engagement; the access log says so first.

    Raises EngagementNotActive, ValidationFailed (outside of the engagement), Unavailable.
    """
    engagement = engagement_for(wish.engagement_id, by=by, deps=deps)
    if outside := _outside(wish, engagement):
        raise ValidationFailed(errors=outside)
    job_id = derive_id("x", by.organisation, deps.token(16))
    _note(AccessEvent.EXPORT_REQUESTED, job_id, engagement, by=by, deps=deps)
    named = wish.model_copy(update={"engagement_id": engagement.engagement_id})
    return queue_export(named.model_dump(mode="json"), job_id, by=by, deps=deps)


def read_export(export_id: str, *, by: Principal, deps: Deps) -> Job:
    """An export of the caller's organisation, to be fetched; the access log says so first.

    Raises NotFound (also for another's), EngagementNotActive (its engagement is over).
    """
    job = own_job(export_id, JobKind.EXPORT, by.organisation, deps=deps)
    engagement_id = job.params.get("engagement_id") or ""  # older ones were asked for without
    engagement = still_active(by.organisation, engagement_id, deps=deps)
    _note(AccessEvent.EXPORT_READ, export_id, engagement, by=by, deps=deps)
    return job


def _outside(wish: ExportRequest, engagement: Engagement) -> list[FieldError]:
    """What is asked for that the engagement does not cover."""
    period = f"{engagement.received_from} to {engagement.received_to}"
    found = [
        FieldError(name, "outside_engagement", f"The engagement covers {period}.")
        for name in ("received_from", "received_to")
        if not engagement.covers_day(getattr(wish, name))
    ]
    if not all(engagement.covers_country(country) for country in wish.countries):
        covered = ", ".join(engagement.countries or ())
        found.append(
            FieldError("countries", "outside_engagement", f"The engagement covers {covered}.")
        )
    return found


def _note(
    event: AccessEvent, export_id: str, engagement: Engagement, *, by: Principal, deps: Deps
) -> None:
    entry = noted(
        event,
        by=by,
        organisation=by.organisation,
        subject=export_id,
        engagement_id=engagement.engagement_id,
        purpose=engagement.purpose,
        deps=deps,
    )
    deps.access.note(entry)
