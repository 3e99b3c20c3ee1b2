"""Take an erased case's attachments away: rows say so first, the schedule deletes the files."""

from functools import partial

from chalicelib.deps import Deps
from chalicelib.domain.vocabulary import AttachmentStatus
from chalicelib.usecases.work.retried import retried


def erase_attachments(grievance_id: str, *, deps: Deps) -> None:
    """Take a case's attachments away; the erasure's own entry in the ledger says it all.

    For after the erasure itself, which stops new ones from coming. Again is harmless.
    Raises VersionConflict.
    """
    for attachment in deps.attachments.all_of_case(grievance_id):
        if attachment.status is not AttachmentStatus.ERASED:
            retried(partial(_erased, grievance_id, attachment.attachment_id, deps))


def _erased(grievance_id: str, attachment_id: str, deps: Deps) -> None:
    """Read again at each attempt: somebody may be at work on it."""
    current = deps.attachments.get(grievance_id, attachment_id)
    if current is not None:
        deps.attachments.save(current.gone(AttachmentStatus.ERASED, deps.now()))
