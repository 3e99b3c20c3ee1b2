"""The token authorizer: a bearer key becomes a principal, once, before any route is reached.

It says who somebody is, and counts the request against the key's limit, because it runs once for
each. What the role may do stands at each route, whose data it may reach in each use case.
"""

from typing import Any

from chalice.app import AuthRequest, AuthResponse, Blueprint

from chalicelib import deps
from chalicelib.api.limits import as_context
from chalicelib.domain.admission.access import Holder, Principal
from chalicelib.domain.admission.key_text import digest_of, is_key_text
from chalicelib.errors import Unauthenticated
from chalicelib.usecases.admission.count_requests import count_request
from chalicelib.usecases.admission.keep_keys import hash_of

CACHE_SECONDS = 0
"""API Gateway keeps no answer: a revoked key is dead at once, not some seconds later (ADR 11),
and every request is counted."""

blueprint = Blueprint(__name__)


@blueprint.authorizer(ttl_seconds=CACHE_SECONDS)
def authorize(request: AuthRequest) -> AuthResponse:
    """Allow every route to the holder of a good key and hand on who it is; deny all else."""
    process = deps.current()
    holder = _holder(request.token)
    principal = holder.principal(process.now()) if holder else None
    if holder is None or principal is None:
        return AuthResponse(routes=[], principal_id="nobody")
    counted = count_request(principal, deps=process)
    context = {**principal.model_dump(mode="json"), **as_context(counted, holder.organisation)}
    return AuthResponse(routes=["*"], principal_id=principal.key_id, context=context)


def principal_in(context: dict[str, Any]) -> Principal:
    """The principal that the authorizer put into a request's context. Unauthenticated."""
    found = context.get("authorizer") or {}
    if "key_id" not in found:
        raise Unauthenticated()
    return Principal(**{name: found[name] for name in Principal.model_fields})


def _holder(header: str) -> Holder | None:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not is_key_text(token):
        return None
    process = deps.current()
    return process.access.holder(hash_of(digest_of(token), process))
