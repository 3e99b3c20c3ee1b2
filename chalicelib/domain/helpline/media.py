"""A picture or recording that a worker sent or spoke, until it is an attachment of her case.

The provider holds it for some time. `due_at` says that it is still to be fetched, or to be deleted
there. Where it lies, `reference`, is forgotten as soon as there is nothing of it to be deleted.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.their_copy import HELD_UNTIL_DELETED, TheirCopy
from chalicelib.domain.references import derive_id
from chalicelib.domain.text import LanguageTag
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import AudioType, Channel, ImageType

MOST_OF_A_MESSAGE = 10
"""As many as an MMS can have; what is beyond stays where it is."""

_FETCHED_FROM = frozenset({Provider.TWILIO_MESSAGES, Provider.QQ, Provider.WECHAT})
"""Who is asked for what it holds. A flow of RapidPro names hosts that nobody has vouched for."""


class MediaStatus(StrEnum):
    """What has become of a picture that came with a message."""

    WAITING = "waiting"
    FETCHED = "fetched"  # whether it can be kept is being found out
    KEPT = "kept"  # it is an attachment
    REFUSED = "refused"


class MediaRefusal(StrEnum):
    """Why a picture that came with a message is not kept."""

    HOST_NOT_ALLOWED = "host_not_allowed"
    TOO_LARGE = "too_large"
    TYPE_NOT_TAKEN = "type_not_taken"
    NOT_CLEANED = "not_cleaned"  # damaged, or not what it says: its attachment has the reason
    CASE_IS_FULL = "case_is_full"
    NO_LINE = "no_line"
    REFUSED_BY_CARRIER = "refused_by_carrier"
    GAVE_UP = "gave_up"
    ERASED = "erased"


_STILL_THERE = frozenset(
    {
        MediaRefusal.TOO_LARGE,
        MediaRefusal.TYPE_NOT_TAKEN,
        MediaRefusal.NOT_CLEANED,
        MediaRefusal.CASE_IS_FULL,
        MediaRefusal.GAVE_UP,
    }
)
"""Its provider has what we did not keep, and nobody else: an erasure has to reach it there."""


class Media(Value):
    """One picture or recording, or what came as one, as it stands."""

    media_id: str
    grievance_id: str
    line_id: str
    channel: Channel
    reference: Annotated[
        str | None, Field(repr=False, description="Its URL, or the provider's id of it.")
    ] = None
    answers: Annotated[
        str | None,
        Field(description="The provider's id of her message, where she may be answered."),
    ] = None
    language: LanguageTag | None = None
    came_with: Annotated[
        str | None, Field(repr=False, description="The provider's id of the message it came with.")
    ] = None
    status: MediaStatus = MediaStatus.WAITING
    because: MediaRefusal | None = None
    their_copy: TheirCopy | None = None
    attachment_id: str | None = None
    created_at: Moment
    changed_at: Moment
    due_at: Moment | None = None
    attempts: int = 0
    version: int = 1

    def next(self, **updates: Any) -> "Media":
        """The next version of it."""
        return self.model_copy(update={"version": self.version + 1, **updates})

    def put_off(self, until: datetime) -> "Media":
        """Not now."""
        return self.next(due_at=until)

    def taken_up(self, until: datetime) -> "Media":
        """Somebody fetches it; if nothing is heard of that, it is taken up again at `until`."""
        return self.next(due_at=until, attempts=self.attempts + 1)

    def fetched(self, attachment_id: str, until: datetime) -> "Media":
        """It is an upload that is being cleaned; looked at again at `until`."""
        left = self.reference if self._is_held else None
        return self.next(
            status=MediaStatus.FETCHED, attachment_id=attachment_id, due_at=until, reference=left
        )

    def kept(self, attachment_id: str, at: datetime) -> "Media":
        """It is an attachment from now on. Who holds a copy until it is deleted deletes it."""
        kept = self._settled(MediaStatus.KEPT, at, attachment_id=attachment_id)
        return self._deleted_there(kept, at, self.reference)

    def refused(self, because: MediaRefusal, at: datetime) -> "Media":
        """It is not kept. Where an erasure is why, its provider does not keep it, either."""
        refused = self._settled(MediaStatus.REFUSED, at, because=because)
        if because is MediaRefusal.ERASED:
            return self._deleted_there(refused, at, self.reference)
        left = self.reference if self._is_held and because in _STILL_THERE else None
        return refused.model_copy(update={"reference": left})

    def copy_settled(self, copy: TheirCopy, at: datetime) -> "Media":
        """Its provider has deleted it, or will not: then where it lies stays on record."""
        gone = copy is TheirCopy.DELETED
        left = {
            "reference": None if gone else self.reference,
            "came_with": None if gone and self._whole_message_goes else self.came_with,
        }
        return self.next(changed_at=at, due_at=None, their_copy=copy, **left)

    @property
    def held_as(self) -> str | None:
        """What its provider knows the copy by: with an erasure, the whole message it came with."""
        return (self.came_with if self._whole_message_goes else None) or self.reference

    @property
    def is_known_there(self) -> bool:
        """Whether we still know by what its provider may hold something of it."""
        return self.reference is not None or self.came_with is not None

    @property
    def is_going_with_her(self) -> bool:
        """Whether an erasure has it deleted there already."""
        return self._whole_message_goes and self.their_copy is TheirCopy.TO_DELETE

    @property
    def _whole_message_goes(self) -> bool:
        return self.because is MediaRefusal.ERASED

    @property
    def _is_held(self) -> bool:
        return self.channel in HELD_UNTIL_DELETED

    def _settled(self, status: MediaStatus, at: datetime, **updates: Any) -> "Media":
        return self.next(status=status, changed_at=at, due_at=None, **_FORGOTTEN, **updates)

    def _deleted_there(self, settled: "Media", due_at: datetime, reference: str | None) -> "Media":
        if not (self._is_held and self.is_known_there):
            return settled
        to_delete = {"their_copy": TheirCopy.TO_DELETE, "due_at": due_at, "attempts": 0}
        return settled.model_copy(update={**to_delete, "reference": reference})


_FORGOTTEN = {"reference": None, "answers": None}


def media_of(
    message: Inbound,
    line: HelplineLine,
    *,
    grievance_id: str,
    mark: str,
    at: datetime,
    answered_in: str | None,
) -> Sequence[Media]:
    """What is to be fetched of a message that belongs to a case. `mark` is what the message is
    known by when it comes again: the same message has the same ids. `answered_in` is the language
    in which she is told of what cannot be kept; None where she is not to be answered."""
    if line.provider not in _FETCHED_FROM:
        return ()
    return [
        Media(
            media_id=derive_id("mf", grievance_id, mark, str(number)),
            grievance_id=grievance_id,
            line_id=line.line_id,
            channel=message.channel,
            reference=medium.reference,
            answers=message.message_id if answered_in else None,
            language=answered_in,
            came_with=message.message_id if message.channel in HELD_UNTIL_DELETED else None,
            created_at=at,
            changed_at=at,
            due_at=at,
        )
        for number, medium in enumerate(message.media[:MOST_OF_A_MESSAGE])
    ]


def recording_of_call(
    recording: str, line: HelplineLine, *, grievance_id: str, at: datetime
) -> Media:
    """What is to be fetched of a call: the recording with this id of the provider's. The same
    recording of the same case has the same id."""
    return Media(
        media_id=derive_id("mf", grievance_id, recording),
        grievance_id=grievance_id,
        line_id=line.line_id,
        channel=Channel.PHONE,
        reference=recording,
        created_at=at,
        changed_at=at,
        due_at=at,
    )


def content_type_of(content: bytes) -> ImageType | AudioType | None:
    """What a file says by its first bytes that it is; nothing is believed but what it begins with.

    None for what can not be made anew.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return ImageType.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageType.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ImageType.WEBP
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return AudioType.WAV
    if _IS_MP3.match(content):
        return AudioType.MP3
    return next((kind for mark, kind in _SOUNDS.items() if content.startswith(mark)), None)


_SOUNDS: Mapping[bytes, AudioType] = {
    b"OggS": AudioType.OGG,
    b"#!AMR\n": AudioType.AMR,
    b"#!AMR-WB\n": AudioType.AMR_WB,
}
_IS_MP3 = re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
"""A tag, or a frame of MPEG 1, 2 or 2.5, layer III."""
