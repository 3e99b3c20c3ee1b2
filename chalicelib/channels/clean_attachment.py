"""Look after an attachment: has it come, what is it, make it anew, delete what must not stay."""

import hashlib
from datetime import timedelta

from chalicelib import log
from chalicelib.channels.image_process import Refused, made_anew
from chalicelib.deps import Deps
from chalicelib.domain.cases.attachment import Attachment
from chalicelib.domain.cases.case import SYSTEM, Case, Changed
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.retry import backoff
from chalicelib.domain.vocabulary import AttachmentRefusal, AttachmentStatus
from chalicelib.errors import VersionConflict
from chalicelib.usecases.cases.add_attachment import is_closed_to_files
from chalicelib.usecases.work.retried import retried

LEASE = timedelta(minutes=3)
"""Longer than the function may run: until then nobody else takes it up."""


def clean_attachment(case_id: str, attachment_id: str, *, deps: Deps) -> Attachment | None:
    """Do what is due for an attachment; None when nothing is, or somebody else is at it.

    State first, effect second, mark third: a run that was killed is found again by the tick, and an
    upload is deleted only after the row says what has become of it. Raises Unavailable (it is due
    again then, however often: nothing is given up while the upload is there).
    """
    attachment = deps.attachments.get(case_id, attachment_id)
    if attachment is None or attachment.due_at is None or attachment.due_at > deps.now():
        return None
    try:
        if attachment.status is AttachmentStatus.AWAITING:
            attachment = _looked_at(attachment, deps)
        if attachment.status is AttachmentStatus.AWAITING:
            return attachment
        return _tidied(attachment, deps)
    except VersionConflict:  # somebody was quicker; what is left to do is still due
        return None


def _looked_at(attachment: Attachment, deps: Deps) -> Attachment:
    wait = backoff(attachment.attempts, of=attachment.attachment_id)
    taken = attachment.taken_up(deps.now() + LEASE + wait)
    deps.attachments.save(taken)
    content = deps.attachment_files.uploaded(taken)
    if content is None:
        return _nothing_there(taken, deps)
    settled = _settled(taken, content, deps)
    return retried(lambda: _recorded(taken, settled, deps))


def _nothing_there(taken: Attachment, deps: Deps) -> Attachment:
    at = deps.now()
    if at < taken.nothing_comes_after:
        waiting = taken.not_there_yet(at)
        deps.attachments.save(waiting)
        return waiting
    expired = taken.settled(AttachmentStatus.EXPIRED, at)
    deps.attachments.save(expired)
    _tell(expired)
    return expired


def _settled(taken: Attachment, content: bytes, deps: Deps) -> Attachment:
    """What becomes of it. A clean file is kept before anything says that it is there."""
    try:
        _refuse_other_content(taken, content)
        clean = made_anew(content, taken.content_type)
    except Refused as refused:
        reason = refused.reason
        return taken.settled(AttachmentStatus.REFUSED, deps.now(), refused_because=reason)
    kept = deps.attachment_files.keep(taken, clean)
    return taken.settled(AttachmentStatus.CLEAN, deps.now(), clean=kept)


def _refuse_other_content(taken: Attachment, content: bytes) -> None:
    """S3 has checked size and hash as the form says; this does not rely on it."""
    if hashlib.sha256(content).hexdigest() != taken.sha256:
        raise Refused(AttachmentRefusal.OTHER_CONTENT)


def _recorded(taken: Attachment, settled: Attachment, deps: Deps) -> Attachment:
    """Say so in the ledger and in the row at once; of a case that was erased, nothing is kept."""
    case = deps.cases.head(taken.grievance_id)
    if case is None or is_closed_to_files(case):
        erased = taken.gone(AttachmentStatus.ERASED, deps.now())
        deps.attachments.save(erased)
        return erased
    changed = _entered(case, settled)
    deps.cases.save(changed.case, changed.entry, [deps.attachments.row(settled)])
    _tell(settled)
    return settled


def _entered(case: Case, settled: Attachment) -> Changed:
    at = settled.settled_at or settled.created_at
    data = {"attachment_id": settled.attachment_id}
    if settled.clean is None:
        refused = {**data, "reason": settled.refused_because}
        return case.recorded(Action.ATTACHMENT_REFUSED, by=SYSTEM, at=at, data=refused)
    added = {
        **data,
        "uploaded": commitment("uploaded", settled.sha256, settled.commit),
        "clean": commitment("clean", settled.clean.sha256, settled.commit),
    }
    return case.recorded(Action.ATTACHMENT_ADDED, by=settled.created_by, at=at, data=added)


def _tell(attachment: Attachment) -> None:
    log.info(
        log.Event.ATTACHMENT_SETTLED,
        case_id=attachment.grievance_id,
        attachment_id=attachment.attachment_id,
        status=attachment.status,
        reason=attachment.refused_because,
    )


def _tidied(attachment: Attachment, deps: Deps) -> Attachment:
    """What was uploaded goes in any case; the clean file where it is not the one that is kept."""
    deps.attachment_files.delete_upload(attachment)
    if attachment.status is not AttachmentStatus.CLEAN:
        deps.attachment_files.delete_clean(attachment)
    tidied = attachment.tidied(deps.now())
    deps.attachments.save(tidied)
    return tidied
