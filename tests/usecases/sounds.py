"""Recordings as a telephone's provider makes them, and as somebody makes them who means harm."""

import io
import struct
import wave

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
