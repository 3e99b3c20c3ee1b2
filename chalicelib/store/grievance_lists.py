"""Files of grievances while they are read, and what came of them; they hold who workers are.

They lie in the bucket of attachments: it keeps no older versions, and its rule deletes what lies
under `lists/` after a week.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.store.faults import NoSuchThing, in_our_words

KEPT_DAYS = 7
URL_SECONDS = 300


class GrievanceLists:
    """The part `lists/` of the bucket."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, job_id: str, name: str, content: bytes, content_type: str) -> None:
        """Write a file of a job. Raises Unavailable."""
        with in_our_words():
            self._client().put_object(
                Bucket=self._bucket,
                Key=_key(job_id, name),
                Body=content,
                ContentType=content_type,
                ContentDisposition=f'attachment; filename="{job_id}-{name}"',
            )

    def get(self, job_id: str, name: str) -> bytes | None:
        """A file of a job; None when it is not there any more."""
        try:
            with in_our_words():
                answer = self._client().get_object(Bucket=self._bucket, Key=_key(job_id, name))
                content: bytes = answer["Body"].read()
        except NoSuchThing:
            return None
        return content

    def delete(self, job_id: str, name: str) -> None:
        """Delete a file, if it is there."""
        with in_our_words():
            self._client().delete_object(Bucket=self._bucket, Key=_key(job_id, name))

    def link(self, job_id: str, name: str) -> str:
        """A link that works for five minutes. Signed here; S3 is not asked."""
        url: str = self._client().generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": _key(job_id, name)},
            ExpiresIn=URL_SECONDS,
        )
        return url


def _key(job_id: str, name: str) -> str:
    return f"lists/{job_id}/{name}"
