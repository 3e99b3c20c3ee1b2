"""The files of attachments, in a bucket of their own: what was uploaded, and what was made of it.

Nobody is ever given a link to what was uploaded. The bucket keeps no older versions, so what is
deleted is gone.
"""

import base64
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from chalicelib.domain.cases.attachment import UPLOAD_WINDOW, Attachment, CleanFile
from chalicelib.domain.work.reconciliation import StoredFiles
from chalicelib.store.faults import NoSuchThing, in_our_words
from chalicelib.store.files import Files

DOWNLOAD_SECONDS = 300


class UploadForm(NamedTuple):
    """Where to post the file to, and the fields that go before it in the form."""

    url: str
    fields: dict[str, str]


class AttachmentFiles:
    """The bucket. `client` is called on first use: S3's client is slow to make."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_form(self, attachment: Attachment) -> UploadForm:
        """A signed form: this key, this type, this many bytes, this content, for ten minutes.

        Signing is done here; S3 is not asked.
        """
        digest = bytes.fromhex(attachment.sha256 or "")
        fields = {
            "Content-Type": attachment.content_type.value,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(digest).decode(),
        }
        exactly = ["content-length-range", attachment.bytes, attachment.bytes]
        form = self._client().generate_presigned_post(
            self._bucket,
            _incoming(attachment),
            Fields=dict(fields),
            Conditions=[exactly, *({name: value} for name, value in fields.items())],
            ExpiresIn=int(UPLOAD_WINDOW.total_seconds()),
        )
        return UploadForm(form["url"], form["fields"])

    def put_upload(self, attachment: Attachment, content: bytes) -> None:
        """Put a file where its upload would lie: what came with a message."""
        with in_our_words():
            self._client().put_object(
                Bucket=self._bucket,
                Key=_incoming(attachment),
                Body=content,
                ContentType=attachment.content_type.value,
            )

    def uploaded(self, attachment: Attachment) -> bytes | None:
        """What was uploaded, at most a byte more than was announced; None when there is nothing."""
        try:
            with in_our_words():
                answer = self._client().get_object(Bucket=self._bucket, Key=_incoming(attachment))
                content: bytes = answer["Body"].read(attachment.bytes + 1)
        except NoSuchThing:
            return None
        return content

    def keep(self, attachment: Attachment, content: bytes) -> CleanFile:
        """Write what may be handed out."""
        with in_our_words():
            self._client().put_object(
                Bucket=self._bucket,
                Key=_clean(attachment),
                Body=content,
                ContentType=attachment.content_type.value,
                ContentDisposition=f'attachment; filename="{attachment.file_name}"',
            )
        return CleanFile(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())

    def of_case(self, case_id: str) -> StoredFiles:
        """What there is of a case: a listing for the uploads, one for the clean files."""
        return StoredFiles(
            self._ids_under(f"incoming/{case_id}/"), self._ids_under(f"clean/{case_id}/")
        )

    def _ids_under(self, prefix: str) -> frozenset[str]:
        bucket = Files(self._client, self._bucket)
        return frozenset(key.removeprefix(prefix) for key in bucket.keys_under(prefix, None))

    def delete_both(self, case_id: str, attachment_id: str) -> None:
        """Delete all that is there under an id, which no row is there for."""
        self._delete(f"incoming/{case_id}/{attachment_id}")
        self._delete(f"clean/{case_id}/{attachment_id}")

    def delete_upload(self, attachment: Attachment) -> None:
        """Delete what was uploaded; nothing there is as good."""
        self._delete(_incoming(attachment))

    def delete_clean(self, attachment: Attachment) -> None:
        """Delete what was kept; nothing there is as good."""
        self._delete(_clean(attachment))

    def _delete(self, key: str) -> None:
        with in_our_words():
            self._client().delete_object(Bucket=self._bucket, Key=key)

    def download_url(self, attachment: Attachment) -> str:
        """A link for `DOWNLOAD_SECONDS` under which anybody can save the clean file."""
        parameters = {
            "Bucket": self._bucket,
            "Key": _clean(attachment),
            "ResponseContentType": attachment.content_type.value,
            "ResponseContentDisposition": f'attachment; filename="{attachment.file_name}"',
        }
        url: str = self._client().generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=DOWNLOAD_SECONDS
        )
        return url


def _incoming(attachment: Attachment) -> str:
    return f"incoming/{attachment.grievance_id}/{attachment.attachment_id}"


def _clean(attachment: Attachment) -> str:
    return f"clean/{attachment.grievance_id}/{attachment.attachment_id}"
