"""Who knows a line's secret, where a provider signs nothing."""

import base64
import hmac
from collections.abc import Mapping

HEADER = "X-Handshake-Secret"


def carries(headers: Mapping[str, str], secrets: Mapping[str, str]) -> bool:
    """Whether a request carries the secret of its line, in any of the ways that forms can send one:
    `X-Handshake-Secret`, `Authorization: Token …`, or HTTP Basic (RFC 7617) where the line has a
    user. `headers` have lower-case names. A line without secrets hears nobody."""
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    given = {"token": credentials.strip()} if scheme.lower() == "token" else {}
    secret = secrets.get("header_secret", "")
    found = [_equal(each, secret) for each in (headers.get(HEADER.lower(), ""), *given.values())]
    if scheme.lower() == "basic" and secrets.get("basic_user") and secrets.get("basic_password"):
        wanted = f"{secrets['basic_user']}:{secrets['basic_password']}"
        found.append(_equal(_decoded(credentials.strip()), wanted))
    return any(found)


def _equal(given: str, wanted: str) -> bool:
    """In a time that does not tell how much of it was right. Nothing equals no secret."""
    alike = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
    return alike and bool(wanted)


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode("utf-8")
    except ValueError:
        return ""
