"""What is attached to a grievance: pictures of payslips, contracts, injuries; recordings."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.views import shown
from chalicelib.domain.cases.attachment import Attachment, AttachmentWish, CleanFile
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AttachmentKind,
    AttachmentRefusal,
    AttachmentStatus,
    AudioType,
    ImageType,
)
from chalicelib.usecases.cases.add_attachment import add_attachment as use_add_attachment
from chalicelib.usecases.cases.read_attachments import list_attachments as use_list_attachments
from chalicelib.usecases.cases.read_attachments import read_attachment as use_read_attachment
from chalicelib.usecases.cases.remove_attachment import remove_attachment as use_remove_attachment

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


class AttachmentRow(Value):
    """An attachment in a list."""

    attachment_id: str
    grievance_id: str
    kind: AttachmentKind
    content_type: ImageType | AudioType
    bytes: Annotated[int, Field(description="Of the file as it was announced.")]
    status: Annotated[
        AttachmentStatus,
        Field(
            description="`awaiting` the upload or its cleaning · `clean`, can be downloaded · "
            "`refused`, see `refused_because` · `expired`, nothing was uploaded in time · "
            "`removed` by a supervisor · `erased` with the case's texts or identity."
        ),
    ]
    refused_because: AttachmentRefusal | None
    clean: Annotated[CleanFile | None, Field(description="The file that can be downloaded.")]
    created_at: Moment
    settled_at: Moment | None


class AttachmentView(AttachmentRow):
    """One attachment, with a link to download it."""

    download_url: Annotated[
        str | None,
        Field(description="For five minutes, for anybody who has it; null unless `clean`."),
    ]


class Upload(Value):
    """A form to post the file with (multipart/form-data): `fields` first, then the `file`."""

    url: str
    fields: dict[str, str]
    expires_at: Moment


class AttachmentAwaited(AttachmentRow):
    """An attachment that was asked for, and how to upload it."""

    upload: Annotated[
        Upload | None, Field(description="null where this very file was uploaded before.")
    ]


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/attachments",
    roles=STAFF,
    body=AttachmentWish,
    replies={201: AttachmentAwaited, 200: AttachmentAwaited},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={
        "kind": "payslip",
        "content_type": "image/jpeg",
        "bytes": 184320,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    reply_headers=["Location"],
)
def add_attachment(call: Call) -> Reply:
    """Ask to attach a picture or recording; the answer says how to upload it in ten minutes.

    The form takes this very file and no other: its type, its size and its SHA-256 are part of the
    signature. The same file of the same grievance is the same attachment, so an answer that was
    lost is asked for again (200, with a new form). Within two minutes of the upload the file is
    made anew without anything that it hides (place, device, comments), and only that is kept. There
    may be 20 at most.
    """
    asked = use_add_attachment(call.path["grievance_id"], call.body, by=call.by, deps=call.deps)
    attachment, form = asked.attachment, asked.form
    upload = form and Upload(url=form.url, fields=form.fields, expires_at=attachment.upload_until)
    path = f"/v1/grievances/{attachment.grievance_id}/attachments/{attachment.attachment_id}"
    body = shown(AttachmentAwaited, attachment, upload=upload)
    return Reply(body, 200 if asked.known else 201, {"Location": path})


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/attachments",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[AttachmentRow]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_attachments(call: Call) -> Reply:
    """List what is attached to a grievance, and what was refused."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[AttachmentRow],
        lambda limit, start: use_list_attachments(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        _row,
        f"/v1/grievances/{grievance_id}/attachments",
    )


def _row(attachment: Attachment) -> AttachmentRow:
    return shown(AttachmentRow, attachment)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/attachments/{attachment_id}",
    roles=STAFF,
    replies={200: AttachmentView},
    raises=[errors.NotFound],
)
def read_attachment(call: Call) -> Reply:
    """Read an attachment, with a link to download it once it is `clean`."""
    read = use_read_attachment(
        call.path["grievance_id"], call.path["attachment_id"], by=call.by, deps=call.deps
    )
    return Reply(shown(AttachmentView, read.attachment, download_url=read.download_url))


@audience.route(
    "DELETE",
    "/v1/grievances/{grievance_id}/attachments/{attachment_id}",
    roles=LEAD,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def remove_attachment(call: Call) -> Reply:
    """Remove an attachment for good. Its files are deleted within minutes."""
    use_remove_attachment(
        call.path["grievance_id"], call.path["attachment_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)
