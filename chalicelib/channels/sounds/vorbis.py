"""Vorbis in Ogg (Vorbis I specification, section 4 and appendix A)."""

import struct
from collections.abc import Sequence

from chalicelib.channels.sounds.length import refuse_too_long, unreadable
from chalicelib.channels.sounds.pages import MOST_SEGMENTS, NO_PACKET_ENDS, Page, packets, page_of

IDENTIFICATION = b"\x01vorbis"
_COMMENT = b"\x03vorbis"
_SETUP = b"\x05vorbis"

_HEAD = struct.Struct("<7sLBLlllBB")
"""Mark, version, channels, rate, three bit rates, exponents of both sizes of blocks, framing."""
_CHANNELS = range(1, 3)
_RATES = range(8_000, 48_001)
_EXPONENTS = range(6, 14)
_LARGEST_SETUP = 16 * 1024
"""Encoders write 3 to 8 KB. It is kept as it came: without it nobody can decode the rest."""


class _Head:
    """What the first packet says, as far as it is kept."""

    def __init__(self, packet: bytes) -> None:
        mark, version, channels, rate, _, _, _, blocks, framing = _HEAD.unpack(packet)
        short, long = blocks & 0x0F, blocks >> 4
        if mark != IDENTIFICATION or version or channels not in _CHANNELS or rate not in _RATES:
            raise unreadable()
        if short not in _EXPONENTS or long not in _EXPONENTS or short > long or not framing & 1:
            raise unreadable()
        self.rate: int = rate
        self.most_samples = 2**long // 2
        self.packet = _HEAD.pack(IDENTIFICATION, 0, channels, rate, 0, 0, 0, blocks, 1)


def anew(pages: Sequence[Page]) -> list[Page]:
    """The pages of its sound as they are laid out, behind three new headers. Raises Refused."""
    found = packets(pages)
    head = _Head(next(found, b""))
    if not next(found, b"").startswith(_COMMENT):
        raise unreadable()
    setup = next(found, b"")
    if not setup.startswith(_SETUP) or len(setup) > _LARGEST_SETUP:
        raise unreadable()
    sound = _whole(pages[_pages_of_headers(pages) :])
    _refuse_other(sound, head)
    comment = _COMMENT + bytes(8) + b"\x01"  # no name of a maker, no comments, the framing bit
    return [page_of([head.packet], 0), page_of([comment, setup], 0), *sound]


def _pages_of_headers(pages: Sequence[Page]) -> int:
    """How many pages there are up to the third packet's end, which must be a page's end, too."""
    ended = 0
    for number, page in enumerate(pages, 1):
        ended += sum(length < MOST_SEGMENTS for length in page.lengths)
        if ended >= 3:
            if ended > 3 or page.lengths[-1] == MOST_SEGMENTS:
                raise unreadable()
            return number
    raise unreadable()


def _whole(sound: Sequence[Page]) -> list[Page]:
    """The pages up to the last packet that ends, with the position alone that a page must have."""
    pages = [page for page in sound if page.lengths]
    while pages and not _ends_a_packet(pages[-1]):
        pages.pop()
    if pages:
        last = pages[-1]
        lengths = last.lengths.rstrip(b"\xff")
        pages[-1] = last._replace(lengths=lengths, content=last.content[: sum(lengths)])
    return [
        page if _ends_a_packet(page) else page._replace(position=NO_PACKET_ENDS) for page in pages
    ]


def _ends_a_packet(page: Page) -> bool:
    return min(page.lengths) < MOST_SEGMENTS


def _refuse_other(sound: Sequence[Page], head: _Head) -> None:
    """Anything but packets of sound, and more of them than there may be. A packet's samples are
    known to a decoder alone: at most half a long block, mostly not much less."""
    heard = before = 0
    for packet in packets(sound):
        if not packet or packet[0] & 1:
            raise unreadable()
        heard += 1
    if not heard:
        raise unreadable()
    refuse_too_long(heard * head.most_samples, 4 * head.rate)
    for page in filter(_ends_a_packet, sound):
        if page.position < before:
            raise unreadable()
        before = page.position
        refuse_too_long(before, head.rate)
