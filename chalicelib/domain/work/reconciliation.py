"""What must agree in the store: rows with their queues, files with their rows, ledgers with heads.

`findings` is the only judge, and it is pure: the report, the repair and the proof that a repair
worked all ask it. It is handed all that there is of one case, as one read found it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import Coalition, Record
from chalicelib.domain.cases.attachment import Attachment
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.question import Question
from chalicelib.domain.cases.routing import is_routable
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.helpline.media import Media
from chalicelib.domain.helpline.outbound import Outbound
from chalicelib.domain.identities.retention import Scheduled, next_scheduled
from chalicelib.domain.record.ledger import Action, Entry, first_bad_entry
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import AlertStatus, AttachmentStatus, Routing

T = TypeVar("T")


class Queue(StrEnum):
    """The part of the work index that a row lies in. Elsewhere: in one where nobody looks."""

    DUE = "due"
    QUARANTINE = "quarantine"
    REVIEW = "review"
    ATTACHMENTS = "attachments"
    OUTBOUND = "outbound"
    MEDIA = "media"
    RETENTION = "retention"
    ANNOUNCED = "announced"
    ERASURE_REQUESTS = "erasure_requests"
    ERASING = "erasing"
    ELSEWHERE = "elsewhere"


class Lying(NamedTuple, Generic[T]):
    """A row, and the queue it lies in; None where it is in none."""

    row: T
    queue: Queue | None


class StoredFiles(NamedTuple):
    """The ids of attachments of a case that the bucket holds a file of."""

    uploads: frozenset[str]
    clean: frozenset[str]


class WholeCase(NamedTuple):
    """All that the store holds of one case, or of one coalition, as one read found it."""

    grievance_id: str
    head: Lying[Case] | None
    coalition: Lying[Coalition] | None
    waits_rightly: bool
    entries: Sequence[Entry]
    alerts: Sequence[Lying[Alert]]
    alert_ids: Collection[str]
    unwatched: Sequence[Alert]
    attachments: Sequence[Lying[Attachment]]
    attachment_ids: Collection[str]
    outbound: Sequence[Lying[Outbound]]
    media: Sequence[Lying[Media]]
    plan_ids: Collection[str]
    question_ids: Collection[str]
    unlisted: Sequence[Question]
    extension_ids: Collection[str]
    retention: Lying[Scheduled] | None
    request: Lying[None] | None
    erasing: Lying[None] | None
    unreadable: bool
    files: StoredFiles


class FindingKind(StrEnum):
    """What does not agree. Misplaced: not in the queue that it must be in, so nobody comes by."""

    CASE_MISPLACED = "case_misplaced"
    ALERT_MISPLACED = "alert_misplaced"
    ALERT_MISSING = "alert_missing"
    CLOCK_MISPLACED = "clock_misplaced"
    PLAN_MISSING = "plan_missing"
    QUESTION_MISSING = "question_missing"
    QUESTION_MISPLACED = "question_misplaced"
    EXTENSION_MISSING = "extension_missing"
    ATTACHMENT_MISPLACED = "attachment_misplaced"
    OUTBOUND_MISPLACED = "outbound_misplaced"
    MEDIA_MISPLACED = "media_misplaced"
    FILE_LEFT = "file_left"
    FILE_WITHOUT_ROW = "file_without_row"
    FILE_MISSING = "file_missing"
    RETENTION_MISPLACED = "retention_misplaced"
    RETENTION_MISSING = "retention_missing"
    ERASURE_MISPLACED = "erasure_misplaced"
    REQUEST_MISPLACED = "request_misplaced"
    LEDGER_BROKEN = "ledger_broken"
    UNREADABLE = "unreadable"


REPORTED_ONLY = frozenset(
    {
        FindingKind.ALERT_MISSING,
        FindingKind.PLAN_MISSING,
        FindingKind.QUESTION_MISSING,
        FindingKind.EXTENSION_MISSING,
        FindingKind.FILE_MISSING,
        FindingKind.LEDGER_BROKEN,
        FindingKind.UNREADABLE,
    }
)
"""What only a backup can bring back, or must stay as it is: a record that is mended proves
nothing."""


class Finding(Value):
    """One thing that does not agree. `id` is what it is about: a case, an alert, an attachment, a
    message."""

    kind: FindingKind
    id: str
    grievance_id: str
    entry: int | None = None


def findings(whole: WholeCase) -> list[Finding]:
    """What does not agree about a case; nothing for one that is as the service left it."""
    return [
        Finding(kind=kind, id=about, grievance_id=whole.grievance_id, entry=entry)
        for kind, about, entry in _found(whole)
    ]


_Found = tuple[FindingKind, str, int | None]


def _found(whole: WholeCase) -> Iterator[_Found]:
    case_id = whole.grievance_id
    head = whole.head or whole.coalition
    if whole.unreadable or head is None:
        yield FindingKind.UNREADABLE, case_id, None
    if whole.head is not None:
        yield from _about_head(whole, whole.head)
    if head is not None:
        yield from _about_ledger(head.row, whole)
    for alert, queue in whole.alerts:
        if queue not in _ALERT_LIES.get(alert.status, _NOWHERE):
            yield FindingKind.ALERT_MISPLACED, alert.alert_id, None
    for alert in whole.unwatched:
        if whole.coalition is None or whole.coalition.row.still_asks(alert):
            yield FindingKind.CLOCK_MISPLACED, alert.alert_id, None
    for question in whole.unlisted:
        yield FindingKind.QUESTION_MISPLACED, question.question_id, None
    yield from _about_attachments(whole)
    for message, queue in whole.outbound:
        if message.due_at is not None and queue is not Queue.OUTBOUND:
            yield FindingKind.OUTBOUND_MISPLACED, message.outbound_id, None
    for media, queue in whole.media:
        if media.due_at is not None and queue is not Queue.MEDIA:
            yield FindingKind.MEDIA_MISPLACED, media.media_id, None
    for kind, lying, queue in (
        (FindingKind.REQUEST_MISPLACED, whole.request, Queue.ERASURE_REQUESTS),
        (FindingKind.ERASURE_MISPLACED, whole.erasing, Queue.ERASING),
    ):
        if lying is not None and lying.queue is not queue:
            yield kind, case_id, None


_NOWHERE: frozenset[Queue | None] = frozenset({None})
_CHECKED: frozenset[Queue | None] = frozenset({Queue.DUE, Queue.QUARANTINE})
_ALERT_LIES: Mapping[AlertStatus, Collection[Queue | None]] = {
    AlertStatus.PENDING: _CHECKED,
    AlertStatus.QUARANTINED: {Queue.QUARANTINE},
}


def _about_head(whole: WholeCase, head: Lying[Case]) -> Iterator[_Found]:
    case = head.row
    waits_rightly = whole.waits_rightly or case.check_due_at is not None  # a check mends that
    if not (_lies_rightly(case, head.queue) and waits_rightly):
        yield FindingKind.CASE_MISPLACED, case.grievance_id, None
    yield from _about_retention(case, whole.retention)


def _lies_rightly(case: Case, queue: Queue | None) -> bool:
    """Whether the check comes by where it has something to decide, and a reviewer where she has."""
    if case.check_due_at is not None:
        return queue in _CHECKED
    if not is_routable(case):
        return queue is None
    if case.routing is Routing.PENDING:
        return False
    return queue is (Queue.REVIEW if case.routing is Routing.NEEDS_REVIEW else None)


def _about_ledger(case: Record, whole: WholeCase) -> Iterator[_Found]:
    bad = first_bad_entry(whole.entries)
    if bad is None and len(whole.entries) != case.version:
        bad = min(len(whole.entries), case.version) + 1
    if bad is None and whole.entries[-1].hash != case.ledger_hash:
        bad = case.version
    if bad is not None:
        yield FindingKind.LEDGER_BROKEN, whole.grievance_id, bad
    for entry in whole.entries:
        told = entry.private.get("alerts", ()) if entry.action in _TELLS else ()
        for alert_id in told:
            if alert_id not in whole.alert_ids:
                yield FindingKind.ALERT_MISSING, alert_id, entry.seq
        yield from _missing(entry, whole)


def _missing(entry: Entry, whole: WholeCase) -> Iterator[_Found]:
    """What an entry says was written, and is not there."""
    for action, name, there, kind in (
        (Action.PLAN_SUBMITTED, "plan_id", whole.plan_ids, FindingKind.PLAN_MISSING),
        (Action.QUESTION_ASKED, "question_id", whole.question_ids, FindingKind.QUESTION_MISSING),
        (
            Action.EXTENSION_ASKED,
            "extension_id",
            whole.extension_ids,
            FindingKind.EXTENSION_MISSING,
        ),
    ):
        its_id = entry.data.get(name) if entry.action is action else None
        if its_id is not None and its_id not in there:
            yield kind, its_id, entry.seq


_TELLS = frozenset(
    {
        Action.ROUTED,
        Action.FACTORY_MERGED,
        Action.COALITION_RAISED,
        Action.COALITION_ESCALATED,
    }
)
"""Whose entries name the alerts that were written with them."""


def _about_retention(case: Case, retention: Lying[Scheduled] | None) -> Iterator[_Found]:
    if retention is not None:
        announced = retention.row.plan_id is not None
        if retention.queue is not (Queue.ANNOUNCED if announced else Queue.RETENTION):
            yield FindingKind.RETENTION_MISPLACED, case.grievance_id, None
    elif _must_be_scheduled(case):
        yield FindingKind.RETENTION_MISSING, case.grievance_id, None


def _must_be_scheduled(case: Case) -> bool:
    """Once its texts were erased no rule is left for a case, whatever is written since."""
    return case.state in ENDED and case.texts_erased_at is None


def scheduled_anew(case: Case, entries: Sequence[Entry]) -> Scheduled | None:
    """What retention does next to a case whose row was lost. It may have been announced: it is
    announced again, so that nothing is erased without notice."""
    return next_scheduled(case, _ended_at(case, entries))


def _ended_at(case: Case, entries: Sequence[Entry]) -> datetime:
    if case.closed_at is not None:
        return case.closed_at
    ended = [entry.at for entry in entries if entry.data.get("to") in ENDED]
    return ended[-1] if ended else entries[-1].at


def _about_attachments(whole: WholeCase) -> Iterator[_Found]:
    uploads, clean = whole.files
    for attachment, queue in whole.attachments:
        its_id, is_clean = attachment.attachment_id, attachment.status is AttachmentStatus.CLEAN
        unfinished = attachment.due_at is not None or attachment.status is AttachmentStatus.AWAITING
        if unfinished and queue is not Queue.ATTACHMENTS:
            yield FindingKind.ATTACHMENT_MISPLACED, its_id, None
        if not unfinished and (its_id in uploads or (its_id in clean and not is_clean)):
            yield FindingKind.FILE_LEFT, its_id, None
        if is_clean and its_id not in clean:
            yield FindingKind.FILE_MISSING, its_id, None
    for its_id in sorted((uploads | clean) - set(whole.attachment_ids)):
        yield FindingKind.FILE_WITHOUT_ROW, its_id, None
