"""Pictures made anew: what is seen stays, everything else goes. No AWS, no settings, no text.

Runs in a process of its own (`image_process.py`), as `python images.py <content type>`: the file on
standard input, the clean one on standard output. Exit status 0, or `REFUSED` with the reason's code
on standard error.
"""

import contextlib
import io
import sys
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from chalicelib.channels.image_process import Refused, answered
from chalicelib.domain.vocabulary import AttachmentRefusal, ImageType

MOST_PIXELS = 50_000_000

_FORMATS = {ImageType.JPEG: "JPEG", ImageType.PNG: "PNG", ImageType.WEBP: "WEBP"}
# What a camera writes with several pictures in it (MPO) is a JPEG whose first one is the photo.
_READ_AS = {"MPO": "JPEG"}
_OPTIONS = {
    "JPEG": {"quality": 92, "optimize": True},
    "PNG": {},
    "WEBP": {"quality": 92, "method": 4},
}
_MODES = {"JPEG": {"L", "RGB"}, "PNG": {"L", "LA", "RGB", "RGBA"}, "WEBP": {"RGB", "RGBA"}}


def anew(content: bytes, announced: ImageType) -> bytes:
    """The same picture in a new file of the same type: turned upright, its pixels and nothing else.

    No EXIF (place, time, device, thumbnail), XMP, IPTC, comments, colour profile or text chunks,
    and nothing that came before or after the picture. Raises Refused.
    """
    try:
        return _written(_pixels(_opened(content, announced)), _FORMATS[announced])
    except Refused:
        raise
    except MemoryError:
        raise Refused(AttachmentRefusal.TOO_DEMANDING) from None
    except Exception:  # noqa: BLE001  decoders raise what they like at what is damaged
        raise Refused(AttachmentRefusal.UNREADABLE) from None


def _opened(content: bytes, announced: ImageType) -> Image.Image:
    """The file, if its first bytes are those of the announced type. Nothing is decoded yet."""
    expected = _FORMATS[announced]
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(_FORMATS.values()))
    except UnidentifiedImageError:
        raise Refused(AttachmentRefusal.WRONG_TYPE) from None
    except Image.DecompressionBombError:
        raise Refused(AttachmentRefusal.TOO_MANY_PIXELS) from None
    if _READ_AS.get(image.format or "", image.format) != expected:
        raise Refused(AttachmentRefusal.WRONG_TYPE)
    if image.width * image.height > MOST_PIXELS:
        raise Refused(AttachmentRefusal.TOO_MANY_PIXELS)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise Refused(AttachmentRefusal.ANIMATED)
    return image


def _pixels(image: Image.Image) -> Image.Image:
    """The pixels alone, upright; whatever was kept beside them is left behind."""
    image.load()
    _turn_upright(image)
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        image = image.point(lambda value: value / 256).convert("L")
    mode = _mode_of(image)
    if image.mode != mode:
        image = image.convert(mode)
    bare = Image.new(mode, image.size)
    bare.paste(image)
    return bare


def _turn_upright(image: Image.Image) -> None:
    """As its note says; a note that nobody can read costs nobody the picture."""
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _mode_of(image: Image.Image) -> str:
    see_through = image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info
    if see_through:
        return "RGBA"
    return "L" if image.mode in {"1", "L"} else "RGB"


def _written(image: Image.Image, file_format: str) -> bytes:
    if image.mode not in _MODES[file_format]:
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, file_format, **_OPTIONS[file_format])
    return out.getvalue()


def main(announced: str) -> int:
    """Clean what comes in on standard input."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")
    return answered(lambda content: anew(content, ImageType(announced)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
