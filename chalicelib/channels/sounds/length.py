"""How long a recording may be, whatever its bytes say: few bytes can be many hours of silence."""

from chalicelib.channels.image_process import Refused
from chalicelib.domain.vocabulary import AttachmentRefusal

LONGEST_SECONDS = 2 * 60 * 60
"""What 10 MiB hold at the rate of a telephone; no officer is to be sent days of nothing."""


def refuse_too_long(samples: int, rate: int) -> None:
    """Raises Refused where so many samples at this rate are more than a recording may have."""
    if samples > LONGEST_SECONDS * rate:
        raise Refused(AttachmentRefusal.TOO_LONG)


def unreadable() -> Refused:
    """For a file that is not what it says it is, or not whole."""
    return Refused(AttachmentRefusal.UNREADABLE)
