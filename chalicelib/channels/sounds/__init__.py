"""Recordings made anew: what is heard stays, everything else goes. No AWS, no settings, no text.

Runs in a process of its own (`image_process.py`), as `python -m chalicelib.channels.sounds <content
type>`: the file on standard input, the clean one on standard output. Exit status 0, or `REFUSED`
with the reason's code on standard error.

Nothing is decoded. A recording is taken apart into the frames of its codec, each as long as it says
itself, and a new file is laid out from these alone (ADR 48).
"""

from collections.abc import Callable, Mapping

from chalicelib.channels.image_process import Refused
from chalicelib.channels.sounds import amr, mp3, ogg, wav
from chalicelib.domain.vocabulary import AttachmentRefusal, AudioType

_ANEW: Mapping[AudioType, Callable[[bytes], bytes]] = {
    AudioType.WAV: wav.anew,
    AudioType.OGG: ogg.anew,
    AudioType.MP3: mp3.anew,
    AudioType.AMR: amr.anew_narrow,
    AudioType.AMR_WB: amr.anew_wide,
}


def anew(content: bytes, announced: AudioType) -> bytes:
    """The same sound in a new file of the same type: its frames or samples, and nothing else.

    No names, times, pictures, comments or names of devices, and nothing that came before or behind.
    Raises Refused.
    """
    try:
        return _ANEW[announced](content)
    except Refused:
        raise
    except MemoryError:
        raise Refused(AttachmentRefusal.TOO_DEMANDING) from None
    except Exception:  # noqa: BLE001  what is damaged breaks a reader in more ways than one
        raise Refused(AttachmentRefusal.UNREADABLE) from None
