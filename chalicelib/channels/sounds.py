"""Recordings made anew: their samples stay, everything else goes. No AWS, no settings, no text.

Runs in a process of its own (`image_process.py`), as `python sounds.py`: the file on standard
input, the clean one on standard output. Exit status 0, or `REFUSED` with the reason's code on
standard error.
"""

import io
import sys
import wave

from chalicelib.channels.image_process import Refused, answered
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
    try:
        return _written(*_read(content))
    except Refused:
        raise
    except MemoryError:
        raise Refused(AttachmentRefusal.TOO_DEMANDING) from None
    except Exception:  # noqa: BLE001  the reader raises several kinds at what is damaged
        raise Refused(AttachmentRefusal.UNREADABLE) from None


def _read(content: bytes) -> tuple[int, int, int, bytes]:
    """Channels, bytes of a sample, samples a second; and the samples, if all of them are there."""
    with wave.open(io.BytesIO(content)) as sound:
        channels, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        announced = sound.getnframes() * channels * width
        samples = sound.readframes(sound.getnframes())
    if channels not in _CHANNELS or rate not in _RATES:
        raise Refused(AttachmentRefusal.UNREADABLE)
    if not samples or len(samples) != announced:
        raise Refused(AttachmentRefusal.UNREADABLE)
    return channels, width, rate, samples


def _written(channels: int, width: int, rate: int, samples: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(answered(anew))
