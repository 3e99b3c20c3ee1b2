"""An operator has the store looked through: what does not agree is found, and repaired if asked.

Every finding is confirmed by a second read before it counts, since a case may change while it is
read. It is noted before it is repaired, and a third read says whether that helped. So a run that
was killed is gone on with, and its report is whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.attachment import Attachment
from chalicelib.domain.helpline.media import Media
from chalicelib.domain.helpline.outbound import Outbound
from chalicelib.domain.references import derive_id
from chalicelib.domain.values import Value
from chalicelib.domain.work.job import Job, JobKind, JobStatus, Progress
from chalicelib.domain.work.reconciliation import (
    Finding,
    FindingKind,
    WholeCase,
    findings,
    scheduled_anew,
)
from chalicelib.errors import FieldError, ValidationFailed, VersionConflict
from chalicelib.usecases.work.request_job import queue_job

MOST_DAYS = 92
MOST_FINDINGS = 500
"""A job's row holds no more. Then it ends, and says from which day to ask again."""


class ReconciliationRequest(Value):
    """Which cases are looked at, and whether what is found is repaired."""

    received_from: Annotated[date, Field(description="First UTC day, inclusive.")]
    received_to: Annotated[date, Field(description="Last UTC day, inclusive.")]
    repair: Annotated[
        bool, Field(strict=True, description="False only reports, and changes nothing.")
    ] = False

    @model_validator(mode="after")
    def _sensible_period(self) -> Self:
        if not 0 <= (self.received_to - self.received_from).days < MOST_DAYS:
            raise ValueError(f"received_to must not lie before received_from; {MOST_DAYS} days.")
        return self


class Noted(Finding):
    """A finding, and whether it has been repaired."""

    repaired: bool = False


