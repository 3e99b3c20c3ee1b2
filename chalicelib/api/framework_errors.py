"""Chalice's own errors (405, 415, 400) as problem documents like all others."""

from collections.abc import Callable
from typing import Any

from chalice.app import Request, Response

from chalicelib.api.limits import Limits
from chalicelib.api.problems import problem_response
from chalicelib.errors import (
    HandshakeError,
    MalformedRequest,
    MethodNotAllowed,
    UnsupportedMediaType,
)

_OURS: dict[int, type[HandshakeError]] = {
    400: MalformedRequest,
    405: MethodNotAllowed,
    415: UnsupportedMediaType,
}


def problem_instead(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: pass our own answers on, rewrite what the framework answered by itself."""
    response = get_response(request)
    if not _is_chalices_own(response.body):
        return response
    error = _OURS.get(response.status_code, HandshakeError)()
    allow = {name: str(v) for name, v in response.headers.items() if name.lower() == "allow"}
    return problem_response(error, {**allow, **Limits.of(request.context).headers()})


def _is_chalices_own(body: Any) -> bool:
    return isinstance(body, dict) and body.keys() == {"Code", "Message"}
