"""A picture or recording that a worker sent or spoke, until it is an attachment of her case.

The provider holds it for some time. `due_at` says that it is still to be fetched; where it lies
there, `reference`, is forgotten as soon as nothing is to be fetched any more.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound
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
    status: MediaStatus = MediaStatus.WAITING
    because: MediaRefusal | None = None
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
        return self.next(
            status=MediaStatus.FETCHED, attachment_id=attachment_id, due_at=until, reference=None
        )

    def kept(self, attachment_id: str, at: datetime) -> "Media":
        """It is an attachment from now on."""
        return self._settled(MediaStatus.KEPT, at, attachment_id=attachment_id)

    def refused(self, because: MediaRefusal, at: datetime) -> "Media":
        """It is not kept."""
        return self._settled(MediaStatus.REFUSED, at, because=because)

    def _settled(self, status: MediaStatus, at: datetime, **updates: Any) -> "Media":
        return self.next(status=status, changed_at=at, due_at=None, **_FORGOTTEN, **updates)


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
