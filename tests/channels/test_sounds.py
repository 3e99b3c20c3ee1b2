"""WAV made anew: what is heard stays to the bit, what stands beside it goes."""

import io
import struct
import wave

import pytest

from chalicelib.channels import image_process
from chalicelib.channels.image_process import Refused, made_anew
from chalicelib.channels.sounds import anew
from chalicelib.channels.twilio_voice import LONGEST_RECORDING
from chalicelib.domain.cases.attachment import LARGEST
from chalicelib.domain.vocabulary import AttachmentRefusal, AudioType
from tests.usecases import pictures, sounds
from tests.usecases.sounds import coded, spoken, telling


def heard(content: bytes) -> tuple[tuple[int, int, int], bytes]:
    with wave.open(io.BytesIO(content)) as sound:
        told = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
        return told, sound.readframes(sound.getnframes())


def refused(content: bytes) -> AttachmentRefusal:
    with pytest.raises(Refused) as found:
        made_anew(content, AudioType.WAV)
    return found.value.reason


def test_nothing_stays_of_a_recording_but_its_samples() -> None:
    source = telling()
    assert all(canary in source for canary in sounds.CANARIES)  # the control: it was there

    clean = made_anew(source, AudioType.WAV)

    assert clean == spoken()
    assert heard(clean) == heard(source)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_every_way_of_writing_samples_is_kept(channels: int, width: int, rate: int) -> None:
    source = spoken(channels=channels, width=width, rate=rate)
    assert anew(source, AudioType.WAV) == source


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", AttachmentRefusal.WRONG_TYPE),
        (b"#!AMR\n" + bytes(100), AttachmentRefusal.WRONG_TYPE),
        (b"OggS" + bytes(100), AttachmentRefusal.WRONG_TYPE),
        (b"ID3\x04" + bytes(100), AttachmentRefusal.WRONG_TYPE),
        (b"MZ" + spoken(), AttachmentRefusal.WRONG_TYPE),
        (pictures.webp(), AttachmentRefusal.WRONG_TYPE),
        (b"RIFX" + spoken()[4:], AttachmentRefusal.WRONG_TYPE),
        (spoken()[:12], AttachmentRefusal.UNREADABLE),
        (spoken()[:30], AttachmentRefusal.UNREADABLE),
        (spoken()[:-1], AttachmentRefusal.UNREADABLE),
        (spoken(frames=0), AttachmentRefusal.UNREADABLE),
        (coded(3), AttachmentRefusal.UNREADABLE),
        (coded(7), AttachmentRefusal.UNREADABLE),
        (coded(0x55), AttachmentRefusal.UNREADABLE),
        (spoken(channels=3), AttachmentRefusal.UNREADABLE),
        (spoken(rate=200_000), AttachmentRefusal.UNREADABLE),
        (spoken(rate=1), AttachmentRefusal.UNREADABLE),
    ],
    ids=[
        "empty", "amr", "ogg", "mp3", "exe-in-front", "webp", "big-endian", "no-parts", "cut-head",
        "cut", "silent", "float", "mu-law", "mp3-inside", "many-channels", "fast", "slow",
    ],
)  # fmt: skip
def test_what_is_no_such_recording_is_refused(content: bytes, reason: AttachmentRefusal) -> None:
    assert refused(content) is reason


@pytest.mark.parametrize("place", [4, 40], ids=["riff", "data"])
@pytest.mark.parametrize("size", [0, 20, 2**31, 2**32 - 1])
def test_a_recording_that_is_not_as_long_as_it_says_is_refused_or_shorter(
    place: int, size: int
) -> None:
    """Nobody makes up samples, or room for them."""
    content = spoken()[:place] + struct.pack("<L", size) + spoken()[place + 4 :]
    try:
        clean = anew(content, AudioType.WAV)
    except Refused as refusal:
        assert refusal.reason is AttachmentRefusal.UNREADABLE  # noqa: PT017
    else:
        assert len(clean) <= len(content)


def test_the_longest_call_is_fetched_and_made_anew() -> None:
    longest = spoken(frames=LONGEST_RECORDING * 8_000)
    assert len(longest) < LARGEST

    assert made_anew(longest, AudioType.WAV) == longest


def test_what_takes_too_long_is_refused_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_process, "WALL_SECONDS", 0.01)
    assert refused(spoken()) is AttachmentRefusal.TOO_DEMANDING
