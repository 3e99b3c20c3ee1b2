"""Pictures as workers' telephones make them, and as somebody makes them who means harm."""

import hashlib
import io
import struct
import zlib
from typing import Any

import requests
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from infra.local.gateway import Answer
from tests.service import Caller

CANARIES = (b"CanaryCamera", b"CanaryComment", b"CanaryXmp", b"CanaryTrailer", b"CanaryText")
"""What must not be in a clean file, in whatever place of the upload it stood."""


def drawn(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """A picture whose upper left corner is dark, so that one can tell which way it is up."""
    image = Image.new(mode, size, "white" if mode != "CMYK" else 0)
    corner = "black" if mode != "CMYK" else (0, 0, 0, 255)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 3, size[1] // 3), fill=corner)
    return image


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The bytes of a file."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def exif(*, orientation: int = 1) -> bytes:
    """What a telephone notes: its maker, the place, which way it was held, a thumbnail's worth."""
    noted = Image.Exif()
    noted[0x010F] = "CanaryCamera"
    noted[0x0112] = orientation
    noted.get_ifd(0x8825).update({1: "N", 2: (22.0, 32.0, 42.42), 3: "E", 4: (114.0, 3.0, 0.0)})
    return noted.tobytes()


def photo(*, orientation: int = 1) -> bytes:
    """A JPEG with everything that a picture can hide."""
    picture = encoded(
        drawn(),
        "JPEG",
        exif=exif(orientation=orientation),
        comment=b"CanaryComment",
        xmp=b"<x:xmpmeta>CanaryXmp</x:xmpmeta>",
        icc_profile=b"CanaryText" * 20,
    )
    return picture + b"CanaryTrailer" * 3


def png() -> bytes:
    """A PNG with text chunks, EXIF, and something behind its end."""
    texts = PngInfo()
    texts.add_text("Author", "CanaryText")
    texts.add_itxt("XML:com.adobe.xmp", "CanaryXmp")
    return encoded(drawn(), "PNG", pnginfo=texts, exif=exif()) + b"CanaryTrailer"


def webp() -> bytes:
    """A WebP with EXIF and XMP."""
    return encoded(drawn(), "WEBP", exif=exif(), xmp=b"CanaryXmp")


def png_of(width: int, height: int) -> bytes:
    """A PNG that large, in few bytes."""
    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_saying(width, height, rows)


def png_saying(width: int, height: int, rows: bytes = b"", more: bytes = b"") -> bytes:
    """A PNG that says it is that large, whatever comes after; `more` are chunks before its rows."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def wish(content: bytes, content_type: str = "image/jpeg", **changes: Any) -> dict[str, Any]:
    """The request to attach such a file."""
    return {
        "kind": "recording" if content_type.startswith("audio/") else "payslip",
        "content_type": content_type,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **changes,
    }


def asked(
    partner: Caller, grievance_id: str, content: bytes, content_type: str = "image/jpeg"
) -> dict[str, Any]:
    """Ask to attach a file; the answer."""
    path = f"/v1/grievances/{grievance_id}/attachments"
    answer = partner.post(path, wish(content, content_type))
    assert answer.status in (200, 201), answer.body
    body: dict[str, Any] = answer.json()
    return body


def posted(upload: dict[str, Any], content: bytes, name: str = "file") -> requests.Response:
    """Post a file, called so, to the form of an answer."""
    files = {"file": (name, content)}
    return requests.post(upload["url"], upload["fields"], files=files, timeout=10)


def uploaded(
    partner: Caller, grievance_id: str, content: bytes, content_type: str = "image/jpeg"
) -> str:
    """Ask to attach a file and post it; the attachment's id."""
    body = asked(partner, grievance_id, content, content_type)
    assert posted(body["upload"], content).status_code in (200, 201, 204)
    return str(body["attachment_id"])


def attachment(partner: Caller, grievance_id: str, attachment_id: str) -> Answer:
    """The attachment as its partner sees it."""
    return partner.get(f"/v1/grievances/{grievance_id}/attachments/{attachment_id}")
