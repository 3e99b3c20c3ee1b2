"""Take an attachment away: the row says so first, the schedule deletes the files."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.attachment import Attachment
from chalicelib.domain.ledger import Action
from chalicelib.domain.vocabulary import AttachmentStatus
from chalicelib.errors import NotFound, VersionConflict
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor

_TRIES = 4
_GONE = frozenset({AttachmentStatus.REMOVED, AttachmentStatus.ERASED})


def remove_attachment(grievance_id: str, attachment_id: str, *, by: Principal, deps: Deps) -> None:
    """Remove an attachment, whatever has become of it. Again is harmless.

    From now on nobody gets a link to it; its files are deleted within minutes.
    Raises NotFound, VersionConflict (only under heavy traffic).
    """
    for attempt in range(_TRIES):
        try:
            _removed(grievance_id, attachment_id, by, deps)
        except VersionConflict:
            if attempt == _TRIES - 1:
                raise
            continue
        return


def _removed(grievance_id: str, attachment_id: str, by: Principal, deps: Deps) -> None:
    case = own_case(grievance_id, by=by, deps=deps)
    attachment = deps.attachments.get(grievance_id, attachment_id)
    if attachment is None:
        raise NotFound()
    if attachment.status in _GONE:
        return
    at = deps.now()
    changed = case.recorded(
        Action.ATTACHMENT_REMOVED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={"attachment_id": attachment_id, "was": attachment.status},
    )
    row = deps.attachments.row(attachment.gone(AttachmentStatus.REMOVED, at))
    deps.cases.save(changed.case, changed.entry, [row])


def erase_attachments(grievance_id: str, *, deps: Deps) -> None:
    """Take all attachments of an erased case away; its own entry in the ledger says it all.

    For after the erasure itself, which stops new ones from coming. Again is harmless.
    Raises VersionConflict.
    """
    for attachment in deps.attachments.all_of_case(grievance_id):
        if attachment.status is not AttachmentStatus.ERASED:
            _erased(attachment, deps)


def _erased(attachment: Attachment, deps: Deps) -> None:
    """Somebody may be at work on it: it is read again and tried again."""
    for attempt in range(_TRIES):
        current = deps.attachments.get(attachment.grievance_id, attachment.attachment_id)
        if current is None:
            return
        try:
            deps.attachments.save(current.gone(AttachmentStatus.ERASED, deps.now()))
        except VersionConflict:
            if attempt == _TRIES - 1:
                raise
            continue
        return
