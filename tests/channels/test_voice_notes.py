"""Voice notes made anew: Ogg (Opus, Vorbis), MP3 and AMR lose all but the frames of their sound."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.image_process import Refused, made_anew
from chalicelib.channels.sounds import anew, length
from chalicelib.channels.sounds.opus import bare
from chalicelib.domain.cases.attachment import LARGEST
from chalicelib.domain.helpline.media import content_type_of
from chalicelib.domain.vocabulary import AttachmentRefusal, AudioType
from tests.usecases import pictures
from tests.usecases.sounds import (
    CANARIES,
    OPUS_HEAD,
    OPUS_PACKET,
    amr,
    amr_frame,
    ape,
    id3,
    id3_v1,
    mp3,
    mp3_frame,
    ogg_page,
    opus,
    packets_of,
    pages_of,
    recording,
    spoken,
)

UNREADABLE, WRONG_TYPE, TOO_LONG = (
    AttachmentRefusal.UNREADABLE,
    AttachmentRefusal.WRONG_TYPE,
    AttachmentRefusal.TOO_LONG,
)
WRITTEN_BY_ENCODERS = [
    ("spoken.opus.ogg", AudioType.OGG),
    ("spoken.vorbis.ogg", AudioType.OGG),
    ("spoken.mp3", AudioType.MP3),
]


def refused(content: bytes, announced: AudioType) -> AttachmentRefusal:
    with pytest.raises(Refused) as found:
        anew(content, announced)
    return found.value.reason


@pytest.mark.parametrize(("name", "announced"), WRITTEN_BY_ENCODERS)
def test_nothing_that_was_written_beside_the_sound_stays(name: str, announced: AudioType) -> None:
    source = recording(name)
    assert b"CanaryArtist" in source  # the control: it was there
    assert content_type_of(source) is announced

    clean = made_anew(source, announced)

    for told in (*CANARIES, b"CanaryTitle", b"Lav", b"ID3", b"TAG", b"Info"):
        assert told not in clean
    assert content_type_of(clean) is announced
    assert anew(clean, announced) == clean


def test_the_packets_of_opus_are_kept_to_the_bit() -> None:
    source = recording("spoken.opus.ogg")

    head, comment, *sound = packets_of(anew(source, AudioType.OGG))

    assert sound == packets_of(source)[2:]
    assert head == packets_of(source)[0]
    assert comment == b"OpusTags" + bytes(8)


def test_the_packets_of_vorbis_are_kept_to_the_bit_and_its_tables() -> None:
    source = recording("spoken.vorbis.ogg")

    head, comment, *sound = packets_of(anew(source, AudioType.OGG))

    assert sound == packets_of(source)[2:]
    assert head[:16] == packets_of(source)[0][:16]
    assert head[16:28] == bytes(12)  # what the encoder says of its bit rate
    assert comment == b"\x03vorbis" + bytes(8) + b"\x01"


def test_every_page_is_written_anew() -> None:
    one, two, three = pages_of(anew(opus(behind=b"CanaryTrailer"), AudioType.OGG))

    assert one == ogg_page(OPUS_HEAD[:12] + struct.pack("<LhB", 48_000, 0, 0), flags=2, stream=1)
    assert two == ogg_page(b"OpusTags" + bytes(8), order=1, stream=1)
    sound = [OPUS_PACKET] * 10
    assert three == ogg_page(*sound, flags=4, position=9_600, order=2, stream=1)


def test_a_long_voice_note_has_a_page_for_each_second_with_its_time() -> None:
    pages = pages_of(anew(opus(*[OPUS_PACKET] * 120), AudioType.OGG))

    positions = [struct.unpack_from("<q", page, 6)[0] for page in pages]
    assert positions == [0, 0, 48_000, 96_000, 115_200]
    assert [page[5] for page in pages] == [2, 0, 0, 0, 4]


def test_a_packet_that_goes_on_on_the_next_page_is_put_together() -> None:
    packet = b"\x0a\xfc\x00" + bytes(252) + b"\x07" * 200  # two frames, 455 bytes
    content = (
        ogg_page(OPUS_HEAD, flags=2)
        + ogg_page(b"OpusTags" + bytes(8), order=1)
        + ogg_page(packet[:255], lengths=b"\xff", position=-1, order=2)
        + ogg_page(packet[255:], flags=5, position=1_920, order=3)
    )

    assert packets_of(anew(content, AudioType.OGG))[2:] == [packet]


@pytest.mark.parametrize(
    ("packet", "clean", "samples"),
    [
        (b"\x08" + b"a" * 9, None, 960),
        (b"\x80", None, 120),
        (b"\x09" + b"a" * 8, None, 1_920),
        (b"\x0a\x02aabbbb", None, 1_920),
        (b"\x0a\xfc\x01" + b"a" * 256, None, 1_920),
        (b"\x0b\x03aabbcc", None, 2_880),
        (b"\x0b\x83\x01\x02abbccc", None, 2_880),
        (b"\x0b\x43\x06aabbccCanary", b"\x0b\x03aabbcc", 2_880),
        (b"\x0b\xc3\x06\x01\x02abbcccCanary", b"\x0b\x83\x01\x02abbccc", 2_880),
        (b"\x0b\x41\xff\xff\x01aa" + b"C" * 509, b"\x0b\x01aa", 960),
        (b"\x0b\x41\x00aa", b"\x0b\x01aa", 960),
    ],
)
def test_a_packet_of_opus_loses_its_padding_and_nothing_else(
    packet: bytes, clean: bytes | None, samples: int
) -> None:
    assert bare(packet) == (clean or packet, samples)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x08" + bytes(1_276),
        b"\x09" + bytes(3),
        b"\x09" + bytes(2_552),
        b"\x0a",
        b"\x0a\xfc",
        b"\x0a\x09abc",
        b"\x0b",
        b"\x0b\x00",
        b"\x0b\x40\x00",
        b"\x0b\x02abc",
        b"\x0b\x07" + bytes(7),  # 140 ms
        b"\x0b\x41",
        b"\x0b\x41\xff",
        b"\x0b\x41\x09abc",
        b"\x0b\x82",
        b"\x0b\x82\xfc",
        b"\x0b\x82\x05abc",
    ],
)
def test_a_packet_that_is_not_laid_out_as_opus_is_refuses_the_file(packet: bytes) -> None:
    assert refused(opus(OPUS_PACKET, packet, OPUS_PACKET), AudioType.OGG) is UNREADABLE


def vorbis_pages() -> list[bytes]:
    return pages_of(recording("spoken.vorbis.ogg"))


def _patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


IDENTIFICATION, VORBIS_COMMENT, SETUP, *VORBIS_SOUND = packets_of(recording("spoken.vorbis.ogg"))


def vorbis(
    head: bytes = IDENTIFICATION,
    comment: bytes = VORBIS_COMMENT,
    setup: bytes = SETUP,
    *,
    packet: bytes = VORBIS_SOUND[1],
    position: int = 4_096,
    lengths: bytes | None = None,
) -> bytes:
    return (
        ogg_page(head, flags=2)
        + ogg_page(comment, setup, order=1)
        + ogg_page(*VORBIS_SOUND[:2], position=1_024, order=2)
        + ogg_page(packet, position=position, order=3, flags=4, lengths=lengths)
    )


def test_vorbis_as_it_is_laid_out_here_is_taken() -> None:
    assert len(packets_of(anew(vorbis(), AudioType.OGG))) == 6


def test_a_last_packet_of_vorbis_that_was_cut_off_is_left_out() -> None:
    cut = vorbis(packet=b"\x02" * 255, lengths=b"\xff")
    assert packets_of(anew(cut, AudioType.OGG))[3:] == VORBIS_SOUND[:2]
    assert b"\x02" * 255 not in anew(cut, AudioType.OGG)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (vorbis(_patched(IDENTIFICATION, 7, b"\1")), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 11, b"\0")), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 11, b"\3")), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 12, bytes(4))), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 28, b"\x89")), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 28, b"\xff")), UNREADABLE),
        (vorbis(_patched(IDENTIFICATION, 29, b"\0")), UNREADABLE),
        (vorbis(IDENTIFICATION + b"more"), UNREADABLE),
        (vorbis(comment=b"\x03worbis"), UNREADABLE),
        (vorbis(setup=b"\x05worbis" + bytes(30)), UNREADABLE),
        (vorbis(setup=SETUP + bytes(16 * 1024)), UNREADABLE),
        (vorbis(packet=b"\x03vorbis"), UNREADABLE),
        (vorbis(packet=b""), UNREADABLE),
        (vorbis(position=0), UNREADABLE),
        (vorbis(position=-1), UNREADABLE),
        (vorbis(position=2**62), TOO_LONG),
        (b"".join(vorbis_pages()[:2]), UNREADABLE),
        (b"".join(vorbis_pages()[:1]), UNREADABLE),
        (ogg_page(IDENTIFICATION, VORBIS_COMMENT, SETUP, VORBIS_SOUND[0], flags=2), UNREADABLE),
    ],
    ids=[
        "version", "no-channel", "channels", "no-rate", "blocks-turned", "blocks-large", "framing",
        "head-long", "no-comment", "no-setup", "setup-large", "header-again", "empty-packet",
        "back-in-time", "no-time", "endless", "no-sound", "head-alone", "sound-among-headers",
    ],
)  # fmt: skip
def test_what_is_no_vorbis_is_refused(content: bytes, reason: AttachmentRefusal) -> None:
    assert refused(content, AudioType.OGG) is reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", WRONG_TYPE),
        (spoken(), WRONG_TYPE),
        (b"<script>" + opus(), WRONG_TYPE),
        (b"OggS" + bytes(100), UNREADABLE),
        (opus()[:60], UNREADABLE),
        (b"".join(pages_of(opus())[:2]), UNREADABLE),
        (_patched(opus(), -9, b"!"), UNREADABLE),
        (pages_of(opus())[0] + b"Canary" + b"".join(pages_of(opus())[1:]), UNREADABLE),
        (opus() + opus(), UNREADABLE),
        (opus() + ogg_page(OPUS_PACKET, order=3, stream=7), UNREADABLE),
        (ogg_page(OPUS_HEAD) + b"".join(pages_of(opus())[1:]), UNREADABLE),
        (ogg_page(OPUS_HEAD, flags=2, version=1), UNREADABLE),
        (opus() + ogg_page(OPUS_PACKET, order=3, flags=1), UNREADABLE),
        (opus(head=_patched(OPUS_HEAD, 8, b"\x10")), UNREADABLE),
        (opus(head=_patched(OPUS_HEAD, 9, b"\x03")), UNREADABLE),
        (opus(head=_patched(OPUS_HEAD, 18, b"\x01")), UNREADABLE),
        (opus(head=OPUS_HEAD[:12]), UNREADABLE),
        (opus(head=b"\x7fFLAC" + bytes(30)), UNREADABLE),
        (opus(head=b"fishead\0" + bytes(56)), UNREADABLE),
        (opus(tags=b"OpusTag"), UNREADABLE),
    ],
    ids=[
        "empty", "wav", "page-in-front", "no-page", "cut-head", "no-sound", "damaged", "hole",
        "two-recordings", "two-streams", "no-beginning", "version", "goes-on-from-nothing",
        "opus-version", "channels", "family", "head-short", "flac", "skeleton", "no-comment",
    ],
)  # fmt: skip
def test_what_is_no_voice_note_in_ogg_is_refused(content: bytes, reason: AttachmentRefusal) -> None:
    assert refused(content, AudioType.OGG) is reason


def test_a_last_page_that_was_cut_off_is_left_out() -> None:
    whole = opus()
    cut = whole + ogg_page(OPUS_PACKET, order=3)[:-1]
    assert anew(cut, AudioType.OGG) == anew(whole, AudioType.OGG)


def test_tags_of_mp3_are_stepped_over_wherever_they_stand() -> None:
    tagged = (
        id3(b"CanaryArtist")
        + bytes(40)
        + mp3()
        + id3(b"CanaryEngineer")
        + mp3()
        + ape(b"CanaryArtist")
        + b"LYRICSBEGINCanaryTrailer000013LYRICS200"
        + (b"TAG+CanaryArtist").ljust(227, b"\0")
        + id3_v1(b"CanaryTrailer")
    )

    assert made_anew(tagged, AudioType.MP3) == mp3() + mp3()


@pytest.mark.parametrize("note", [b"Xing", b"Info"])
@pytest.mark.parametrize("check", [b"", b"\0\0"], ids=["plain", "with-check-sum"])
def test_the_frame_that_describes_the_others_goes(note: bytes, check: bytes) -> None:
    described = mp3_frame(check + bytes(9) + note + b"CanaryArtist")
    assert anew(described + mp3(), AudioType.MP3) == mp3()


def test_the_frame_of_another_encoder_that_describes_the_others_goes() -> None:
    stereo = b"\xff\xfb\x10\x00"  # 32 kbit/s at 44.1 kHz: 104 bytes
    frame = stereo + b"\x21" * 100
    described = (stereo + bytes(32) + b"VBRI").ljust(104, b"\0")
    assert anew(described + frame * 2, AudioType.MP3) == frame * 2


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (b"\xff\xfb\x90\x00", 417),
        (b"\xff\xfb\x92\x00", 418),
        (b"\xff\xfa\x50\xc0", 208),
        (b"\xff\xf3\x84\xc4", 192),
        (b"\xff\xe3\x18\xc4", 72),
        (b"\xff\xe3\x14\xc4", 48),
    ],
    ids=["128k", "padded", "checked-64k", "mpeg2-64k-24k", "mpeg2.5-8k-8k", "mpeg2.5-8k-12k"],
)
def test_frames_are_as_long_as_their_heads_say(head: bytes, size: int) -> None:
    frame = head.ljust(size, b"\x21")
    assert anew(frame * 3, AudioType.MP3) == frame * 3
    assert refused((frame + b"!") * 3, AudioType.MP3) is UNREADABLE
    assert content_type_of(frame) is AudioType.MP3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", WRONG_TYPE),
        (spoken(), WRONG_TYPE),
        (recording("spoken.m4a"), WRONG_TYPE),
        (pictures.photo(), WRONG_TYPE),
        (b"MZ" + mp3(), WRONG_TYPE),
        (id3(b"CanaryArtist"), UNREADABLE),
        (id3(b"CanaryArtist") + b"MZ" + mp3(), UNREADABLE),
        (b"ID3\3\0\0\xff\xff\xff\xff" + mp3(), UNREADABLE),
        (b"ID3\3", UNREADABLE),
        (mp3_frame()[:20], UNREADABLE),
        (mp3() + b"<script>" + mp3(), UNREADABLE),
        (mp3() + b"Canary", UNREADABLE),
        (mp3() + mp3_frame(head=b"\xff\xf3\x18\x00"), UNREADABLE),
        (mp3() + mp3_frame(head=b"\xff\xf3\x14\xc0"), UNREADABLE),
        (mp3_frame(head=b"\xff\xf3\x08\xc0"), UNREADABLE),
        (mp3_frame(head=b"\xff\xf3\xf8\xc0"), UNREADABLE),
        (mp3_frame(head=b"\xff\xf3\x1c\xc0"), UNREADABLE),
        (mp3_frame(head=b"\xff\xeb\x18\xc0"), WRONG_TYPE),
        (mp3_frame(head=b"\xff\xf5\x18\xc0"), WRONG_TYPE),
        (mp3_frame(head=b"\xff\xf1\x50\x80"), WRONG_TYPE),
    ],
    ids=[
        "empty", "wav", "m4a", "jpeg", "exe-in-front", "tag-alone", "exe-behind-tag", "tag-size",
        "tag-cut", "frame-cut", "page-between", "tail", "stereo-joins", "rate-changes", "free",
        "no-bit-rate", "no-rate", "no-version", "layer-2", "aac",
    ],
)  # fmt: skip
def test_what_is_no_mp3_is_refused(content: bytes, reason: AttachmentRefusal) -> None:
    assert refused(content, AudioType.MP3) is reason


def test_a_last_frame_that_was_cut_off_is_left_out() -> None:
    assert anew(mp3() + mp3_frame()[:-1], AudioType.MP3) == mp3()
    assert anew(amr() + amr_frame()[:-1], AudioType.AMR) == anew(amr(), AudioType.AMR)


@pytest.mark.parametrize(
    ("kind", "size", "filling"),
    [(0, 12, 1), (1, 13, 1), (2, 15, 2), (3, 17, 2), (4, 19, 4), (5, 20, 1), (6, 26, 4), (7, 31, 4),
     (8, 5, 1), (15, 0, 0)],
)  # fmt: skip
def test_frames_of_amr_are_as_long_as_their_kind_says_and_filled_with_nothing(
    kind: int, size: int, filling: int
) -> None:
    last = bytes([0xFF << filling & 0xFF]) if size else b""
    kept = bytes([kind << 3 | 4]) + b"\xff" * max(size - 1, 0) + last

    clean = made_anew(amr(*[amr_frame(kind, b"\xff" * size)] * 3), AudioType.AMR)

    assert clean == b"#!AMR\n" + kept * 3


@pytest.mark.parametrize(
    ("kind", "size"),
    [(0, 17), (1, 23), (2, 32), (3, 36), (4, 40), (5, 46), (6, 50), (7, 58), (8, 60), (9, 5),
     (14, 0), (15, 0)],
)  # fmt: skip
def test_frames_of_wideband_are_as_long_as_their_kind_says(kind: int, size: int) -> None:
    source = amr(*[amr_frame(kind, bytes(size))] * 3, mark=b"#!AMR-WB\n")
    assert anew(source, AudioType.AMR_WB) == source
    assert content_type_of(source) is AudioType.AMR_WB


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", WRONG_TYPE),
        (b"#!AMR", WRONG_TYPE),
        (amr(mark=b"#!AMR-WB\n"), WRONG_TYPE),
        (amr(mark=b"#!AMR_MC1.0\n"), WRONG_TYPE),
        (b" " + amr(), WRONG_TYPE),
        (b"#!AMR\n", UNREADABLE),
        (b"#!AMR\n" + amr_frame()[:-1], UNREADABLE),
        (amr(amr_frame(9, b"")), UNREADABLE),
        (amr(amr_frame(14, b"")), UNREADABLE),
        (amr(b"\xbc" + bytes(31)), UNREADABLE),
        (amr(b"\x3d" + bytes(31)), UNREADABLE),
        (amr() + b"page", UNREADABLE),
    ],
    ids=[
        "empty", "mark-cut", "wideband", "many-channels", "something-in-front", "mark-alone",
        "frame-cut", "kind-9", "kind-14", "goes-on", "filling", "tail",
    ],
)  # fmt: skip
def test_what_is_no_amr_is_refused(content: bytes, reason: AttachmentRefusal) -> None:
    assert refused(content, AudioType.AMR) is reason


@pytest.mark.parametrize(
    ("announced", "second"),
    [
        (AudioType.OGG, lambda: opus(*[b"\x08"] * 51)),
        (AudioType.OGG, lambda: vorbis(position=8_001)),
        (AudioType.MP3, lambda: mp3(*[mp3_frame()] * 28)),
        (AudioType.AMR, lambda: amr(*[b"\x7c"] * 51)),
    ],
    ids=["opus", "vorbis", "mp3", "amr"],
)
def test_hours_of_nothing_in_few_bytes_are_refused(
    announced: AudioType, second: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(second)
    content = second()
    assert anew(content, announced)
    monkeypatch.setattr(length, "LONGEST_SECONDS", 1)
    assert refused(content, announced) is TOO_LONG


@pytest.mark.parametrize(
    ("content", "announced"),
    [
        (b"#!AMR\n" + b"\x7c" * LARGEST, AudioType.AMR),
        (b"\xff\xe3\x18\xc4".ljust(72, b"\0") * (LARGEST // 72), AudioType.MP3),
    ],
    ids=["amr", "mp3"],
)
def test_days_of_nothing_are_refused_in_the_process_of_its_own(
    content: bytes, announced: AudioType
) -> None:
    with pytest.raises(Refused) as found:
        made_anew(content, announced)
    assert found.value.reason is TOO_LONG


def test_what_hides_in_a_cut_frame_does_not_stay() -> None:
    assert b"script" not in anew(amr() + b"<script>", AudioType.AMR)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40).map(lambda b: b"\x08" + b), min_size=1, max_size=60))
def test_any_packets_of_opus_come_through_as_they_are(packets: list[bytes]) -> None:
    clean = anew(opus(*packets), AudioType.OGG)
    assert packets_of(clean)[2:] == packets
    assert anew(clean, AudioType.OGG) == clean


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_packet_is_made_bare_once_or_refused(packet: bytes) -> None:
    try:
        clean, samples = bare(packet)
    except Refused as refusal:
        assert refusal.reason is UNREADABLE  # noqa: PT017
    else:
        assert bare(clean) == (clean, samples)
        assert len(clean) <= len(packet)
        assert 0 < samples <= 5_760


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.binary(min_size=31, max_size=31)), min_size=1))
def test_any_frames_of_amr_come_through_but_for_their_filling(
    frames: list[tuple[int, bytes]],
) -> None:
    sizes = (12, 13, 15, 17, 19, 20, 26, 31, 5)
    source = amr(*(amr_frame(kind, speech[: sizes[kind]]) for kind, speech in frames))
    clean = anew(source, AudioType.AMR)
    assert len(clean) == len(source)
    assert anew(clean, AudioType.AMR) == clean


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([mp3(), id3(b"x"), ape(b"x"), bytes(9), id3_v1(b"x")]), max_size=9))
def test_whatever_tags_stand_between_frames_the_frames_stay(parts: list[bytes]) -> None:
    number = 1 + parts.count(mp3())
    assert anew(mp3() + b"".join(parts), AudioType.MP3) == mp3() * number
