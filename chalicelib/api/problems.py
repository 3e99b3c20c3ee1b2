"""Errors on the wire: RFC 9457 problem documents, one for each class of `chalicelib.errors`."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Response
from pydantic import Field

from chalicelib import errors
from chalicelib.domain.values import Value
from chalicelib.errors import HandshakeError

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem-type:handshake:"

STATUS: Mapping[type[HandshakeError], int] = {
    errors.MalformedRequest: 400,
    errors.MissingIdempotencyKey: 400,
    errors.InvalidIdempotencyKey: 400,
    errors.InvalidCursor: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.SignatureRefused: 403,
    errors.EngagementNotActive: 403,
    errors.ConsentWithdrawn: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.VersionConflict: 409,
    errors.BrandNotEngaged: 409,
    errors.IllegalTransition: 409,
    errors.StateConflict: 409,
    errors.AlreadyExists: 409,
    errors.StillReferenced: 409,
    errors.IdentityErased: 410,
    errors.PreconditionFailed: 412,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.ValidationFailed: 422,
    errors.IdempotencyConflict: 422,
    errors.UnreadableFile: 422,
    errors.PreconditionRequired: 428,
    errors.TooManyRequests: 429,
    errors.HandshakeError: 500,
    errors.Unavailable: 503,
}
"""Every class of error and its status; a class that is missing here is found by a test."""

HEADERS: Mapping[type[HandshakeError], Mapping[str, str]] = {
    errors.Unauthenticated: {"WWW-Authenticate": "Bearer"},
    errors.Unavailable: {"Retry-After": "5"},
    errors.TooManyRequests: {"Retry-After": "30"},  # where the error does not know better
}
"""What else an answer with such an error carries."""


class FieldProblem(Value):
    """One thing that is wrong with one field."""

    field: Annotated[str, Field(description="Dotted path, `categories.0`; `body` for the whole.")]
    code: str
    detail: str


class Problem(Value):
    """What went wrong and what to do now (RFC 9457). `code` is stable; texts are not."""

    type: Annotated[str, Field(examples=["urn:problem-type:handshake:not_found"])]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(json_schema_extra={"enum": sorted(kind.code for kind in STATUS)})]
    errors: tuple[FieldProblem, ...] | None = None


def kind_of(error: HandshakeError) -> type[HandshakeError]:
    """The class that decides about an error's status: its own, or the nearest above it."""
    return next(kind for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: HandshakeError) -> Problem:
    """The document for an error."""
    return Problem(
        type=f"{TYPE_PREFIX}{error.code}",
        title=error.title,
        status=STATUS[kind_of(error)],
        detail=error.detail,
        code=error.code,
        errors=tuple(FieldProblem(**vars(e)) for e in error.errors) or None,
    )


def _waiting(error: HandshakeError) -> dict[str, str]:
    if isinstance(error, errors.TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    return {}


def problem_response(error: HandshakeError, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer for an error."""
    problem = problem_of(error)
    all_headers: dict[str, Any] = {
        "Content-Type": CONTENT_TYPE,
        "Cache-Control": "no-store",
        **HEADERS.get(kind_of(error), {}),
        **_waiting(error),
        **(headers or {}),
    }
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, all_headers, problem.status)
