"""What pydantic found wrong, as the problems of single fields."""

import re

from pydantic import ValidationError

from chalicelib.errors import FieldError

_NAME = re.compile(r"[a-z0-9_]+")
_MOST_ERRORS = 50


def field_errors(error: ValidationError) -> list[FieldError]:
    """What pydantic found, without the input: path, code, what to do."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [
        FieldError(_path(e["loc"], e["type"]), e["type"], _sentence(e["msg"]))
        for e in found[:_MOST_ERRORS]
    ]


def _path(location: tuple[int | str, ...], kind: str) -> str:
    """A dotted path. The name of a field we do not know is the sender's text: it is left out, and
    so are pydantic's names for the members of a union (`str-enum[WorkersBand]`)."""
    known = location[:-1] if kind == "extra_forbidden" else location
    return ".".join(part for part in map(str, known) if _NAME.fullmatch(part)) or "body"


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
