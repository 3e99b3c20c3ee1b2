"""Recordings as a telephone's provider makes them, and as somebody makes them who means harm."""

import io
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

RECORDINGS = Path(__file__).parents[1] / "channels" / "recordings"

CANARIES = (b"CanaryArtist", b"CanaryEngineer", b"CanaryTrailer")
"""What must not be in a clean file, in whatever place of the recording it stood."""


def spoken(
    frames: int = 800, *, channels: int = 1, width: int = 2, rate: int = 8_000, sample: int = 7
) -> bytes:
    """A plain WAV of so many samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(bytes([sample]) * (frames * channels * width))
    return out.getvalue()


def telling() -> bytes:
    """A WAV that says who, with what and when, before its samples, behind them and outside."""
    plain = spoken()
    before = chunk(b"bext", b"CanaryEngineer" * 5) + chunk(b"LIST", b"INFOIART" + b"CanaryArtist")
    behind = chunk(b"LIST", b"INFOICRD" + b"CanaryArtist")
    parts = plain[12:36] + before + plain[36:] + behind
    return b"RIFF" + struct.pack("<L", 4 + len(parts)) + b"WAVE" + parts + b"CanaryTrailer"


def coded(code: int) -> bytes:
    """A WAV that says its samples are coded so: 1 is PCM, 7 what telephones use on the way."""
    plain = spoken()
    return plain[:20] + struct.pack("<H", code) + plain[22:]


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a WAV."""
    return name + struct.pack("<L", len(content)) + content + b"\0" * (len(content) % 2)


def recording(name: str) -> bytes:
    """One of the files that encoders have written; their README says how."""
    return (RECORDINGS / name).read_bytes()


def amr(*frames: bytes, mark: bytes = b"#!AMR\n") -> bytes:
    """A voice note of a telephone or of WeChat: 20 ms a frame, as many as are given."""
    return mark + b"".join(frames or (amr_frame(),) * 50)


def amr_frame(kind: int = 7, speech: bytes = b"\x5a" * 31) -> bytes:
    """One frame: 7 is the usual one, of 244 bits; the last four of its 31 bytes are filling."""
    return bytes([kind << 3 | 0b100]) + speech


def mp3_frame(sound: bytes = b"\x21" * 68, *, head: bytes = b"\xff\xf3\x18\xc0") -> bytes:
    """A frame of MPEG 2, layer III: 8 kbit/s, 16 kHz, mono; 72 * 8000 / 16000 = 36 bytes."""
    return (head + sound).ljust(36, b"\x21")[:36]


def mp3(*frames: bytes) -> bytes:
    """A recording of so many frames, one behind the other."""
    return b"".join(frames or (mp3_frame(),) * 10)


def id3(*texts: bytes) -> bytes:
    """An ID3v2.3 tag."""
    content = b"".join(b"TPE1" + struct.pack(">LH", len(each), 0) + each for each in texts)
    sizes = bytes(len(content) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + sizes + content


def id3_v1(text: bytes) -> bytes:
    """The older one, behind the sound."""
    return (b"TAG" + text).ljust(128, b"\0")


def ape(text: bytes) -> bytes:
    """An APEv2 tag: head, one item, foot."""
    item = struct.pack("<LL", len(text), 0) + b"Artist\0" + text

    def end(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack("<LLLLQ", 2_000, len(item) + 32, 1, flags, 0)

    return end(0xA000_0000) + item + end(0x8000_0000)


def ogg_page(
    *packets: bytes,
    flags: int = 0,
    position: int = 0,
    order: int = 0,
    stream: int = 0xCAFE,
    lengths: bytes | None = None,
    version: int = 0,
) -> bytes:
    """A page of Ogg. Its sum is taken bit by bit, as the RFC says it, not as the service does."""
    segments = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    told = segments if lengths is None else lengths
    head = b"OggS" + struct.pack("<BBqLL", version, flags, position, stream, order)
    behind = bytes([len(told)]) + told + b"".join(packets)
    return head + struct.pack("<L", _ogg_sum(head + bytes(4) + behind)) + behind


def with_right_sums(content: bytes) -> bytes:
    """A damaged Ogg file whose pages say of themselves that they are whole."""
    out = bytearray()
    for page in content.split(b"OggS")[1:]:
        bare = b"OggS" + page[:18] + bytes(4) + page[22:]
        out += bare[:22] + struct.pack("<L", _ogg_sum(bare)) + bare[26:]
    return bytes(out)


def _ogg_sum(content: bytes) -> int:
    told = 0
    for byte in content:
        told ^= byte << 24
        for _ in range(8):
            told = told << 1 ^ (0x04C1_1DB7 if told & 0x8000_0000 else 0)
            told &= 0xFFFF_FFFF
    return told


OPUS_HEAD = struct.pack("<8sBBHLhB", b"OpusHead", 1, 1, 312, 16_000, 0, 0)
OPUS_TAGS = b"OpusTags" + struct.pack("<L", 13) + b"CanaryTrailer" + bytes(4)
OPUS_PACKET = b"\x08" + b"\x5a" * 39
"""20 ms of speech, as voice notes have them."""


def opus(
    *packets: bytes, head: bytes = OPUS_HEAD, tags: bytes = OPUS_TAGS, behind: bytes = b""
) -> bytes:
    """A voice note of WhatsApp, all of its sound in one page."""
    return (
        ogg_page(head, flags=2)
        + ogg_page(tags, order=1)
        + ogg_page(*(packets or (OPUS_PACKET,) * 10), position=9_600, order=2, flags=4)
        + behind
    )


def pages_of(content: bytes) -> list[bytes]:
    """The pages of an Ogg file, one by one."""
    pages = []
    while content:
        size = 27 + content[26] + sum(content[27 : 27 + content[26]])
        pages.append(content[:size])
        content = content[size:]
    return pages


def packets_of(content: bytes) -> Sequence[bytes]:
    """The packets of an Ogg file whose packets end with their pages."""
    found: list[bytes] = []
    for page in pages_of(content):
        lengths, body, packet = page[27 : 27 + page[26]], page[27 + page[26] :], b""
        for length in lengths:
            packet, body = packet + body[:length], body[length:]
            if length < 255:
                found.append(packet)
                packet = b""
    return found
