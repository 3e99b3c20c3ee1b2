"""From bytes to values, strictly: what is not understood is refused, and never echoed."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar, get_args

from pydantic import AwareDatetime, BaseModel, ValidationError

from chalicelib.domain.field_errors import field_errors
from chalicelib.errors import (
    FieldError,
    InvalidIdempotencyKey,
    MalformedRequest,
    PreconditionFailed,
    PreconditionRequired,
    ValidationFailed,
)

M = TypeVar("M", bound=BaseModel)

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,15})"')
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_MALFORMED = frozenset({"json_invalid", "string_unicode", "bytes_type"})

# One spelling for each value, as the schema says: pydantic would also take `1_0`, `yes`, and a
# number of seconds for a date.
_SPELLINGS: Mapping[type, tuple[re.Pattern[str], str, str]] = {
    bool: (re.compile("true|false"), "bool_parsing", "Write true or false."),
    int: (re.compile("-?[0-9]{1,18}"), "int_parsing", "Write a whole number in digits."),
    date: (
        re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "date_parsing",
        "Write a date as 2026-11-22.",
    ),
    AwareDatetime: (
        re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:.*"),
        "datetime_parsing",
        "Write a date and time as 2026-11-22T08:00:00Z.",
    ),
}


def parse_body(model: type[M], raw: bytes) -> M:
    """The model in a JSON body. MalformedRequest, ValidationFailed."""
    try:
        value = model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if any(e["type"] in _MALFORMED for e in error.errors(include_input=False)):
            raise MalformedRequest() from None
        raise ValidationFailed(errors=field_errors(error)) from None
    except ValueError:  # RecursionError's cousins: integers of thousands of digits
        raise MalformedRequest() from None
    except OverflowError:  # 0001-01-01T00:00+14:00 lies before the first moment of UTC
        raise _out_of_range("body") from None
    _refuse_duplicate_keys(raw)
    return value


def parse_query(model: type[M], query: Mapping[str, Sequence[str]]) -> M:
    """The model in a query string. ValidationFailed, also for a parameter given twice."""
    repeated = [name for name, values in query.items() if len(values) > 1]
    if repeated:
        detail = "Give this parameter once."
        raise ValidationFailed(errors=[FieldError("query", "repeated_parameter", detail)])
    values = {name: values[0] for name, values in query.items()}
    _refuse_other_spellings(model, values)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValidationFailed(errors=field_errors(error)) from None
    except OverflowError:
        raise _out_of_range("query") from None


def parse_if_match(header: str | None) -> int:
    """The version an `If-Match` names. PreconditionRequired without one, PreconditionFailed for
    anything that is not an ETag this service gave out."""
    if header is None:
        raise PreconditionRequired()
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise PreconditionFailed()
    return int(match[1])


def parse_idempotency_key(header: str | None) -> str | None:
    """The `Idempotency-Key`, or None when it is not given. InvalidIdempotencyKey."""
    if header is not None and not _IDEMPOTENCY_KEY.fullmatch(header):
        raise InvalidIdempotencyKey()
    return header


def _out_of_range(place: str) -> ValidationFailed:
    detail = "A date and time must lie between the years 1 and 9999 in UTC."
    return ValidationFailed(errors=[FieldError(place, "datetime_out_of_range", detail)])


def _refuse_other_spellings(model: type[BaseModel], values: Mapping[str, str]) -> None:
    found = []
    for name, value in values.items():
        field = model.model_fields.get(name)
        for kind in _kinds(field.annotation) if field else ():
            spelling, code, detail = _SPELLINGS[kind]
            if not spelling.fullmatch(value):
                found.append(FieldError(name, code, detail))
    if found:
        raise ValidationFailed(errors=found)


def _kinds(annotation: Any) -> list[type]:
    """The types with one spelling that stand anywhere in an annotation."""
    if isinstance(annotation, type) and annotation in _SPELLINGS:
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _kinds(part)]


def _refuse_duplicate_keys(raw: bytes) -> None:
    """Two readers of one body must not see two things (RFC 8259, section 4)."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise MalformedRequest("An object in the body has the same key twice.")

    json.loads(raw, object_pairs_hook=once)
