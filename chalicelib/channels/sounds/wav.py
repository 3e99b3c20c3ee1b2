"""WAV: the samples of PCM, in a file with a header of our own."""

import io
import wave

from chalicelib.channels.image_process import Refused
from chalicelib.channels.sounds.length import unreadable
from chalicelib.domain.vocabulary import AttachmentRefusal

_CHANNELS = range(1, 3)
_RATES = range(8_000, 48_001)
"""What telephones record. A player is not to meet anything stranger."""


def anew(content: bytes) -> bytes:
    """The same sound in a new WAV: a header of our own, and the samples to the bit.

    Only PCM can be read. No other part of the file is left (who, when, with what), and nothing that
    came behind the samples. Raises Refused.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise Refused(AttachmentRefusal.WRONG_TYPE)
    return _written(*_read(content))


def _read(content: bytes) -> tuple[int, int, int, bytes]:
    """Channels, bytes of a sample, samples a second; and the samples, if all of them are there."""
    with wave.open(io.BytesIO(content)) as sound:
        channels, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        announced = sound.getnframes() * channels * width
        samples = sound.readframes(sound.getnframes())
    if channels not in _CHANNELS or rate not in _RATES:
        raise unreadable()
    if not samples or len(samples) != announced:
        raise unreadable()
    return channels, width, rate, samples


def _written(channels: int, width: int, rate: int, samples: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return out.getvalue()
