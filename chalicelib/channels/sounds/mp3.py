"""MP3: frames of MPEG 1, 2 and 2.5, layer III (ISO/IEC 11172-3 and 13818-3), without their tags."""

import re
from typing import NamedTuple

from chalicelib.channels.image_process import Refused
from chalicelib.channels.sounds.length import refuse_too_long, unreadable
from chalicelib.domain.vocabulary import AttachmentRefusal

_MPEG_1 = 0b11
_RESERVED_VERSION = 0b01
_LAYER_III = 0b01
_MONO = 0b11
_KBITS_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = (44_100, 48_000, 32_000)
_RATE_DIVIDED_BY = {0b11: 1, 0b10: 2, 0b00: 4}

_NOTES = frozenset({b"Xing", b"Info"})
"""What stands in a frame that has no sound, but says how long the others are and who made them."""
_VBRI = b"VBRI"
_VBRI_AT = 36

_BEGINS = re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_ZEROS = re.compile(rb"\0+")
_ID3_V1 = 128
_ID3_V1_MORE = 227
_ID3_FOOTER = 0x10
_APE_HEAD = 32
_LYRICS = b"LYRICSBEGIN"
_LYRICS_END = re.compile(rb"LYRICS200|LYRICSEND")


class _Stream(NamedTuple):
    """What is the same in all frames of a recording."""

    version: int
    rate: int
    is_mono: bool

    @property
    def samples(self) -> int:
        return 1152 if self.version == _MPEG_1 else 576

    @property
    def side_bytes(self) -> int:
        """Of what a frame says about itself between its header and its sound."""
        if self.version == _MPEG_1:
            return 17 if self.is_mono else 32
        return 9 if self.is_mono else 17


def anew(content: bytes) -> bytes:
    """Its frames one behind the other, all of one kind. Raises Refused.

    Tags are stepped over by the size that they say, wherever they stand, and zeros that fill a gap;
    a frame without sound that describes the others goes, too, and a last one that was cut off.
    Anything else between frames is refused: nobody is to lose half a recording unawares.
    """
    if not _BEGINS.match(content):
        raise Refused(AttachmentRefusal.WRONG_TYPE)
    clean = bytearray()
    stream: _Stream | None = None
    at, frames = 0, 0
    while at < len(content):
        if aside := _aside(content, at):
            at += aside
            continue
        found, size = _frame(content, at)
        if found != (stream or found):
            raise unreadable()
        stream = found
        frame = content[at : at + size]
        if len(frame) < size:
            break
        at += size
        if not _is_note(frame, found):
            clean += frame
            frames += 1
            refuse_too_long(frames * found.samples, found.rate)
    if not clean:
        raise unreadable()
    return bytes(clean)


def _frame(content: bytes, at: int) -> tuple[_Stream, int]:
    """The kind of the frame that begins here, and its size. Refused where none does."""
    head = int.from_bytes(content[at : at + 4].ljust(4, b"\0"))
    version, layer = head >> 19 & 0b11, head >> 17 & 0b11
    kbits, rate = head >> 12 & 0b1111, head >> 10 & 0b11
    if head >> 21 != 0x7FF or layer != _LAYER_III:
        raise unreadable()
    if version == _RESERVED_VERSION or kbits in {0, 15} or rate == len(_RATES):
        raise unreadable()
    stream = _Stream(version, _RATES[rate] // _RATE_DIVIDED_BY[version], head >> 6 & 0b11 == _MONO)
    table = _KBITS_1 if version == _MPEG_1 else _KBITS_2
    padding = head >> 9 & 1
    return stream, stream.samples // 8 * table[kbits - 1] * 1000 // stream.rate + padding


def _is_note(frame: bytes, stream: _Stream) -> bool:
    """With and without the two bytes of a check sum in front of it."""
    behind = 4 + stream.side_bytes
    found = {frame[place : place + 4] for place in (behind, behind + 2)}
    return not _NOTES.isdisjoint(found) or frame[_VBRI_AT : _VBRI_AT + 4] == _VBRI


def _aside(content: bytes, at: int) -> int:
    """How many bytes from here on are a tag or fill a gap; 0 where a frame is to begin."""
    begins = content[at : at + _APE_HEAD]
    if begins[:3] == b"ID3":
        return _id3_bytes(begins)
    if begins[:4] == b"TAG+":
        return _ID3_V1_MORE
    if begins[:3] == b"TAG":
        return _ID3_V1
    if begins[:8] == b"APETAGEX":
        return _APE_HEAD + int.from_bytes(begins[12:16], "little")
    if begins[: len(_LYRICS)] == _LYRICS:
        end = _LYRICS_END.search(content, at)
        return (end.end() if end else len(content)) - at
    zeros = _ZEROS.match(content, at)
    return len(zeros[0]) if zeros else 0


def _id3_bytes(begins: bytes) -> int:
    """Its size has seven bits in each of four bytes (ID3v2.4, section 3.1)."""
    sizes = begins[6:10]
    if len(sizes) < 4 or max(sizes) > 0x7F:
        raise unreadable()
    size = 0
    for each in sizes:
        size = size << 7 | each
    return 10 + size + (10 if begins[5] & _ID3_FOOTER else 0)
