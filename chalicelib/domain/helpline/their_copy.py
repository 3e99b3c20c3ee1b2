"""What a provider still holds of a worker's once it is ours, or erased here."""

from enum import StrEnum

from chalicelib.domain.vocabulary import Channel

HELD_UNTIL_DELETED = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.PHONE})
"""What Twilio has carried or recorded it holds until it is told to delete it. What QQ and WeChat
hold ends by itself, within days, and neither has a way to end it sooner."""


class TheirCopy(StrEnum):
    """What becomes of the copy that a provider holds."""

    TO_DELETE = "to_delete"
    DELETED = "deleted"
    LEFT = "left"  # it could not be deleted: somebody has to do it there
