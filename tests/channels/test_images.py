"""Pictures made anew: what is seen stays, what is hidden goes, what would do harm is refused."""

import io
import os
import subprocess
import sys
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chalicelib.channels import image_process
from chalicelib.channels.image_process import Refused, made_anew
from chalicelib.domain.cases.attachment import EXTENSIONS
from chalicelib.domain.vocabulary import AttachmentRefusal, AudioType, ImageType
from tests.usecases import pictures
from tests.usecases.pictures import chunk, drawn, encoded, photo, png_of, png_saying

SOURCES = {
    ImageType.JPEG: photo(),
    ImageType.PNG: pictures.png(),
    ImageType.WEBP: pictures.webp(),
}


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
TEXT_BOMB = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))
"""A hundred megabytes of text in a hundred kilobytes."""


def noted(payload: bytes) -> PngInfo:
    words = PngInfo()
    words.add_text("Comment", payload)
    return words


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def refused(content: bytes, content_type: ImageType) -> AttachmentRefusal:
    with pytest.raises(Refused) as found:
        made_anew(content, content_type)
    return found.value.reason


@pytest.mark.parametrize("content_type", list(ImageType))
def test_nothing_that_a_picture_hides_is_left(content_type: ImageType) -> None:
    source = SOURCES[content_type]
    hidden = [canary for canary in pictures.CANARIES if canary in source]
    assert len(hidden) >= 2  # the control: it was there
    assert opened(source).getexif().get_ifd(0x8825)

    clean = made_anew(source, content_type)

    assert not [canary for canary in pictures.CANARIES if canary in clean]
    image = opened(clean)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {
        "jfif", "jfif_version", "jfif_unit", "jfif_density",
        "loop", "background", "timestamp", "duration",
    }  # fmt: skip
    assert (image.format, image.size) == (content_type.removeprefix("image/").upper(), (64, 48))


def test_a_picture_keeps_what_is_seen() -> None:
    before = drawn()
    clean = opened(made_anew(encoded(before, "PNG"), ImageType.PNG))
    assert clean.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    ("orientation", "dark_corner"), [(1, (2, 2)), (3, (61, 45)), (6, (45, 2)), (8, (2, 61))]
)
def test_a_picture_is_turned_upright_before_the_note_that_says_how_is_lost(
    orientation: int, dark_corner: tuple[int, int]
) -> None:
    image = opened(made_anew(photo(orientation=orientation), ImageType.JPEG))
    red, *_ = image.getpixel(dark_corner)  # type: ignore[misc]
    assert red < 60


@pytest.mark.parametrize(
    ("image", "file_format", "content_type", "mode"),
    [
        (drawn(mode="CMYK"), "JPEG", ImageType.JPEG, "RGB"),
        (drawn(mode="L"), "JPEG", ImageType.JPEG, "L"),
        (drawn().convert("P"), "PNG", ImageType.PNG, "RGB"),
        (drawn().convert("RGBA"), "PNG", ImageType.PNG, "RGBA"),
        (drawn().convert("1"), "PNG", ImageType.PNG, "L"),
        (drawn().convert("RGBA"), "WEBP", ImageType.WEBP, "RGBA"),
    ],
)
def test_every_way_of_writing_pixels_is_read(
    image: Image.Image, file_format: str, content_type: ImageType, mode: str
) -> None:
    clean = opened(made_anew(encoded(image, file_format), content_type))
    assert clean.mode.replace("X", "A") == mode or (mode == "RGBA" and clean.mode == "RGB")
    assert clean.size == (64, 48)
    assert clean.convert("L").getpixel((2, 2)) < 90  # type: ignore[operator]


def test_sixteen_bits_of_grey_become_eight() -> None:
    deep = encoded(Image.new("I;16", (10, 10), 40_000), "PNG")
    assert opened(made_anew(deep, ImageType.PNG)).getpixel((5, 5)) == 40_000 // 256


