"""The app behind a gateway that behaves like API Gateway with our template.

Chalice's own local gateway does routing and authorizers; what it answers by itself is replaced by
the gateway responses of the very template that a deployment uses. Thread-safe.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    CustomLocalChalice,
    ForbiddenError,
    InvalidAuthorizerError,
    LocalChalice,
    LocalGateway,
    LocalGatewayException,
    NotAuthorizedError,
)

from infra import template

LARGEST_REQUEST = 10 * 1024 * 1024
"""API Gateway's own limit (REST APIs, payload size)."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Gateway:
    """Serves an app: `handle` for calls in the same process, the object itself as WSGI."""

    def __init__(self, app: Chalice) -> None:
        # LocalChalice keeps the current request per thread; a plain Chalice object mixes them up.
        if not isinstance(app, CustomLocalChalice):
            CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
            app.__class__ = CustomLocalChalice
        self._gateway = LocalGateway(app, Config.create())
        self._responses = _gateway_responses()

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Answer one request. `path` carries the query string."""
        if body is not None and len(body) > LARGEST_REQUEST:
            return self._own("REQUEST_TOO_LARGE")
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            answer = self._gateway.handle_request(method, path, lowered, body)
        except NotAuthorizedError:
            return self._own("UNAUTHORIZED")
        except ForbiddenError as refused:
            denied = "not authorized" in str(refused.body or "")
            return self._own("ACCESS_DENIED" if denied else "MISSING_AUTHENTICATION_TOKEN")
        except (InvalidAuthorizerError, LocalGatewayException):
            return self._own("DEFAULT_5XX")
        except Exception:  # noqa: BLE001  an authorizer that fails is API Gateway's 500
            return self._own("AUTHORIZER_FAILURE")
        return _answer(answer)

    def _own(self, kind: str) -> Answer:
        return self._responses[kind]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        answer = self.handle(
            environ["REQUEST_METHOD"], _path(environ), _headers(environ), _body(environ)
        )
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = "Unknown"
        length = {"Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {phrase}", list({**answer.headers, **length}.items()))
        return [answer.body]


def _answer(answer: Mapping[str, Any]) -> Answer:
    headers = {name: str(value) for name, value in answer["headers"].items()}
    for name, values in answer.get("multiValueHeaders", {}).items():
        headers[name] = ", ".join(map(str, values))
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    body = answer["body"] or b""
    if isinstance(body, str):
        body = body.encode()
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body)
    return Answer(answer["statusCode"], headers, body)


def _gateway_responses() -> dict[str, Answer]:
    """What API Gateway answers by itself, as the template says."""
    declared = template.load()["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    return {kind: _declared(response) for kind, response in declared.items()}


def _declared(response: Mapping[str, Any]) -> Answer:
    headers = {
        name: value.strip("'") for name, value in response["ResponseParameters"]["Headers"].items()
    }
    body = response["ResponseTemplates"]["application/json"].encode()
    return Answer(int(response["StatusCode"]), headers, body)


def _path(environ: Mapping[str, Any]) -> str:
    """The path and its query, in which a decoded `#` or `?` of the path is no end of the path."""
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    path = path.replace("#", "%23").replace("?", "%3F")
    query = environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def _body(environ: Mapping[str, Any]) -> bytes | None:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length:
        content: bytes = environ["wsgi.input"].read(length)
        return content
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read() or None
    return None
