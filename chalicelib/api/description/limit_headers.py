"""The headers that say how much of its limits a key has left, as the description has them."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.api.limits import RATE_LIMIT, RATE_LIMIT_POLICY
from chalicelib.domain.limits import filings_limit, policies, requests_limit, service_limits

_AT = datetime(2026, 11, 22, 8, 0, 18, tzinfo=UTC)
_SAMPLE = [requests_limit(600).after(1, _AT), filings_limit(10_000).after(1, _AT)]

SHARED_HEADERS: dict[str, Any] = {
    RATE_LIMIT_POLICY: {
        "description": "Each limit that counts here: its name, quota `q`, window `w` in seconds "
        "(draft-ietf-httpapi-ratelimit-headers-10). On routes that need a key; missing where "
        "nothing could be counted.",
        "schema": {"type": "string"},
        "example": policies(_SAMPLE),
    },
    RATE_LIMIT: {
        "description": "What is left of each: `r` more; in `t` seconds counting begins anew.",
        "schema": {"type": "string"},
        "example": service_limits(_SAMPLE),
    },
}
"""Their descriptions by name."""

LIMIT_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in SHARED_HEADERS}
"""References to them, for every response."""
