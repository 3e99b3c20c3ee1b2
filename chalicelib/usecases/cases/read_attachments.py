"""What is attached to a case, for its own partner; and a link to download one."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.attachment import Attachment
from chalicelib.domain.vocabulary import AttachmentStatus
from chalicelib.errors import NotFound
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.cases.own_case import own_case


class Read(NamedTuple):
    """An attachment, and a link to its clean file, where there is one."""

    attachment: Attachment
    download_url: str | None


def list_attachments(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Attachment]:
    """A page of a case's attachments. Raises NotFound."""
    own_case(grievance_id, by=by, deps=deps)
    return deps.attachments.of_case(grievance_id, limit, start)


def read_attachment(grievance_id: str, attachment_id: str, *, by: Principal, deps: Deps) -> Read:
    """One attachment, with a link to it once it is clean. Raises NotFound."""
    own_case(grievance_id, by=by, deps=deps)
    attachment = deps.attachments.get(grievance_id, attachment_id)
    if attachment is None:
        raise NotFound()
    if attachment.status is not AttachmentStatus.CLEAN:
        return Read(attachment, None)
    return Read(attachment, deps.attachment_files.download_url(attachment))
