"""What pydantic found wrong, as the problems of single fields."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import StringConstraints, ValidationError

from chalicelib.domain.cases.facts import ScriptVersion
from chalicelib.domain.dates import PartialDate, PartialDateOrOngoing
from chalicelib.domain.text import CountryCode, LanguageTag
from chalicelib.errors import FieldError

_NAME = re.compile(r"[a-z0-9_]+")
_MOST_ERRORS = 50


def field_errors(error: ValidationError) -> list[FieldError]:
    """What pydantic found, without the input: path, code, what to do."""
    found = error.errors(include_input=False, include_url=False)
    told = [e for e in found if not _follows_from_another(e, found)]
    return [
        FieldError(_path(e["loc"], e["type"]), e["type"], _sentence(e)) for e in told[:_MOST_ERRORS]
    ]


def _follows_from_another(error: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """A list is too short only because what is in it was refused."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(e["loc"]) > len(place) and e["loc"][: len(place)] == place for e in found
    )


def _path(location: tuple[int | str, ...], kind: str) -> str:
    """A dotted path. The name of a field we do not know is the sender's text: it is left out, and
    so are pydantic's names for the members of a union (`str-enum[WorkersBand]`)."""
    known = location[:-1] if kind == "extra_forbidden" else location
    return ".".join(part for part in map(str, known) if _NAME.fullmatch(part)) or "body"


def _sentence(error: Mapping[str, Any]) -> str:
    """What to write instead, in words; pydantic's own where nothing better is known."""
    text = _in_words(error["type"], error.get("ctx", {})) or error["msg"]
    text = text.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def _in_words(kind: str, context: Mapping[str, Any]) -> str | None:
    match kind:
        case "string_pattern_mismatch":
            return _WRITTEN.get(context["pattern"])
        case "too_short":
            return f"Give at least {context['min_length']}."
        case "too_long":
            return f"Give at most {context['max_length']}."
        case "bool_parsing":
            return "Write `true` or `false`."
    return None


def _pattern_of(kind: Any) -> str:
    constraints = (each for each in get_args(kind) if isinstance(each, StringConstraints))
    return str(next(constraints).pattern)


_DATE = "`2026-10-05`, `2026-10` or `2026`"
_WRITTEN: Mapping[str, str] = {
    _pattern_of(CountryCode): "Write the country's two letters (ISO 3166-1), such as `BD` or `CN`.",
    _pattern_of(LanguageTag): "Write the language's tag (BCP 47), such as `en`, `bn` or `zh-Hant`.",
    _pattern_of(PartialDate): f"Write the date as {_DATE}.",
    _pattern_of(PartialDateOrOngoing): f"Write the date as {_DATE}, or `ongoing`.",
    _pattern_of(ScriptVersion): "Write the script's name, such as `helpline-1`: 1 to 40 letters A "
    "to Z, digits, points, hyphens, underscores.",
}
