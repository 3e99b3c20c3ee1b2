"""JSON that a provider sends: one object, of which anything may be there or not."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from chalicelib.errors import FieldError, ValidationFailed

_PRINTABLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def json_object(raw: bytes) -> dict[str, Any]:
    """The object in a body. ValidationFailed for anything else."""
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _no_object() from None
    if not isinstance(body, dict):
        raise _no_object()
    return body


def short_text(value: Any, field: str, *, longest: int) -> str:
    """An id or the like in printable ASCII. ValidationFailed names the field, not the value."""
    if not isinstance(value, str) or len(value) > longest or not _PRINTABLE.fullmatch(value):
        raise wrong(field, "value_error", "Send this field as the provider does.")
    return value


def moment_of(value: Any) -> datetime | None:
    """A point in time as RFC 3339 writes it; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        return None


def wrong(field: str, code: str, detail: str) -> ValidationFailed:
    """The error for one field."""
    return ValidationFailed(errors=[FieldError(field, code, detail)])


def _no_object() -> ValidationFailed:
    return wrong("body", "json_invalid", "Send one JSON object in UTF-8.")
