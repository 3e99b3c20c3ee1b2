"""Look after an attachment: has it come, what is it, make it anew, delete what must not stay."""

import hashlib
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.channels.image_process import Refused, made_anew
from chalicelib.deps import Deps
from chalicelib.domain.attachment import Attachment
from chalicelib.domain.case import SYSTEM
from chalicelib.domain.ledger import Action
from chalicelib.domain.retry import backoff
from chalicelib.domain.vocabulary import AttachmentRefusal, AttachmentStatus
from chalicelib.errors import VersionConflict
from chalicelib.usecases.add_attachment import is_closed_to_files

LEASE = timedelta(minutes=3)
"""Longer than the function may run: until then nobody else takes it up."""

_TRIES = 4


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
    taken = attachment.taken_up(deps.now() + LEASE + backoff(attachment.attempts))
    deps.attachments.save(taken)
    content = deps.attachment_files.uploaded(taken)
    if content is None:
        return _nothing_there(taken, deps)
    try:
        _refuse_other_content(taken, content)
        clean = made_anew(content, taken.content_type)
    except Refused as refused:
        return _settled(taken, None, refused.reason, deps)
    return _settled(taken, clean, None, deps)


def _nothing_there(attachment: Attachment, deps: Deps) -> Attachment:
    at = deps.now()
    if at < attachment.nothing_comes_after:
        waiting = attachment.not_there_yet(at).model_copy(update={"attempts": 0})
    else:
        waiting = attachment.settled(AttachmentStatus.EXPIRED, at)
        _tell(waiting)
    deps.attachments.save(waiting)
    return waiting


def _refuse_other_content(attachment: Attachment, content: bytes) -> None:
    """S3 has checked size and hash as the form says; this does not rely on it."""
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise Refused(AttachmentRefusal.OTHER_CONTENT)


def _settled(
    attachment: Attachment, clean: bytes | None, reason: AttachmentRefusal | None, deps: Deps
) -> Attachment:
    """Keep the clean file, then say so in the ledger and the row at once."""
    at = deps.now()
    if clean is None:
        settled = attachment.settled(AttachmentStatus.REFUSED, at, refused_because=reason)
    else:
        kept = deps.attachment_files.keep(attachment, clean)
        settled = attachment.settled(AttachmentStatus.CLEAN, at, clean=kept)
    for attempt in range(_TRIES):
        try:
            return _recorded(settled, deps)
        except VersionConflict:
            if attempt == _TRIES - 1:
                raise
    raise VersionConflict()  # pragma: no cover  the last attempt has raised


def _recorded(settled: Attachment, deps: Deps) -> Attachment:
    case = deps.cases.head(settled.grievance_id)
    if case is None or is_closed_to_files(case):
        erased = settled.gone(AttachmentStatus.ERASED, deps.now())
        erased = erased.model_copy(update={"version": settled.version})
        deps.attachments.save(erased)
        return erased
    at = settled.settled_at or deps.now()
    data: dict[str, Any] = {"attachment_id": settled.attachment_id}
    if settled.clean is not None:
        data |= {
            "uploaded": settled.committed(settled.sha256 or ""),
            "clean": settled.committed(settled.clean.sha256),
        }
        action, by = Action.ATTACHMENT_ADDED, settled.created_by
    else:
        data |= {"reason": settled.refused_because}
        action, by = Action.ATTACHMENT_REFUSED, SYSTEM
    changed = case.recorded(action, by=by, at=at, data=data)
    deps.cases.save(changed.case, changed.entry, [deps.attachments.row(settled)])
    _tell(settled)
    return settled


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
