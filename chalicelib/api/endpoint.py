"""How a route is declared, and what happens around each of them.

A route says what it needs (roles, body, query) and what it answers; it gets a `Call` with all of it
read and checked, and returns a `Reply`. The declarations are the source of the OpenAPI document.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib import deps, log
from chalicelib.api.authorizer import authorize, principal_in
from chalicelib.api.limits import Limits
from chalicelib.api.parsing import parse_body, parse_query
from chalicelib.api.problems import problem_of, problem_response
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import (
    BodyTooLarge,
    Forbidden,
    HandshakeError,
    MalformedRequest,
    NotFound,
)
from chalicelib.time_budget import within

ANSWERED_WITHIN = 26.0
"""Seconds, where a route does not say less. API Gateway waits 29 and then answers 504 by itself."""

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 256 * 1024

PATH_PATTERNS: Mapping[str, str] = {
    "grievance_id": r"g_[0-9a-z]{26}",
    "attachment_id": r"at_[0-9a-z]{26}",
    "alert_id": r"ac?_[0-9a-z]{26}_[0-9a-z]{26}",
    "factory_id": r"f_[0-9a-z]{26}",
    "brand_id": r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?",
    "os_id": r"[A-Z]{2}[0-9]{7}[0-9A-Z]{6}",
    "export_id": r"x_[0-9a-z]{26}",
    "judgement_id": r"j_[0-9a-z]{26}",
    "redelivery_id": r"r_[0-9a-z]{26}",
    "reconciliation_id": r"rc_[0-9a-z]{26}",
    "grievance_import_id": r"gi_[0-9a-z]{26}",
    "import_id": r"i_[0-9a-z]{26}",
    "remediation_plan_id": r"rp_[0-9a-z]{26}",
    "question_id": r"q_[0-9a-z]{26}",
    "extension_id": r"ex_[0-9a-z]{26}",
    "action_number": r"[1-9][0-9]?",
    "quarter": r"20[0-9]{2}-Q[1-4]",
    "line_id": r"ln_[0-9a-z]{26}",
    "poster_code": r"[0-9A-HJKMNP-TV-Z]{8}",
    "plan_id": r"\d{4}-\d{2}-\d{2}\.[a-z]{2,10}\.(?:identity|texts)",
    "organisation_id": r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?",
    "user_id": r"u_[0-9a-z]{26}",
    "key_id": r"k_[0-9a-z]{26}",
    "engagement_id": r"e_[0-9a-z]{26}",
    "key_proposal_id": r"p_[0-9a-z]{26}",
    "proposal_id": r"p_[0-9a-z]{26}",
    "answer_id": r"sa_[0-9a-z]{26}",
    "draft_id": r"ad_[0-9a-z]{26}",
    "answer_version": r"[1-9][0-9]{0,5}",
    "tree_size": r"[1-9][0-9]{0,14}",
    "subscription_id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "asset": r"[a-z][a-z0-9.-]{0,60}",
}
"""What an id in a path looks like. Anything else is not there."""


@dataclass(frozen=True)
class Header:
    """A request header a route reads."""

    name: str
    description: str
    required: bool = False
    pattern: str | None = None


@dataclass(frozen=True)
class Operation:
    """A route as declared: all there is to know about it from outside."""

    method: str
    path: str
    name: str
    tag: str
    doc: str
    roles: tuple[Role, ...]
    body: type[BaseModel] | None
    body_types: tuple[str, ...]
    largest_body: int
    query: type[BaseModel] | None
    headers: tuple[Header, ...]
    replies: Mapping[int, type[BaseModel] | str]
    raises: tuple[type[HandshakeError], ...]
    example: Mapping[str, Any] | None
    reply_headers: tuple[str, ...] = ()
    files: bool = False
    answered_within: float = ANSWERED_WITHIN

    @property
    def reads_body(self) -> bool:
        """Whether a body means anything to the route."""
        return bool(self.body or self.example) or JSON not in self.body_types

    @property
    def path_parameters(self) -> list[str]:
        """The names in braces."""
        return re.findall(r"{(\w+)}", self.path)


OPERATIONS: list[Operation] = []
"""Every declared route, in the order of declaration."""


@dataclass(frozen=True)
class Call:
    """A request, read and checked. What a route did not declare is None or empty.

    `address` is where it came from: to be counted by, never to be stored or logged.
    """

    deps: Deps
    path: Mapping[str, str]
    headers: Mapping[str, str]
    address: str = ""
    body: Any = None
    raw_body: bytes = b""
    query: Any = None
    principal: Principal | None = None

    @property
    def by(self) -> Principal:
        """The caller. Only for routes that name roles."""
        if self.principal is None:
            raise RuntimeError("this route has no roles, so nobody has signed in")
        return self.principal


@dataclass(frozen=True)
class Reply:
    """An answer: a model as JSON, or text with its content type."""

    body: BaseModel | str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


class Audience:
    """A blueprint whose routes are declared, not only mounted."""

    def __init__(self, import_name: str, tag: str) -> None:
        self.blueprint = Blueprint(import_name)
        self._tag = tag

    def route(
        self,
        method: str,
        path: str,
        *,
        replies: Mapping[int, type[BaseModel] | str],
        roles: Sequence[Role] = (),
        body: type[BaseModel] | None = None,
        body_types: Sequence[str] = (JSON,),
        largest_body: int = LARGEST_BODY,
        query: type[BaseModel] | None = None,
        headers: Sequence[Header] = (),
        raises: Sequence[type[HandshakeError]] = (),
        example: Mapping[str, Any] | None = None,
        reply_headers: Sequence[str] = (),
        files: bool = False,
        answered_within: float = ANSWERED_WITHIN,
    ) -> Callable[[Handler], Handler]:
        """Declare and mount a route. Without roles it is open to the public.

        `reply_headers` are those that every success has, besides `Content-Type` and the like.
        `files` counts each 201 against the organisation's quota of grievances. `answered_within` is
        how many seconds whoever asks waits: what AWS does not answer by then is refused with 503.
        """

        def register(handler: Handler) -> Handler:
            operation = Operation(
                method=method,
                path=path,
                name=handler.__name__,
                tag=self._tag,
                doc=handler.__doc__ or "",
                roles=tuple(roles),
                body=body,
                body_types=tuple(body_types),
                largest_body=largest_body,
                query=query,
                headers=tuple(headers),
                replies=replies,
                raises=tuple(raises),
                example=example,
                reply_headers=tuple(reply_headers),
                files=files,
                answered_within=answered_within,
            )
            OPERATIONS.append(operation)
            self._mount(operation, handler)
            return handler

        return register

    def _mount(self, operation: Operation, handler: Handler) -> None:
        @functools.wraps(handler)
        def view(**path: str) -> Response:
            return answer(operation, handler, self.blueprint.current_request, path)

        mounted = self.blueprint.route(
            operation.path,
            methods=[operation.method],
            name=operation.name,
            content_types=list(operation.body_types),
            authorizer=authorize if operation.roles else None,
        )
        mounted(view)


def answer(
    operation: Operation, handler: Handler, request: Request, path: Mapping[str, str]
) -> Response:
    """The response to a request, whatever happens, with what is left of the caller's limits."""
    limits = Limits.of(request.context)
    response = _answered(operation, handler, request, path, limits)
    response.headers.update(limits.headers())
    return response


