"""A brand's scorecard of a quarter is computed: at once where it was told of little, else by a job.

Each hundred alerts take three calls, and each case with a plan another one. A hundred alerts are a
second; ten thousand would be longer than a request may take.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert, grievance_of
from chalicelib.domain.alerting.scorecard import Quarter, Scorecard, Told, scorecard_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.references import derive_id
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.domain.work.job import Job, JobKind, JobStatus
from chalicelib.errors import StateConflict
from chalicelib.store import keys
from chalicelib.usecases.work.request_job import queue_job

AT_ONCE = 100
"""The most alerts of a card that is computed while somebody waits for it; as many as a call reads.
At most 108 calls."""


def compute_scorecard(brand_id: str, quarter: Quarter, *, deps: Deps) -> Scorecard:
    """The card of a brand that has none of this quarter yet, kept from now on.

    StateConflict while a job computes it: that is asked for here, and whoever asks again finds the
    card. Raises Unavailable.
    """
    ids = _told_in(brand_id, quarter, deps)
    first = list(islice(ids, AT_ONCE + 1))
    if len(first) <= AT_ONCE:
        return _kept(brand_id, quarter, first, deps)
    _leave_to_a_job(brand_id, quarter, deps)
    raise StateConflict(f"The scorecard of {quarter} is being computed. Ask again in a minute.")


def run_scorecard(job: Job, *, deps: Deps) -> Job:
    """Compute a card and keep it, unless it is there; the job as it ended. Raises Unavailable."""
    quarter = Quarter.named(job.params["quarter"])
    if deps.scorecards.get(job.owner, quarter) is None:
        _kept(job.owner, quarter, _told_in(job.owner, quarter, deps), deps)
    update = {"status": JobStatus.DONE, "due_at": None, "finished_at": deps.now()}
    return job.model_copy(update=update)


def _leave_to_a_job(brand_id: str, quarter: Quarter, deps: Deps) -> None:
    """One job for a card, whoever asks and how often; another one where that was given up."""
    job_id = derive_id("sc", brand_id, str(quarter))
    known = deps.jobs.get(job_id)
    if known is None or known.finished_at is not None:
        queue_job(JobKind.SCORECARD, job_id, brand_id, {"quarter": str(quarter)}, deps)


def _kept(brand_id: str, quarter: Quarter, alert_ids: Iterable[str], deps: Deps) -> Scorecard:
    card = scorecard_of(brand_id, quarter, _told(alert_ids, deps), at=deps.now())
    if deps.scorecards.keep(card):
        return card
    return deps.scorecards.get(brand_id, quarter) or card


def _told_in(brand_id: str, quarter: Quarter, deps: Deps) -> Iterator[str]:
    return deps.alerts.ids_between(brand_id, quarter.begins, quarter.ends)


def _told(alert_ids: Iterable[str], deps: Deps) -> Iterator[Told]:
    ids = iter(alert_ids)
    while batch := list(islice(ids, AT_ONCE)):
        yield from _with_cases(batch, deps)


def _with_cases(alert_ids: Sequence[str], deps: Deps) -> Iterator[Told]:
    alerts = deps.alerts.get_many([(grievance_of(each), keys.alert(each)) for each in alert_ids])
    cases = deps.cases.heads([alert.grievance_id for alert in alerts])
    for alert in alerts:
        case = cases.get(alert.grievance_id)
        if case is not None:
            yield Told(alert, case, _plans(alert, case, deps))


def _plans(alert: Alert, case: Case, deps: Deps) -> Sequence[RemediationPlan]:
    """The brand's plans about the case; most have none, which their case says."""
    if case.plan_at is None:
        return ()
    return deps.plans.all_of(case.grievance_id, brand_id=alert.brand_id)
