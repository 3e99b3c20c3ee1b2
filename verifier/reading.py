"""Reading files that nobody vouches for: bounded, strict JSON, nothing taken on trust."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

LONGEST_LINE = 32 * 1024 * 1024
LARGEST_DOCUMENT = 256 * 1024 * 1024
_HEX = re.compile(r"[0-9a-f]{64}")
_LARGEST_NUMBER = 2**53
_CHUNK = 1024 * 1024


class Malformed(Exception):
    """Something is not what it should be; the message says what, never what stood there."""


class CannotRead(Exception):
    """A file that was named is not there, or cannot be opened: the caller's mistake, no finding."""


def parsed(content: bytes) -> Any:
    """A JSON value. Malformed also for what parsers disagree about (duplicate keys, NaN)."""
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refused,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("not the JSON it should be") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class Checked:
    """An object whose fields are asked for by type. Malformed for a field that is another thing."""

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{what} is no object")
        self.value: dict[str, Any] = value
        self._what = what

    def number(self, name: str) -> int:
        """A whole number that is not negative."""
        found = self.value.get(name)
        if type(found) is not int or not 0 <= found < _LARGEST_NUMBER:
            raise Malformed(f"{name} of {self._what} is no number")
        return found

    def text(self, name: str) -> str:
        """A text."""
        found = self.value.get(name)
        if not isinstance(found, str):
            raise Malformed(f"{name} of {self._what} is no text")
        return found

    def hash(self, name: str) -> str:
        """A SHA-256 in hex."""
        found = self.text(name)
        if not _HEX.fullmatch(found):
            raise Malformed(f"{name} of {self._what} is no SHA-256")
        return found

    def time(self, name: str) -> datetime:
        """A point in time with its zone."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise Malformed(f"{name} of {self._what} is no time") from error
        if found.tzinfo is None:
            raise Malformed(f"{name} of {self._what} has no time zone")
        return found

    def items(self, name: str) -> list[Any]:
        """A list."""
        found = self.value.get(name)
        if not isinstance(found, list):
            raise Malformed(f"{name} of {self._what} is no list")
        return found

    def path(self, name: str) -> list[bytes]:
        """A list of hashes: no proof has more than 64."""
        found = self.items(name)
        if len(found) > 64 or not all(isinstance(n, str) and _HEX.fullmatch(n) for n in found):
            raise Malformed(f"{name} of {self._what} is no proof")
        return [bytes.fromhex(node) for node in found]


class Measured:
    """A file read line by line that knows, at its end, how long it was and its SHA-256."""

    def __init__(self, file: IO[bytes], name: str, limit: int) -> None:
        self._file = file
        self._name = name
        self._limit = limit
        self._digest = hashlib.sha256()
        self.size = 0

    def lines(self) -> Iterator[bytes]:
        """The lines with their ends. Malformed for one too long, and past the expected length."""
        while line := self._file.readline(LONGEST_LINE + 1):
            self.size += len(line)
            if len(line) > LONGEST_LINE:
                raise Malformed(f"{self._name} has a line longer than {LONGEST_LINE} bytes")
            if self.size > self._limit:
                raise Malformed(f"{self._name} is longer than the manifest says")
            self._digest.update(line)
            yield line

    @property
    def sha256(self) -> str:
        """Of all that was read."""
        return self._digest.hexdigest()


class Folder:
    """An export as it was downloaded: a directory, or a zip of its files."""

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            self._path, self._zip = path, None
        else:
            try:
                self._zip = zipfile.ZipFile(path)
            except (OSError, zipfile.BadZipFile) as error:
                raise CannotRead(f"{path} is no directory and no zip file") from error
            self._path = path

    def open(self, name: str) -> IO[bytes]:
        """A file by name, wherever it lies in the zip. Malformed where there is none, or two."""
        if self._zip is None:
            return self._in_directory(name)
        found = [n for n in self._zip.namelist() if n.rsplit("/", 1)[-1] == name]
        if len(found) != 1:
            raise Malformed(f"{name} is there {len(found)} times")
        try:
            return self._zip.open(found[0])
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise Malformed(f"{name} cannot be read") from error

    def _in_directory(self, name: str) -> IO[bytes]:
        try:
            return (self._path / name).open("rb")
        except OSError as error:
            raise Malformed(f"{name} is not there") from error


def document(file: IO[bytes], name: str) -> bytes:
    """A whole small file. Malformed for one that is too large."""
    content = bytearray()
    try:
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > LARGEST_DOCUMENT:
                raise Malformed(f"{name} is larger than {LARGEST_DOCUMENT} bytes")
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise Malformed(f"{name} cannot be read") from error
    return bytes(content)
