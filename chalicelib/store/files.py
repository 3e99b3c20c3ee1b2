"""Files in the bucket: uploaded lists, reports, exports."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.store.faults import ConditionFailed, NoSuchThing, in_our_words

PART_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
URL_SECONDS = 300


class Written(NamedTuple):
    """What was written: bytes and the SHA-256 of them, in hex."""

    size: int
    sha256: str


class Files:
    """The bucket. `client` is called on first use: S3's client is slow to make."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, content: bytes, content_type: str) -> Written:
        """Write a small file at once."""
        with in_our_words():
            self._client().put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type
            )
        return Written(len(content), hashlib.sha256(content).hexdigest())

    def put_new(self, key: str, content: bytes, content_type: str) -> bool:
        """Write a small file where there is none yet; False, and nothing, where there is one."""
        try:
            with in_our_words():
                self._client().put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=content,
                    ContentType=content_type,
                    IfNoneMatch="*",
                )
        except ConditionFailed:
            return False
        return True

    def get(self, key: str) -> bytes | None:
        """A file's bytes; None when there is none."""
        try:
            with in_our_words():
                answer = self._client().get_object(Bucket=self._bucket, Key=key)
                content: bytes = answer["Body"].read()
        except NoSuchThing:
            return None
        return content

    def exists(self, key: str) -> bool:
        """Whether there is a file: by listing, which needs no right to read it."""
        return next(self.keys_under(key, None), None) == key

    def keys_under(self, prefix: str, after: str | None) -> Iterator[str]:
        """The keys that begin so, from the one behind `after`, in order; a thousand a call."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix}
        if after is not None:
            request["StartAfter"] = after
        while True:
            with in_our_words():
                answer = self._client().list_objects_v2(**request)
            for found in answer.get("Contents", ()):
                yield str(found["Key"])
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def stream(self, key: str, chunks: Iterable[bytes], content_type: str) -> Written:
        """Write a file of any size in constant memory. Nothing is visible until it is whole."""
        with self.writing(key, content_type) as writing:
            for chunk in chunks:
                writing.write(chunk)
        return writing.written

    @contextmanager
    def writing(self, key: str, content_type: str) -> Iterator["Writing"]:
        """The same, with the chunks given one by one inside the block."""
        with self._upload(key, content_type) as upload:
            writing = Writing(upload)
            yield writing
            writing.finish()

    def fetch(self, key: str, path: Path) -> Written | None:
        """Copy a file of any size to this machine in constant memory; None when there is none."""
        digest, size = hashlib.sha256(), 0
        try:
            with in_our_words(), path.open("wb") as file:
                body = self._client().get_object(Bucket=self._bucket, Key=key)["Body"]
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    digest.update(chunk)
                    size += file.write(chunk)
        except NoSuchThing:
            return None
        return Written(size, digest.hexdigest())

    def url(self, key: str, file_name: str) -> str:
        """A link for `URL_SECONDS` under which anybody can download a file."""
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        url: str = self._client().generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=URL_SECONDS
        )
        return url

    @contextmanager
    def _upload(self, key: str, content_type: str) -> Iterator["_Upload"]:
        upload = _Upload(self._client(), {"Bucket": self._bucket, "Key": key})
        upload.start(content_type)
        try:
            yield upload
        except BaseException:
            upload.abort()
            raise
        upload.complete()


class Writing:
    """A file that is being written: chunks are joined to parts of S3's size."""

    def __init__(self, upload: "_Upload") -> None:
        self._upload = upload
        self._waiting = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Add some bytes."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._waiting += chunk
        if len(self._waiting) >= PART_BYTES:
            self._send()

    def finish(self) -> None:
        """Send the rest; one part even where there is nothing."""
        if self._waiting or not self._size:
            self._send()

    @property
    def written(self) -> Written:
        """What was written so far."""
        return Written(self._size, self._digest.hexdigest())

    def _send(self) -> None:
        self._upload.add(bytes(self._waiting))
        self._waiting.clear()


class _Upload:
    """A multipart upload. One that is never completed is swept away by the bucket's lifecycle."""

    def __init__(self, client: Any, target: dict[str, str]) -> None:
        self._client = client
        self._target = target
        self._parts: list[dict[str, Any]] = []

    def start(self, content_type: str) -> None:
        with in_our_words():
            answer = self._client.create_multipart_upload(**self._target, ContentType=content_type)
        self._target["UploadId"] = answer["UploadId"]

    def add(self, part: bytes) -> None:
        number = len(self._parts) + 1
        with in_our_words():
            answer = self._client.upload_part(**self._target, PartNumber=number, Body=part)
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})

    def complete(self) -> None:
        with in_our_words():
            self._client.complete_multipart_upload(
                **self._target, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        with in_our_words():
            self._client.abort_multipart_upload(**self._target)
