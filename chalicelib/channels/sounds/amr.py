"""AMR as telephones store it (RFC 4867, section 5): a mark, then one frame for each 20 ms."""

from collections.abc import Mapping

from chalicelib.channels.image_process import Refused
from chalicelib.channels.sounds.length import refuse_too_long, unreadable
from chalicelib.domain.vocabulary import AttachmentRefusal

NARROW = b"#!AMR\n"
WIDE = b"#!AMR-WB\n"

_NARROW_BITS: Mapping[int, int] = {
    0: 95, 1: 103, 2: 118, 3: 134, 4: 148, 5: 159, 6: 204, 7: 244, 8: 39, 15: 0,
}  # fmt: skip
_WIDE_BITS: Mapping[int, int] = {
    0: 132, 1: 177, 2: 253, 3: 285, 4: 317, 5: 365, 6: 397, 7: 461, 8: 477, 9: 40, 14: 0, 15: 0,
}  # fmt: skip
"""Frame type -> bits of speech, or of the noise of a silence (3GPP TS 26.101 and 26.201). The types
that are missing are another coder's, or nobody's."""

_KIND_AND_QUALITY = 0b0111_1100
_FRAMES_A_SECOND = 50


def anew_narrow(content: bytes) -> bytes:
    """The same frames behind the same mark. Raises Refused."""
    return _anew(content, NARROW, _NARROW_BITS)


def anew_wide(content: bytes) -> bytes:
    """The same for wideband."""
    return _anew(content, WIDE, _WIDE_BITS)


def _anew(content: bytes, mark: bytes, bits: Mapping[int, int]) -> bytes:
    """A last frame that was cut off is left out; the bits that only fill bytes up become 0."""
    if not content.startswith(mark):
        raise Refused(AttachmentRefusal.WRONG_TYPE)
    clean = bytearray(mark)
    at, frames = len(mark), 0
    while at < len(content):
        head = content[at]
        spoken = bits.get(head >> 3 & 0b1111)
        if spoken is None or head & ~_KIND_AND_QUALITY:
            raise unreadable()
        until = at + 1 + (spoken + 7) // 8
        if until > len(content):
            break
        clean += content[at:until]
        clean[-1] &= 0xFF << -spoken % 8 & 0xFF
        at, frames = until, frames + 1
        refuse_too_long(frames, _FRAMES_A_SECOND)
    if not frames:
        raise unreadable()
    return bytes(clean)