class Report(Value):
    """How far a reconciliation has come, and what it has found."""

    next_day: date | None = None
    looked_at: int = 0
    noted: tuple[Noted, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether no more fits: there may be more to find."""
        return len(self.noted) >= MOST_FINDINGS

    def noting(self, found: Iterable[Finding]) -> "Report":
        """The report with what is new in it; it never holds more than fits."""
        known = {_finding(noted) for noted in self.noted}
        new = [Noted(**dict(finding)) for finding in found if finding not in known]
        return self.model_copy(update={"noted": (*self.noted, *new)[:MOST_FINDINGS]})

    def open_of(self, grievance_id: str) -> list[Noted]:
        """What is noted of a case and not repaired."""
        return [n for n in self.noted if n.grievance_id == grievance_id and not n.repaired]

    def repaired(self, grievance_id: str, left: Iterable[Finding]) -> "Report":
        """The report once a case was repaired, but for what is left."""
        still = set(left)
        settled = tuple(
            noted.model_copy(update={"repaired": noted.repaired or _finding(noted) not in still})
            if noted.grievance_id == grievance_id
            else noted
            for noted in self.noted
        )
        return self.model_copy(update={"noted": settled})

    def count(self, *, repaired: bool) -> Mapping[FindingKind, int]:
        """How many of each kind were repaired, or are left."""
        return Counter(noted.kind for noted in self.noted if noted.repaired is repaired)


def _finding(noted: Noted) -> Finding:
    return Finding(**noted.model_dump(exclude={"repaired"}))


def request_reconciliation(wish: ReconciliationRequest, *, by: Principal, deps: Deps) -> Job:
    """Queue it. Raises ValidationFailed (a period that lies ahead), Unavailable."""
    if wish.received_from > deps.now().date():
        detail = "Give a day that has come: there is nothing to look through yet."
        raise ValidationFailed(errors=[FieldError("received_from", "in_future", detail)])
    job_id = derive_id("rc", deps.token(16))
    params = wish.model_dump(mode="json")
    return queue_job(JobKind.RECONCILIATION, job_id, by.role, params, deps)


def report_of(job: Job) -> Report:
    """What a job has found so far."""
    return Report.model_validate(job.result)


def run_reconciliation(job: Job, *, deps: Deps) -> Job:
    """Look through all cases of the period, day by day; the job as it ended. Raises Unavailable."""
    wish = ReconciliationRequest.model_validate(job.params)
    report = report_of(job)
    day = report.next_day or wish.received_from
    last = min(wish.received_to, deps.now().date())
    while day <= last and not report.is_full:
        report = _looked_through(day, job, report, wish, deps)
        day = report.next_day or day + timedelta(days=1)
        deps.jobs.save(_progressed(job, report))
    ended = {"status": JobStatus.DONE, "due_at": None, "finished_at": deps.now()}
    return _progressed(job, report).model_copy(update=ended)


def _looked_through(
    day: date, job: Job, report: Report, wish: ReconciliationRequest, deps: Deps
) -> Report:
    """The report after a day; `next_day` is that very day where it became full in it."""
    looked_at = 0
    for ids in deps.cases.ids_received_on(day.isoformat()):
        for grievance_id in ids:
            report = _reconciled(grievance_id, job, report, wish, deps)
            looked_at += 1
            if report.is_full:
                return report.model_copy(update={"next_day": day})
    update = {"next_day": day + timedelta(days=1), "looked_at": report.looked_at + looked_at}
    return report.model_copy(update=update)


def _reconciled(
    grievance_id: str, job: Job, report: Report, wish: ReconciliationRequest, deps: Deps
) -> Report:
    """The report after one case. What a run that was killed has noted is settled, too."""
    whole, found = _confirmed(grievance_id, deps)
    report = report.noting(found)
    if not wish.repair or not report.open_of(grievance_id):
        return report
    if found:
        deps.jobs.save(_progressed(job, report))
        for finding in found:
            _repair(finding, whole, deps)
        found = findings(deps.whole_cases.read(grievance_id))
    return report.repaired(grievance_id, found)


def _confirmed(grievance_id: str, deps: Deps) -> tuple[WholeCase, list[Finding]]:
    """What two reads find alike: one alone may have met a change half done."""
    whole = deps.whole_cases.read(grievance_id)
    first = findings(whole)
    if not first:
        return whole, []
    whole = deps.whole_cases.read(grievance_id)
    return whole, [finding for finding in findings(whole) if finding in first]


# Repairs. Each writes only where things are as they were read, and again is harmless


def _repair(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    if (repair := _REPAIRS.get(finding.kind)) is not None:
        repair(finding, whole, deps)


def _send_to_check(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """The check writes the head anew, with all that follows from it."""
    deps.work.make_due(finding.id, deps.now())


def _put_alert_back(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    for alert, _ in whole.alerts:
        if alert.alert_id == finding.id:
            deps.alerts.put_back(alert, deps.now())


def _watch_clock(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """The next tick looks at it, however long ago it was due."""
    for alert in whole.unwatched:
        if alert.alert_id == finding.id:
            deps.alerts.watch_clock(alert)


def _list_question(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    for question in whole.unlisted:
        if question.question_id == finding.id:
            deps.questions.put_back(question)


def _look_after(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """The tick has it looked at, or its files deleted."""
    for attachment, _ in whole.attachments:
        if attachment.attachment_id == finding.id:
            _make_attachment_due(attachment, deps)


def _make_attachment_due(attachment: Attachment, deps: Deps) -> None:
    try:
        deps.attachments.save(attachment.next(due_at=deps.now()))
    except VersionConflict:  # somebody is at it, so it is not lost
        return


def _send_outbound(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """The tick has it sent."""
    for message, _ in whole.outbound:
        if message.outbound_id == finding.id:
            _make_outbound_due(message, deps)


def _make_outbound_due(message: Outbound, deps: Deps) -> None:
    try:
        deps.outbound.save(message.put_off(deps.now()))
    except VersionConflict:  # somebody is at it, so it is not lost
        return


def _fetch_media(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """The tick has it fetched."""
    for media, _ in whole.media:
        if media.media_id == finding.id:
            _make_media_due(media, deps)


def _make_media_due(media: Media, deps: Deps) -> None:
    try:
        deps.media.save(media.put_off(deps.now()))
    except VersionConflict:  # somebody is at it, so it is not lost
        return


def _delete_files(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    """Nobody could read them, and no erasure would find them."""
    deps.attachment_files.delete_both(finding.grievance_id, finding.id)


def _schedule_retention(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    if whole.retention is not None:
        deps.retention.put_back(whole.retention.row)
    elif whole.head is not None:
        scheduled = scheduled_anew(whole.head.row, whole.entries)
        if scheduled is not None:
            deps.retention.put_back(scheduled)


def _put_request_back(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    deps.erasures.put_back(finding.grievance_id, deps.now(), requested=True)


def _put_erasure_back(finding: Finding, whole: WholeCase, deps: Deps) -> None:
    deps.erasures.put_back(finding.grievance_id, deps.now(), requested=False)


_REPAIRS: Mapping[FindingKind, Callable[[Finding, WholeCase, Deps], None]] = {
    FindingKind.CASE_MISPLACED: _send_to_check,
    FindingKind.ALERT_MISPLACED: _put_alert_back,
    FindingKind.CLOCK_MISPLACED: _watch_clock,
    FindingKind.QUESTION_MISPLACED: _list_question,
    FindingKind.ATTACHMENT_MISPLACED: _look_after,
    FindingKind.OUTBOUND_MISPLACED: _send_outbound,
    FindingKind.MEDIA_MISPLACED: _fetch_media,
    FindingKind.FILE_LEFT: _look_after,
    FindingKind.FILE_WITHOUT_ROW: _delete_files,
    FindingKind.RETENTION_MISPLACED: _schedule_retention,
    FindingKind.RETENTION_MISSING: _schedule_retention,
    FindingKind.REQUEST_MISPLACED: _put_request_back,
    FindingKind.ERASURE_MISPLACED: _put_erasure_back,
}


def _progressed(job: Job, report: Report) -> Job:
    progress = Progress(done=report.looked_at)
    return job.model_copy(update={"progress": progress, "result": report.model_dump(mode="json")})
