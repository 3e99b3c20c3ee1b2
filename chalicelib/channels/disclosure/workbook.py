"""XLSX, XLS and ODS workbooks, read by python-calamine in a process with limits of its own."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from chalicelib.channels.disclosure.rows import MAX_CELL
from chalicelib.channels.disclosure.sheets import HEAD_LINES, MAX_COLUMNS, Line, Sheet
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList
from chalicelib.channels.disclosure.workbook_process import OUT_OF_MEMORY

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 2_000
_MEMORY_BYTES = 1024 * 1024 * 1024
_CPU_SECONDS = 60
_READER = Path(__file__).with_name("workbook_process.py")
_DAMAGED = (
    "The workbook is damaged or asks for a password. Open it, save it again as XLSX without a "
    "password, and upload that file."
)
_UNKNOWN_ZIP = (
    "The workbook is packed in a way that is not supported. Open it and save it again as XLSX."
)
_TOO_LARGE = (
    "The workbook unpacks to far more than a list of 200,000 rows needs. Copy the rows into a new "
    "workbook without formatting, or save the list as CSV."
)


def read_workbook(content: bytes) -> Sequence[Sheet]:
    """The visible sheets of a workbook. Raises UnreadableList."""
    return [
        Sheet(
            name=head["name"],
            head=[Line(*line) for line in head["head"]],
            lines=partial(_lines, content, head["index"]),
            height=head["height"],
        )
        for head in _ask(content, "heads", HEAD_LINES)
    ]


def members(content: bytes) -> frozenset[str]:
    """The names in a ZIP archive. Raises UnreadableList if it is damaged or unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, struct.error) as error:
        raise UnreadableList(UnreadableCode.DAMAGED, _DAMAGED) from error
    except NotImplementedError as error:
        raise UnreadableList(UnreadableCode.UNSUPPORTED_FORMAT, _UNKNOWN_ZIP) from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or len(entries) > MAX_MEMBERS:
        raise UnreadableList(UnreadableCode.TOO_LARGE, _TOO_LARGE)
    return frozenset(entry.filename for entry in entries)


def _lines(content: bytes, index: int) -> Iterator[Line]:
    return (Line(*line) for line in _ask(content, "lines", index))


def _ask(content: bytes, task: str, number: int) -> Iterator[Any]:
    """Run the reading process and give its answers as they come; stops it when abandoned."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 (our own script; nothing of the file is an argument)
            _command(task, number),
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as process:
            try:
                yield from map(json.loads, _whole_lines(process))
                if status := process.wait():
                    _refuse(status)
            finally:
                process.kill()


def _whole_lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Lines of output, without the torn one of a process that was stopped."""
    return (line for line in process.stdout or () if line.endswith(b"\n"))


def _refuse(status: int) -> NoReturn:
    """A signal (negative status) means that the process ran into its limits."""
    if status < 0 or status == OUT_OF_MEMORY:
        raise UnreadableList(UnreadableCode.TOO_LARGE, _TOO_LARGE)
    raise UnreadableList(UnreadableCode.DAMAGED, _DAMAGED)


def _command(task: str, number: int) -> list[str]:
    # -S and -I: neither site-packages nor variables nor a folder decide what is imported
    limits = (_MEMORY_BYTES, _CPU_SECONDS, MAX_COLUMNS, MAX_CELL + 1)
    script = [sys.executable, "-S", "-I", str(_READER), _calamine_folder()]
    return [*script, *map(str, limits), task, str(number)]


@cache
def _calamine_folder() -> str:
    spec = importlib.util.find_spec("python_calamine")
    if spec is None or spec.origin is None:
        raise ImportError("python-calamine is a pinned requirement")
    return str(Path(spec.origin).parents[1])


def environment() -> dict[str, str]:
    """What the reading process inherits: where libraries are; no credential, no setting."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