def _answered(
    operation: Operation,
    handler: Handler,
    request: Request,
    path: Mapping[str, str],
    limits: Limits,
) -> Response:
    """Nothing that was sent is logged."""
    try:
        limits.refuse_exceeded()
        call = _read(operation, request, path)
        with within(operation.answered_within):
            return _written(_filed(handler, call, limits) if operation.files else handler(call))
    except HandshakeError as error:
        status = problem_of(error).status
        log.info(
            log.Event.REQUEST_REFUSED, operation=operation.name, code=error.code, status=status
        )
        return problem_response(error)
    except Exception as error:  # noqa: BLE001  the last resort: a problem, never a bare 500
        log.error(
            log.Event.REQUEST_FAILED,
            operation=operation.name,
            error=type(error).__name__,
            where=log.where(error),
        )
        return problem_response(HandshakeError())


def _filed(handler: Handler, call: Call, limits: Limits) -> Reply:
    return limits.filing(
        lambda: handler(call), lambda reply: reply.status == 201, call.by, call.deps
    )


def _read(operation: Operation, request: Request, path: Mapping[str, str]) -> Call:
    """Who, how large, where, what: in this order, so that nobody learns what is not theirs."""
    principal = _admitted(operation, request)
    for name, value in path.items():
        if not re.fullmatch(PATH_PATTERNS[name], value):
            raise NotFound()
    raw = _body_of(operation, request)
    return Call(
        deps=deps.current(),
        path=path,
        headers={name.lower(): value for name, value in request.headers.items()},
        address=request.context.get("identity", {}).get("sourceIp", ""),
        body=parse_body(operation.body, raw) if operation.body else None,
        raw_body=raw,
        query=_query_of(operation, request),
        principal=principal,
    )


def _admitted(operation: Operation, request: Request) -> Principal | None:
    if not operation.roles:
        return None
    principal = principal_in(request.context)
    if principal.role not in operation.roles:
        raise Forbidden()
    return principal


def _body_of(operation: Operation, request: Request) -> bytes:
    try:
        raw = bytes(request.raw_body or b"")  # type: ignore[arg-type]  # bytes at run time
    except (UnicodeError, ValueError):
        raise MalformedRequest() from None
    if len(raw) > operation.largest_body:
        raise BodyTooLarge(f"The body may have {operation.largest_body} bytes at most.")
    return raw


def _query_of(operation: Operation, request: Request) -> BaseModel | None:
    if operation.query is None:
        return None
    given = request.query_params
    values = {name: given.getlist(name) for name in given} if given else {}
    return parse_query(operation.query, values)


def _written(reply: Reply) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body: str = ""
    if isinstance(reply.body, BaseModel):
        body = reply.body.model_dump_json()
        headers["Content-Type"] = JSON
    elif reply.body is not None:
        body = reply.body
    return Response(body, {**headers, **reply.headers}, reply.status)
