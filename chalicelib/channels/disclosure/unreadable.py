"""The one error of this package."""

from __future__ import annotations

from enum import StrEnum


class UnreadableCode(StrEnum):
    """Stable codes of why a file as a whole cannot be read."""

    EMPTY = "empty_file"
    TOO_LARGE = "file_too_large"
    UNSUPPORTED_FORMAT = "unsupported_format"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105 (a code, no password)
    DAMAGED = "damaged_file"
    HEADINGS_NOT_FOUND = "headings_not_found"
    UNCLOSED_QUOTE = "unclosed_quote"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    ENCODING_UNKNOWN = "encoding_unknown"
    UNKNOWN_DEFAULT_COUNTRY = "unknown_default_country"


class UnreadableList(ValueError):
    """The file cannot be read, or not to its end. `code` is stable; `detail` says what to do."""

    def __init__(self, code: UnreadableCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
