"""In which encoding a text file was written. UTF is proven by its bytes, the rest is a guess."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc_kr")
_DECLARABLE = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312", "big5"),
        *("big5hkscs", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949"),
        *("iso8859-1", "iso8859-2", "iso8859-9", "iso8859-15", "cp874", "cp1250", "cp1251"),
        *("cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "mac_roman"),
    )
)
_SAMPLE = 64 * 1024


class Encoding(NamedTuple):
    """A codec's name; `guessed` if the bytes do not prove it, `lossy` if some do not fit it."""

    codec: str
    guessed: bool = False
    lossy: bool = False


def detect(content: bytes, *, declared: str | None) -> Encoding:
    """The encoding of a text file; `declared` is a charset the sender named. Never raises."""
    marked = next((codec for mark, codec in _MARKS if content.startswith(mark)), None)
    codec = marked or _unmarked_utf16(content)
    if codec:
        return Encoding(codec, lossy=not _fits(content, codec))
    if _fits(content, "utf-8"):
        return Encoding("utf-8")
    if declared and _known(declared) and _fits(content, declared):
        return Encoding(declared)
    return _damaged_utf8(content) or _guess(content)


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: Latin text has a NUL in every other byte."""
    head = content[:2048]
    if len(head) < 4 or head.count(0) * 5 < len(head):
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except (UnicodeError, LookupError):
        return False
    return True


def _known(charset: str) -> bool:
    """Whether it names a character set of lists; Python also has codecs such as punycode."""
    try:
        return codecs.lookup(charset).name in _DECLARABLE
    except (LookupError, ValueError):
        return False


def _damaged_utf8(content: bytes) -> Encoding | None:
    """UTF-8 in which a program cut a few characters apart."""
    text = content.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    kept = sum(1 for c in text if ord(c) > 127) - lost
    return Encoding("utf-8", lossy=True) if kept > 20 * lost else None


def _guess(content: bytes) -> Encoding:
    """An East Asian double-byte set if the lines with non-ASCII bytes read well in one."""
    lines = [line for line in content.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=[*_EAST_ASIAN, "cp1252"]).best()
    codec = best.encoding if best and _has_runs(sample) else "cp1252"
    if codec == "big5" and _fits(sample, "gb2312"):
        codec = "gb18030"  # half of the traditional characters would not fit
    if codec not in _EAST_ASIAN:
        codec = _western(sample)
    return Encoding(codec, guessed=True, lossy=not _fits(content, codec))


def _has_runs(sample: bytes) -> bool:
    """Words of an East Asian text are runs of high bytes; accents stand alone or in pairs."""
    ascii_only = bytes(b if b < 128 else 0x80 for b in sample)
    high = ascii_only.count(0x80)
    in_runs = sum(len(run) for run in _runs(ascii_only) if len(run) >= 4)
    return in_runs * 2 >= high


def _runs(marked: bytes) -> list[bytes]:
    blanked = bytes(b if b == 0x80 else 0x20 for b in marked)
    return blanked.split()


def _western(sample: bytes) -> str:
    """Windows-1254 where Windows-1252 would show Icelandic letters in place of Turkish ones."""
    return "cp1254" if any(b in sample for b in b"\xd0\xf0\xfe\xde") else "cp1252"
