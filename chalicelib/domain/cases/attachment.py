"""A file that belongs to a case: asked for, uploaded, made anew without what it hides, kept.

`due_at` says that something is still to be done for it: look whether it has come, or delete what
must not stay. Its times are written before the effect and taken away after it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from chalicelib.domain.references import derive_id, keyed_hash
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AttachmentKind,
    AttachmentRefusal,
    AttachmentStatus,
    AudioType,
    ImageType,
)

LARGEST = 10 * 1024 * 1024
MOST_OF_A_CASE = 20
UPLOAD_WINDOW = timedelta(minutes=10)
GRACE = timedelta(minutes=10)
"""An upload that has begun inside the window may end after it."""
NOBODY_IS_AT_IT = timedelta(minutes=5)
"""Longer than a run that began before can last: what it writes late is deleted, too."""
LOOK_EVERY = timedelta(minutes=1)

EXTENSIONS: Mapping[ImageType | AudioType, str] = {
    ImageType.JPEG: "jpg",
    ImageType.PNG: "png",
    ImageType.WEBP: "webp",
    AudioType.WAV: "wav",
    AudioType.OGG: "ogg",
    AudioType.MP3: "mp3",
    AudioType.AMR: "amr",
    AudioType.AMR_WB: "awb",
}

_TAKES_ROOM = frozenset({AttachmentStatus.AWAITING, AttachmentStatus.CLEAN})
_MAY_COME_AGAIN = frozenset({AttachmentStatus.EXPIRED, AttachmentStatus.REMOVED})

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AttachmentWish(Value):
    """The file that somebody wants to attach, told exactly: nothing else can be uploaded."""

    kind: AttachmentKind
    content_type: ImageType | AudioType
    bytes: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
    sha256: Annotated[Sha256, Field(description="Of the file, in lower-case hex.")]

    @field_validator("content_type")
    @classmethod
    def _is_heard_or_seen(
        cls, content_type: ImageType | AudioType, told: ValidationInfo
    ) -> ImageType | AudioType:
        is_recording = told.data.get("kind") is AttachmentKind.RECORDING
        if "kind" in told.data and is_recording != isinstance(content_type, AudioType):
            raise ValueError("a file of sound, and no other, is of the kind `recording`")
        return content_type


class FetchedFile(Value):
    """A file that a provider has handed out, to be attached as if somebody had wished for it."""

    kind: AttachmentKind
    content_type: ImageType | AudioType
    bytes: int
    sha256: Sha256


class CleanFile(Value):
    """What is kept, and handed out: the file made anew, of the type that was announced."""

    bytes: int
    sha256: str


class Attachment(Value):
    """One attachment as it stands."""

    attachment_id: str
    grievance_id: str
    kind: AttachmentKind
    content_type: ImageType | AudioType
    bytes: int
    sha256: str | None
    commitment_key: str | None
    status: AttachmentStatus = AttachmentStatus.AWAITING
    refused_because: AttachmentRefusal | None = None
    clean: CleanFile | None = None
    created_at: Moment
    created_by: str
    upload_until: Moment
    settled_at: Moment | None = None
    due_at: Moment | None
    attempts: int = 0
    version: int = 1

    @property
    def takes_room(self) -> bool:
        """Whether it counts towards the number that a case may have."""
        return self.status in _TAKES_ROOM

    @property
    def may_come_again(self) -> bool:
        """Whether the same file may be asked for anew."""
        return self.status in _MAY_COME_AGAIN

    @property
    def nothing_comes_after(self) -> datetime:
        """When the last upload that was allowed must have ended."""
        return self.upload_until + GRACE

    @property
    def file_name(self) -> str:
        """The name it is downloaded under: nobody's words."""
        return f"{self.attachment_id}.{EXTENSIONS[self.content_type]}"

    def next(self, **updates: Any) -> "Attachment":
        """The next version of it."""
        return self.model_copy(update={"version": self.version + 1, **updates})

    def asked_again(self, fresh: "Attachment") -> "Attachment":
        """The same file asked for once more: another window, from the beginning."""
        return fresh.model_copy(update={"version": self.version + 1})

    def not_there_yet(self, at: datetime) -> "Attachment":
        """Nothing was uploaded so far; that is no failure."""
        return self.next(due_at=at + LOOK_EVERY, attempts=0)

    def taken_up(self, until: datetime) -> "Attachment":
        """Somebody works on it; if that fails, it is taken up again at `until`."""
        return self.next(due_at=until, attempts=self.attempts + 1)

    def settled(self, status: AttachmentStatus, at: datetime, **updates: Any) -> "Attachment":
        """Decided; files that must not stay are still to be deleted."""
        return self.next(status=status, settled_at=at, due_at=at, **updates)

    def gone(self, status: AttachmentStatus, at: datetime) -> "Attachment":
        """Removed or erased: what it was recognised by goes with it."""
        return self.settled(status, at, clean=None, sha256=None, commitment_key=None)

    def tidied(self, at: datetime) -> "Attachment":
        """What must not stay was deleted; once more when no upload can come any longer."""
        settled = self.settled_at or at
        late = max(self.nothing_comes_after, settled + NOBODY_IS_AT_IT)
        return self.next(due_at=late if at < late else None)

    def commit(self, text: str) -> str:
        """What the ledger holds of a file's hash: a keyed one, so that no known file can be tested.

        The key is the attachment's own and goes with it. So the function that decodes pictures
        needs no root secret.
        """
        return keyed_hash(bytes.fromhex(self.commitment_key or ""), text)


def asked_for(
    wish: AttachmentWish | FetchedFile, *, grievance_id: str, key: bytes, by: str, at: datetime
) -> Attachment:
    """The attachment that a wish becomes. The same file of the same case is the same attachment.

    Its id is derived with `key`, so that nobody who has a file can find out whether it is attached.
    """
    secret = keyed_hash(key, f"{grievance_id}\n{wish.sha256}")
    attachment_id = derive_id("at", grievance_id, secret)
    return Attachment(
        **dict(wish),
        attachment_id=attachment_id,
        grievance_id=grievance_id,
        commitment_key=keyed_hash(key, f"{grievance_id}\n{attachment_id}"),
        created_at=at,
        created_by=by,
        upload_until=at + UPLOAD_WINDOW,
        due_at=at + LOOK_EVERY,
    )
