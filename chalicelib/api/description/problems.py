"""Which problems a route can answer with: those it declares, and those that follow from its shape.

Each code has one example document; each status of a route lists its codes.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from chalicelib import errors
from chalicelib.api.description.limit_headers import LIMIT_HEADERS
from chalicelib.api.endpoint import Operation
from chalicelib.api.problems import CONTENT_TYPE, HEADERS, STATUS, problem_of
from chalicelib.errors import FieldError, HandshakeError

Kind = type[HandshakeError]

# API Gateway itself answers 429, 500, 504, and Chalice 415, for every route there is.
_EVERYWHERE: tuple[Kind, ...] = (
    errors.BodyTooLarge,
    errors.UnsupportedMediaType,
    errors.TooManyRequests,
    errors.HandshakeError,
    errors.Unavailable,
)
GATEWAY_TIMEOUT = 504
"""API Gateway's answer when a function took too long; its code is `unavailable`, too."""

_HEADER_TEXTS: Mapping[str, str] = {
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to authenticate.",
}
_SAMPLE_FIELD = FieldError("categories.0", "enum", "Input should be one of the listed values.")


def kinds_of(operation: Operation) -> list[Kind]:
    """Every class of error the route can answer with, by status and code."""
    kinds: set[Kind] = {*_EVERYWHERE, *operation.raises}
    if operation.roles:
        kinds |= {errors.Unauthenticated, errors.Forbidden}
    if operation.path_parameters:
        kinds.add(errors.NotFound)
    if operation.reads_body:
        kinds.add(errors.MalformedRequest)
    if operation.body or operation.query:
        kinds.add(errors.ValidationFailed)
    return sorted(kinds, key=lambda kind: (STATUS[kind], kind.code))


def responses_of(operation: Operation) -> dict[str, Any]:
    """OpenAPI responses by status; one code refers to the shared response of that code."""
    found = {
        str(status): _response(list(kinds))
        for status, kinds in groupby(kinds_of(operation), key=STATUS.__getitem__)
    }
    return {**found, str(GATEWAY_TIMEOUT): _shared(errors.Unavailable)}


def shared_responses(problem: Mapping[str, Any]) -> dict[str, Any]:
    """One response for each code. `problem` is the reference to the schema."""
    return {
        kind.code: {
            "description": f"`{kind.code}`: {kind.default_detail}",
            **_headers([kind]),
            "content": _content([kind], problem),
        }
        for kind in _by_code(STATUS)
    }


def shared_examples() -> dict[str, Any]:
    """One problem document for each code."""
    return {
        kind.code: {"summary": kind.title, "value": _document(kind)} for kind in _by_code(STATUS)
    }


def _response(kinds: list[Kind]) -> dict[str, Any]:
    if len(kinds) == 1:
        return _shared(kinds[0])
    told = "\n".join(f"- `{kind.code}`: {kind.default_detail}" for kind in kinds)
    problem = {"$ref": "#/components/schemas/Problem"}
    return {"description": told, **_headers(kinds), "content": _content(kinds, problem)}


def _shared(kind: Kind) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{kind.code}"}


def _content(kinds: Iterable[Kind], problem: Mapping[str, Any]) -> dict[str, Any]:
    examples = {kind.code: {"$ref": f"#/components/examples/{kind.code}"} for kind in kinds}
    return {CONTENT_TYPE: {"schema": dict(problem), "examples": examples}}


def _headers(kinds: Iterable[Kind]) -> dict[str, Any]:
    names = sorted({name for kind in kinds for name in HEADERS.get(kind, {})})
    described = {
        name: {"description": _HEADER_TEXTS[name], "schema": {"type": "string"}} for name in names
    }
    return {"headers": {**described, **LIMIT_HEADERS}}


def _document(kind: Kind) -> dict[str, Any]:
    error = kind(errors=[_SAMPLE_FIELD] if kind is errors.ValidationFailed else ())
    return problem_of(error).model_dump(mode="json", exclude_none=True)


def _by_code(kinds: Iterable[Kind]) -> list[Kind]:
    return sorted(kinds, key=lambda kind: kind.code)
