"""What is started cold: a module, the handler in it, and the event it answers first.

Only the standard library: what a contender does not import must not be imported here.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.events import PARTNER, Event, filing, http_event, tick_event, token_event


class Start(NamedTuple):
    """Import `module`, call its `handler` with `event`; an HTTP answer has this `status`."""

    module: str
    handler: str
    event: Event
    status: int | None = None


_HEALTH = http_event("GET", "/health")
_SUBMIT = http_event("POST", "/v1/grievances", by=PARTNER, body=filing(partner_ref="GZ-2026-0417"))


def _both(name: str, module: str, handler: str) -> dict[str, Start]:
    return {
        f"{name}.health": Start(module, handler, _HEALTH, 200),
        f"{name}.submit": Start(module, handler, _SUBMIT, 201),
    }


STARTS: Mapping[str, Start] = {
    **_both("handshake", "app", "app"),
    **_both("bare_chalice_boto3", "bench.peers.bare_chalice_boto3", "handle"),
    **_both("chalice_models", "bench.peers.chalice_models", "handle"),
    **_both("powertools_resolver", "bench.peers.powertools_resolver", "handle"),
    **_both("fastapi_mangum", "bench.peers.fastapi_mangum", "handle"),
    "handshake.authorize": Start(
        "chalicelib.api.authorizer",
        "authorize",
        token_event("Bearer hsk_00000000000000000000000000000000026BYXP"),
    ),
    "handshake.check_grievances": Start("app", "check_grievances", tick_event()),
}

PACKAGED = tuple(n for n in STARTS if not n.startswith("fastapi"))
"""Those that the package has all parts of."""


def check(start: Start, answer: Any) -> None:
    """AssertionError unless the answer is the right one: a refusal is quickly given."""
    if start.status is not None:
        assert answer["statusCode"] == start.status, answer
