"""What every webhook of Twilio's begins with: whose line it is, and whether Twilio has signed."""

from typing import Annotated, NamedTuple
from urllib.parse import quote, urlencode

from pydantic import Field

from chalicelib import errors
from chalicelib.api.endpoint import Call, Header
from chalicelib.channels.twilio import Params, read_form, verify
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.values import Value
from chalicelib.usecases.helpline.answering_line import answering_line

SIGNATURE = Header("X-Twilio-Signature", "Made by Twilio with the line's auth token.")


class SignedQuery(Value):
    """What an address was given to say, and what Twilio adds to it; Twilio signs all of it."""

    body_sha256: Annotated[
        str | None, Field(alias="bodySHA256", description="Added by Twilio where it signs a hash.")
    ] = None


class CallSoFar(SignedQuery):
    """What a caller has chosen."""

    language: str | None = None
    consent: str | None = None


class SentMessage(SignedQuery):
    """Which message went out, on which case."""

    grievance: str | None = None
    message: str | None = None


class Verified(NamedTuple):
    """A line, and the fields that Twilio has signed for it."""

    line: HelplineLine
    params: Params


def verified(call: Call, provider: Provider, path: str) -> Verified:
    """The line of the path, and what Twilio sends to it.

    Raises NotFound, SignatureRefused, ValidationFailed, Unavailable.
    """
    line = answering_line(call.path["line_id"], provider, deps=call.deps)
    token = call.deps.line_secrets.get(line.line_id).get("auth_token")
    signature = call.headers.get(SIGNATURE.name.lower())
    if not token or not signature:
        raise errors.SignatureRefused()
    if not verify(_signed_url(call, path), call.raw_body, signature, token):
        raise errors.SignatureRefused()
    return Verified(line, read_form(call.raw_body))


def address_of(call: Call, path: str) -> str:
    """The public address of a route of this line: configured, never what a `Host` says."""
    return call.deps.settings.public_url.rstrip("/") + path.format(**call.path)


def _signed_url(call: Call, path: str) -> str:
    """API Gateway hands a query on decoded and in no order, so it is written as we write it: in the
    order of its names."""
    asked = sorted(call.query.model_dump(by_alias=True, exclude_none=True).items())
    query = urlencode(asked, quote_via=quote, errors="surrogatepass")
    return address_of(call, path) + (f"?{query}" if query else "")
