"""ETags and If-Match: a change names the version it is based on (RFC 9110, section 13)."""

from chalicelib.api.endpoint import Call, Header
from chalicelib.api.parsing import parse_if_match

IF_MATCH = Header("If-Match", "The `ETag` of the version the change is based on.", required=True)
IF_MATCH_OPTIONAL = Header("If-Match", "The `ETag` the change is based on, to be safe.")
IF_MATCH_TO_REPLACE = Header("If-Match", "Needed to replace what exists: its `ETag`.")


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}


def required_version(call: Call) -> int:
    """The version a change is based on. PreconditionRequired, PreconditionFailed."""
    return parse_if_match(call.headers.get("if-match"))


def optional_version(call: Call) -> int | None:
    """The same, where the caller may leave it out."""
    return required_version(call) if "if-match" in call.headers else None
