"""An operator has alerts sent again: one, or all that a brand was to be told in a time.

The alert is the same: a receiver knows it by its id and its content hash and may drop it. Consent
decides anew when it is published.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.factories.registry import BrandId
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.references import derive_id
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.work.job import Job, JobKind, JobStatus, Progress
from chalicelib.errors import FieldError, NotFound, StateConflict, ValidationFailed
from chalicelib.store.paging import Start
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.alerting.withhold_alerts import may_be_told
from chalicelib.usecases.cases.records import save_record
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.request_job import queue_job
from chalicelib.usecases.work.retried import retried

BATCH = 100


class RedeliveryRequest(Value):
    """What a brand shall get again."""

    brand_id: Annotated[BrandId, Field(description="Whose alerts.")]
    since: Annotated[Moment, Field(description="Alerts that were written then or later.")]
    until: Annotated[
        Moment | None, Field(description="And no later than this; now, if left out.")
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError("`until` is before `since`.")
        return self


class Redelivered(NamedTuple):
    """How many alerts are on their way again, and how many were left alone.

    Left alone are those that are on their way already, and those that are no longer for the brand.
    """

    redelivered: int = 0
    left_alone: int = 0

    def plus(self, sent: Sequence[bool]) -> "Redelivered":
        """The counts with some more looked at."""
        left_alone = self.left_alone + len(sent) - sum(sent)
        return Redelivered(self.redelivered + sum(sent), left_alone)


def redeliver_alert(alert_id: str, *, by: Principal, deps: Deps) -> Alert:
    """Have one alert sent again, with as many attempts as a new one.

    Raises NotFound, StateConflict (it is on its way already, was suppressed or recalled, or its
    brand is not engaged any more), VersionConflict, Unavailable.
    """
    alert, case = deps.alerts.with_case(alert_id)
    if alert is None or case is None:
        raise NotFound()
    if not alert.may_be_sent_again:
        raise StateConflict(_why_not(alert))
    if not may_be_told(alert, Engaged(deps)):
        raise StateConflict("The brand is not engaged any more. Only recalls still go to it.")
    redelivery_id = derive_id("r", alert_id, deps.token(16))
    if isinstance(case, Coalition) and not case.still_stands(alert):
        raise StateConflict("What the coalition said no longer stands; it is not sent again.")
    return _sent_again(alert, case, redelivery_id, ledger_actor(by, deps.keyring), deps)


def _why_not(alert: Alert) -> str:
    if alert.recalled_at is not None:
        return "The worker took back what it says; it is not sent again."
    return f"It is {alert.status}: only what was sent or quarantined can be sent again."


def _sent_again(alert: Alert, case: Record, redelivery_id: str, actor: str, deps: Deps) -> Alert:
    at = deps.now()
    again = alert.redelivered(redelivery_id, at)
    changed = case.recorded(
        Action.ALERT_REDELIVERED,
        by=actor,
        at=at,
        data={"alert_id": commitment("alert_id", alert.alert_id, committer(case, deps.keyring))},
        private={"alert_id": alert.alert_id},
    )
    save_record(changed, [deps.alerts.redelivered_row(again, alert)], deps=deps)
    return again


def request_redelivery(wish: RedeliveryRequest, *, by: Principal, deps: Deps) -> Job:
    """Queue the sending again of all that a brand was to be told in a time.

    Raises NotFound (no such brand), ValidationFailed (nothing was written since then: it is yet to
    come), Unavailable.
    """
    if deps.registry.brand(wish.brand_id) is None:
        raise NotFound()
    now = deps.now()
    if wish.since > now:
        detail = "Give a moment that has passed: what is written later is sent anyway."
        raise ValidationFailed(errors=[FieldError("since", "in_future", detail)])
    until = wish.until or now
    params = wish.model_copy(update={"until": until}).model_dump(mode="json")
    job_id = derive_id("r", wish.brand_id, deps.token(16))
    params["actor"] = ledger_actor(by, deps.keyring)
    return queue_job(JobKind.REDELIVERY, job_id, by.role, params, deps)


def run_redelivery(job: Job, *, deps: Deps) -> Job:
    """Send the alerts again; the job as it ended.

    Killed and run anew it passes over those that it has sent already. Raises Unavailable.
    """
    wish = redelivery_asked_for(job)
    until = wish.until or job.created_at
    total = Redelivered()
    engaged = Engaged(deps)
    start: Start | None = None
    while True:
        page = deps.alerts.alerted_between(wish.brand_id, wish.since, until, BATCH, start)
        total = total.plus([_again(alert_id, job, engaged, deps) for alert_id in page.items])
        if (start := page.next_start) is None:
            break
        deps.jobs.save(_progressed(job, total))
    ended = {"status": JobStatus.DONE, "due_at": None, "finished_at": deps.now()}
    return _progressed(job, total).model_copy(update=ended)


def redelivery_asked_for(job: Job) -> RedeliveryRequest:
    """What a job was asked for."""
    asked = {name: value for name, value in job.params.items() if name != "actor"}
    return RedeliveryRequest.model_validate(asked)


def _again(alert_id: str, job: Job, engaged: Engaged, deps: Deps) -> bool:
    """Whether this job sends it again; one that changes meanwhile is looked at anew."""
    return retried(lambda: _again_once(alert_id, job, engaged, deps))


def _again_once(alert_id: str, job: Job, engaged: Engaged, deps: Deps) -> bool:
    alert, case = deps.alerts.with_case(alert_id)
    if alert is None or case is None:
        return False
    if alert.redelivery_id == job.job_id:
        return True
    if not alert.may_be_sent_again or not may_be_told(alert, engaged):
        return False
    if isinstance(case, Coalition) and not case.still_stands(alert):
        return False
    _sent_again(alert, case, job.job_id, str(job.params["actor"]), deps)
    return True


def _progressed(job: Job, total: Redelivered) -> Job:
    progress = Progress(done=sum(total))
    return job.model_copy(update={"progress": progress, "result": total._asdict()})
