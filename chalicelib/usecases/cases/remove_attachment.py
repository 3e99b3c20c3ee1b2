"""Take an attachment away: the row says so first, the schedule deletes the files."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import AttachmentStatus
from chalicelib.errors import NotFound
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried

_GONE = frozenset({AttachmentStatus.REMOVED, AttachmentStatus.ERASED})


def remove_attachment(grievance_id: str, attachment_id: str, *, by: Principal, deps: Deps) -> None:
    """Remove an attachment, whatever has become of it. Again is harmless.

    From now on nobody gets a link to it; its files are deleted within minutes.
    Raises NotFound, VersionConflict (only under heavy traffic).
    """
    retried(lambda: _removed(grievance_id, attachment_id, by, deps))


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
