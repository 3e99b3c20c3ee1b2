"""Who takes part: name → something that answers an API Gateway event as Lambda would call it."""

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from bench.events import PARTNER, Context, Event, filing, http_event
from bench.overhead.stubs import StubbedDeps
from chalicelib import deps
from chalicelib.api.authorizer import principal_in
from chalicelib.api.views import grievance_view
from chalicelib.domain.cases.facts import Filing
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.submit_grievance import submit_grievance

Handle = Callable[[Event, Any], Any]

OURS = "handshake"
_HANDLERS = {
    OURS: ("app", "app"),
    "bare_chalice": ("bench.peers.bare_chalice", "handle"),
    "powertools_resolver": ("bench.peers.powertools_resolver", "handle"),
    "fastapi_mangum": ("bench.peers.fastapi_mangum", "handle"),
}
NAMES = tuple(_HANDLERS)

GRIEVANCE_ID = "g_0123456789abcdefghjkmnpqrs"


class Asked(NamedTuple):
    """A request, the status it must get, and the work behind it without any framework."""

    event: Event
    status: int
    work: Callable[[], object]


def handler(name: str) -> Handle:
    """A contender's handler. ModuleNotFoundError where a peer is not installed."""
    module, attribute = _HANDLERS[name]
    found: Handle = getattr(importlib.import_module(module), attribute)
    return found


def requests() -> dict[str, Asked]:
    """What everybody is asked."""
    body = filing(partner_ref="GZ-2026-0417")
    where: dict[str, Any] = {
        "resource": "/v1/grievances/{grievance_id}",
        "parameters": {"grievance_id": GRIEVANCE_ID},
    }
    post = http_event("POST", "/v1/grievances", by=PARTNER, body=body)
    get = http_event("GET", f"/v1/grievances/{GRIEVANCE_ID}", by=PARTNER, **where)
    return {
        "POST /v1/grievances": Asked(post, 201, _submitting(post)),
        "GET /v1/grievances/{id}": Asked(get, 200, _reading(get)),
    }


def _submitting(event: Event) -> Callable[[], object]:
    """Models in and out and the use case between them."""
    by = principal_in(event["requestContext"])

    def work() -> object:
        given = Filing.model_validate_json(event["body"])
        submitted = submit_grievance(given, idempotency_key=None, by=by, deps=deps.current())
        return submitted.receipt.model_dump_json()

    return work


def _reading(event: Event) -> Callable[[], object]:
    by = principal_in(event["requestContext"])
    return lambda: grievance_view(
        own_case(GRIEVANCE_ID, by=by, deps=deps.current())
    ).model_dump_json()


def answered(handle: Handle, asked: Asked) -> Any:
    """The answer. AssertionError unless it has the right status: a refusal is quickly given."""
    answer = handle(asked.event, Context())
    assert answer["statusCode"] == asked.status, answer
    return answer


def stub_stores() -> None:
    """Nothing is behind the service in this process from now on."""
    deps.use(StubbedDeps())
