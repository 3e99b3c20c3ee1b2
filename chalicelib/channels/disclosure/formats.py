"""What a file is, by its content; its name and declared type may be wrong."""

from __future__ import annotations

from chalicelib.channels.disclosure.sheets import ListFormat
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList
from chalicelib.channels.disclosure.workbook import members

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
)
_MARKUP = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML document"),
)


def sniff_format(content: bytes) -> ListFormat:
    """The format of a list. Raises UnreadableList for what is no list, saying what it is."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise UnreadableList(UnreadableCode.EMPTY, "The file is empty. Upload the list again.")
    if content.startswith(_COMPOUND):
        return _compound(content)
    if content.startswith(_ZIP):
        return _zipped(content)
    if what := _something_else(content):
        raise _unsupported(what)
    return ListFormat.CSV


# The stream in which Office keeps a workbook that has a password (MS-OFFCRYPTO 2.3.4.4)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _compound(content: bytes) -> ListFormat:
    if _ENCRYPTED in content:
        raise UnreadableList(
            UnreadableCode.PASSWORD_PROTECTED,
            "The workbook asks for a password. Remove the password and upload it again.",
        )
    return ListFormat.XLS


def _zipped(content: bytes) -> ListFormat:
    names = members(content)
    if "xl/workbook.bin" not in names and any(name.startswith("xl/") for name in names):
        return ListFormat.XLSX
    if "content.xml" in names:
        return ListFormat.ODS
    raise _unsupported("a ZIP archive")


def _something_else(content: bytes) -> str | None:
    for signature, what in _SIGNATURES:
        if content.startswith(signature):
            return what
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((what for markup, what in _MARKUP if start.startswith(markup)), None)


def _unsupported(what: str) -> UnreadableList:
    return UnreadableList(
        UnreadableCode.UNSUPPORTED_FORMAT,
        f"This is {what}. Upload the list as CSV, XLSX, XLS or ODS; a spreadsheet program can "
        "open many other formats and save them as XLSX.",
    )
