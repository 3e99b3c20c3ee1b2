"""The token authorizer: a bearer key becomes a principal, once, before any route is reached.

It only says who somebody is. What the role may do stands at each route, whose data it may reach in
each use case.
"""

from typing import Any

from chalice.app import AuthRequest, AuthResponse, Blueprint

from chalicelib import deps
from chalicelib.domain.access import KEY_PREFIX, Principal
from chalicelib.domain.references import keyed_hash
from chalicelib.errors import Unauthenticated
from chalicelib.store.keyring import Purpose

CACHE_SECONDS = 30
"""How long API Gateway may keep an answer: a revoked key is dead after this time at the latest."""

_LONGEST_KEY = 200

blueprint = Blueprint(__name__)


@blueprint.authorizer(ttl_seconds=CACHE_SECONDS)
def authorize(request: AuthRequest) -> AuthResponse:
    """Allow every route to the holder of a good key and hand on who it is; deny all else."""
    principal = _principal(request.token)
    if principal is None:
        return AuthResponse(routes=[], principal_id="nobody")
    context = principal.model_dump(mode="json")
    return AuthResponse(routes=["*"], principal_id=principal.key_id, context=context)


def principal_in(context: dict[str, Any]) -> Principal:
    """The principal that the authorizer put into a request's context. Unauthenticated."""
    found = context.get("authorizer") or {}
    if "key_id" not in found:
        raise Unauthenticated()
    return Principal(**{name: found[name] for name in Principal.model_fields})


def _principal(header: str) -> Principal | None:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(KEY_PREFIX):
        return None
    if len(token) > _LONGEST_KEY or not token.isascii():
        return None
    process = deps.current()
    key = process.access.key(keyed_hash(process.keyring.key(Purpose.API_KEY_HASH), token))
    return key.principal(process.now()) if key else None
