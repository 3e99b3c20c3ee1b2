"""Ogg's pages (RFC 3533), read with every length and check sum held against the bytes, and written
anew: the number of the stream, which may be a time or a device's own, their order, their flags."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chalicelib.channels.sounds.length import unreadable

MARK = b"OggS"
NO_PACKET_ENDS = -1
MOST_SEGMENTS = 255
"""Of a page; also the length of a segment that the next one goes on with."""

_HEAD = struct.Struct("<4sBBqLLLB")
"""Mark, version, flags, position, stream, order, check sum, number of segments."""
_SUM_AT = 22
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_STREAM = 1
"""The number of each stream that is written: there is one in a file."""

_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the opposite order."""


class Page(NamedTuple):
    """A page: the lengths of its segments and their bytes; whether it begins inside a packet.

    `is_first` and `stream` are as they were read: what is written has its own.
    """

    lengths: bytes
    content: bytes
    position: int
    continued: bool = False
    is_first: bool = False
    stream: int = _STREAM


def read(content: bytes) -> list[Page]:
    """The pages of a file that has one stream. Raises Refused.

    A last page that was cut off is left out, and whatever comes behind the pages; where pages go on
    after that, the file is damaged.
    """
    pages: list[Page] = []
    at = 0
    while (page := _page(content, at)) is not None:
        pages.append(page)
        at += _HEAD.size + len(page.lengths) + len(page.content)
        if page.is_first != (len(pages) == 1) or page.stream != pages[0].stream:
            raise unreadable()
    if content.find(MARK, at + 1) != -1:
        raise unreadable()
    return pages


def _page(content: bytes, at: int) -> Page | None:
    """The page that begins here; None where no whole one does."""
    head = content[at : at + _HEAD.size]
    if len(head) < _HEAD.size or head[:4] != MARK:
        return None
    _, version, flags, position, stream, _, told, segments = _HEAD.unpack(head)
    lengths = content[at + _HEAD.size : at + _HEAD.size + segments]
    begins = at + _HEAD.size + segments
    ends = begins + sum(lengths)
    if len(lengths) < segments or ends > len(content):
        return None
    body = content[begins:ends]
    if version or _sum(head, lengths + body) != told:
        raise unreadable()
    return Page(lengths, body, position, bool(flags & _CONTINUED), bool(flags & _FIRST), stream)


def packets(pages: Iterable[Page]) -> Iterator[bytes]:
    """The packets of some pages, whole. One that does not end is left out. Raises Refused."""
    parts: list[bytes] = []
    for page in pages:
        if page.continued != bool(parts):
            raise unreadable()
        at = 0
        for length in page.lengths:
            parts.append(page.content[at : at + length])
            at += length
            if length < MOST_SEGMENTS:
                yield b"".join(parts)
                parts = []


def lengths_of(packet: bytes) -> bytes:
    """The lengths of a packet's segments."""
    full, rest = divmod(len(packet), MOST_SEGMENTS)
    return b"\xff" * full + bytes([rest])


def page_of(packets: Sequence[bytes], position: int) -> Page:
    """A page of whole packets, which must fit."""
    return Page(b"".join(map(lengths_of, packets)), b"".join(packets), position)


def written(pages: Sequence[Page]) -> bytes:
    """A file of one stream of these pages."""
    out = bytearray()
    for order, page in enumerate(pages):
        flags = _CONTINUED * page.continued
        flags |= _FIRST * (order == 0) | _LAST * (order == len(pages) - 1)
        told = (page.position, _STREAM, order)
        segments = len(page.lengths)
        head = _HEAD.pack(MARK, 0, flags, *told, 0, segments)
        checked = _sum(head, page.lengths + page.content)
        out += _HEAD.pack(MARK, 0, flags, *told, checked, segments) + page.lengths + page.content
    return bytes(out)


def _sum(head: bytes, rest: bytes) -> int:
    """Ogg's CRC: the polynomial of zlib's, over bits in the opposite order, beginning with 0.

    Its own place in the head counts as 0.
    """
    bare = head[:_SUM_AT] + bytes(4) + head[_SUM_AT + 4 :]
    turned = zlib.crc32((bare + rest).translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(turned.to_bytes(4, "little").translate(_TURNED))