def test_of_a_telephones_several_pictures_in_one_file_the_photo_is_kept() -> None:
    several = encoded(drawn(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    clean = made_anew(several, ImageType.JPEG)
    assert (opened(clean).format, clean.count(b"\xff\xd8\xff")) == ("JPEG", 1)


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (pictures.png(), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (photo(), ImageType.PNG, AttachmentRefusal.WRONG_TYPE),
        (b"MZ" + bytes(500), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (b"<svg><script>1</script></svg>", ImageType.PNG, AttachmentRefusal.WRONG_TYPE),
        (b"%PDF-1.7\n" + photo(), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (b"<script>1</script>" + photo(), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (b"PK\x03\x04" + photo(), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (encoded(drawn(), "GIF"), ImageType.PNG, AttachmentRefusal.WRONG_TYPE),
        (encoded(drawn(), "TIFF"), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (encoded(drawn(), "BMP"), ImageType.PNG, AttachmentRefusal.WRONG_TYPE),
        (HEIC + bytes(500), ImageType.JPEG, AttachmentRefusal.WRONG_TYPE),
        (encoded(drawn(), "AVIF"), ImageType.WEBP, AttachmentRefusal.WRONG_TYPE),
        (b"", ImageType.PNG, AttachmentRefusal.WRONG_TYPE),
        (photo()[:1000], ImageType.JPEG, AttachmentRefusal.UNREADABLE),
        (pictures.png()[:330], ImageType.PNG, AttachmentRefusal.UNREADABLE),
        (pictures.webp()[:60], ImageType.WEBP, AttachmentRefusal.UNREADABLE),
        (png_saying(64, 48, more=TEXT_BOMB), ImageType.PNG, AttachmentRefusal.UNREADABLE),
        (png_saying(2**31 - 1, 1), ImageType.PNG, AttachmentRefusal.TOO_MANY_PIXELS),
        (png_saying(2**31 - 1, 2**31 - 1), ImageType.PNG, AttachmentRefusal.TOO_MANY_PIXELS),
        (png_of(50_000, 50_000), ImageType.PNG, AttachmentRefusal.TOO_MANY_PIXELS),
        (png_of(10_000, 5_001), ImageType.PNG, AttachmentRefusal.TOO_MANY_PIXELS),
    ],
    ids=[
        "png-as-jpeg", "jpeg-as-png", "exe", "svg", "pdf-in-front", "html-in-front",
        "zip-in-front", "gif", "tiff", "bmp", "heic", "avif", "empty", "cut-jpeg", "cut-png",
        "cut-webp", "text-bomb", "wide", "endless", "bomb", "a-row-too-much",
    ],
)  # fmt: skip
def test_what_is_not_such_a_picture_is_refused(
    content: bytes, content_type: ImageType, reason: AttachmentRefusal
) -> None:
    assert refused(content, content_type) is reason


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_what_moves_is_refused(file_format: str) -> None:
    moving = encoded(
        drawn(), file_format, save_all=True, append_images=[Image.new("RGB", (64, 48))]
    )
    announced = ImageType(f"image/{file_format.lower()}")
    assert refused(moving, announced) is AttachmentRefusal.ANIMATED


@pytest.mark.parametrize("payload", [b"PK\x03\x04 a zip", b"<script>1</script>", b"%PDF-1.7"])
@pytest.mark.parametrize("content_type", list(ImageType))
def test_what_is_another_file_as_well_is_that_no_more(
    content_type: ImageType, payload: bytes
) -> None:
    """A polyglot: behind the picture, and where the format lets words stand."""
    file_format = content_type.removeprefix("image/").upper()
    places: dict[str, dict[str, Any]] = {
        "JPEG": {"comment": payload},
        "PNG": {"pnginfo": noted(payload)},
        "WEBP": {"xmp": payload},
    }
    source = encoded(drawn(), file_format, **places[file_format]) + payload
    assert source.count(payload) == 2

    assert payload not in made_anew(source, content_type)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "note", [b"Exif\0\0junk junk", b"Exif\0\0II*\0\xff\xff\xff\xff"], ids=["junk", "astray"]
)
def test_a_note_that_nobody_can_read_costs_nobody_the_picture(
    file_format: str, note: bytes
) -> None:
    clean = made_anew(
        encoded(drawn(), file_format, exif=note), ImageType(f"image/{file_format.lower()}")
    )
    assert opened(clean).size == (64, 48)
    assert note not in clean


def test_as_many_pixels_as_are_allowed_fit_into_the_memory_that_is() -> None:
    assert opened(made_anew(png_of(10_000, 5_000), ImageType.PNG)).size == (10_000, 5_000)


@pytest.mark.parametrize(
    ("limit", "value"), [("WALL_SECONDS", 0.01), ("MEMORY_BYTES", 100_000_000)]
)
def test_what_is_too_much_work_is_refused_and_ends(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(image_process, limit, value)
    reason = refused(png_of(10_000, 5_000), ImageType.PNG)
    assert reason is AttachmentRefusal.TOO_DEMANDING


def test_the_process_that_decodes_knows_no_credentials() -> None:
    assert "AWS_SECRET_ACCESS_KEY" in os.environ
    assert set(image_process._environment()) <= {"PYTHONPATH", "LD_LIBRARY_PATH"}


def test_nobody_else_loads_the_decoders() -> None:
    loads = "import app, chalicelib.channels.clean_attachment, sys; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_there_is_a_way_to_make_every_type_anew_and_a_name_for_its_file() -> None:
    assert set(image_process._MODULES) == set(EXTENSIONS) == {*ImageType, *AudioType}
