"""Opus in Ogg (RFC 7845), packets as RFC 6716 lays them out (section 3 and its rules R1 to R7)."""

import struct
from collections.abc import Iterator, Sequence

from chalicelib.channels.sounds.length import refuse_too_long, unreadable
from chalicelib.channels.sounds.pages import (
    MOST_SEGMENTS,
    Page,
    lengths_of,
    packets,
    page_of,
)

HEAD = b"OpusHead"
_COMMENT = b"OpusTags"

RATE = 48_000
"""Positions are counted at this rate, whatever was recorded."""

_HEAD = struct.Struct("<8sBBHLhB")
"""Mark, version, channels, samples to skip, rate of the source, gain, family of channels."""
_CHANNELS = range(1, 3)
_LONGEST_PACKET = RATE * 120 // 1_000
_LONGEST_FRAME = 1_275
_SILK, _HYBRID, _CELT = (480, 960, 1_920, 2_880), (480, 960), (120, 240, 480, 960)
_SAMPLES = _SILK * 3 + _HYBRID * 2 + _CELT * 4
"""Of a frame, by its configuration."""


def anew(pages: Sequence[Page]) -> list[Page]:
    """Its packets without their padding, in pages of a second. Raises Refused.

    Positions are counted anew, so a few milliseconds at the end that a player was to leave out are
    heard.
    """
    found = packets(pages)
    head = _head(next(found, b""))
    if not next(found, b"").startswith(_COMMENT):
        raise unreadable()
    comment = _COMMENT + bytes(8)  # no name of a maker, no comments
    sound = list(_paged(found))
    if not sound:
        raise unreadable()
    return [page_of([head], 0), page_of([comment], 0), *sound]


def _head(packet: bytes) -> bytes:
    mark, version, channels, skip, _, gain, family = _HEAD.unpack(packet[: _HEAD.size])
    if mark != HEAD or version >> 4 or channels not in _CHANNELS or family:
        raise unreadable()
    return _HEAD.pack(HEAD, 1, channels, skip, RATE, gain, 0)


def _paged(found: Iterator[bytes]) -> Iterator[Page]:
    page: list[bytes] = []
    position = began = segments = 0
    for packet in found:
        clean, samples = bare(packet)
        needed = len(lengths_of(clean))
        if page and (segments + needed > MOST_SEGMENTS or position - began >= RATE):
            yield page_of(page, position)
            page, began, segments = [], position, 0
        page.append(clean)
        segments += needed
        position += samples
        refuse_too_long(position, RATE)
    if page:
        yield page_of(page, position)


def bare(packet: bytes) -> tuple[bytes, int]:
    """A packet without its padding, and its samples. Raises Refused."""
    if not packet:
        raise unreadable()
    samples = _SAMPLES[packet[0] >> 3]
    code = packet[0] & 0b11
    if code == 3:
        return _bare_of_many(packet, samples)
    if code == 0:
        _refuse_frames([len(packet) - 1])
        return packet, samples
    if code == 1:
        _refuse_unequal(len(packet) - 1, 2)
    else:
        _refuse_frames(_lengths(packet, 1, len(packet), 2))
    return packet, 2 * samples


def _bare_of_many(packet: bytes, samples: int) -> tuple[bytes, int]:
    if len(packet) < 2:
        raise unreadable()
    frames, varies, is_padded = packet[1] & 0x3F, packet[1] & 0x80, packet[1] & 0x40
    if not frames or frames * samples > _LONGEST_PACKET:
        raise unreadable()
    begins, padding = _padding(packet) if is_padded else (2, 0)
    ends = len(packet) - padding
    if varies:
        _refuse_frames(_lengths(packet, begins, ends, frames))
    else:
        _refuse_unequal(ends - begins, frames)
    return bytes([packet[0], packet[1] & ~0x40]) + packet[begins:ends], frames * samples


def _padding(packet: bytes) -> tuple[int, int]:
    """Where what is behind the length of the padding begins, and that length."""
    at, padding = 2, 0
    while packet[at : at + 1] == b"\xff":
        at, padding = at + 1, padding + 254
    if at >= len(packet):
        raise unreadable()
    return at + 1, padding + packet[at]


def _lengths(packet: bytes, at: int, ends: int, frames: int) -> list[int]:
    """The lengths of frames that each say theirs, but for the last one, which has the rest."""
    lengths = []
    for _ in range(frames - 1):
        if at >= ends:
            raise unreadable()
        length, at = packet[at], at + 1
        if length >= 252:
            if at >= ends:
                raise unreadable()
            length, at = length + 4 * packet[at], at + 1
        lengths.append(length)
    return [*lengths, ends - at - sum(lengths)]


def _refuse_frames(lengths: Sequence[int]) -> None:
    if not all(0 <= length <= _LONGEST_FRAME for length in lengths):
        raise unreadable()


def _refuse_unequal(size: int, frames: int) -> None:
    if size % frames:
        raise unreadable()
    _refuse_frames([size // frames])
