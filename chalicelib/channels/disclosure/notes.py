"""What there is to say about a file as a whole although it could be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from chalicelib.channels.disclosure.encoding import Encoding
from chalicelib.channels.disclosure.rows import ProblemCode, RowProblem, Severity
from chalicelib.channels.disclosure.sheets import ListFormat

_SUFFIXES = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".tab": "csv"} | {
    f".{kind}": kind for kind in ("xlsx", "xls", "ods")
}


def encoding_notes(encoding: Encoding) -> Iterator[RowProblem]:
    """That the encoding is a guess, and that characters were lost."""
    if encoding.guessed:
        yield _note(
            ProblemCode.ENCODING_GUESSED,
            f"The file is not in UTF-8 and was read as {encoding.codec}. If names look wrong, "
            "save it as CSV UTF-8 or as XLSX.",
        )
    if encoding.lossy:
        yield _note(
            ProblemCode.CHARACTERS_LOST,
            f"Some bytes are no {encoding.codec} and were left out. Save the list again as CSV "
            "UTF-8 or as XLSX from the program it comes from.",
            Severity.WARNING,
        )


def name_notes(filename: str | None, kind: ListFormat) -> Iterator[RowProblem]:
    """That the file's name promises another format than the content has."""
    suffix = PurePath(filename or "").suffix.lower()
    if _SUFFIXES.get(suffix, kind) != kind:
        yield _note(
            ProblemCode.NAME_OF_FILE_MISLEADS,
            f"The name says {suffix[1:].upper()}, the content is {kind.upper()} and was read so.",
        )


def skipped_notes(sheets: tuple[str, ...]) -> Iterator[RowProblem]:
    """Sheets without the headings of a list."""
    for name in sheets:
        yield RowProblem(
            line=None,
            sheet=name,
            code=ProblemCode.SHEET_SKIPPED,
            severity=Severity.NOTE,
            detail="No line of this sheet has headings for a name and a country; left out.",
        )


def _note(code: ProblemCode, detail: str, severity: Severity = Severity.NOTE) -> RowProblem:
    return RowProblem(line=None, code=code, severity=severity, detail=detail)
