"""What can go wrong, in domain words. Each class is one stable `code`; nothing here knows HTTP.

`detail` tells the caller what to do next and never repeats a value that somebody sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with one field: a dotted path, a stable code, what to do."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class HandshakeError(Exception):
    """Base of everything the service refuses on purpose."""

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something failed on our side. Try again later."

    detail: str = ""
    errors: Sequence[FieldError] = field(default=())

    def __post_init__(self) -> None:
        super().__init__(self.code)
        self.detail = self.detail or self.default_detail


class MalformedRequest(HandshakeError):
    """The bytes are not what the route reads at all."""

    code = "malformed_request"
    title = "Malformed request"
    default_detail = "Send one JSON object in UTF-8, without duplicate keys."


class ValidationFailed(HandshakeError):
    """The request is well-formed, but fields break a rule; `errors` names them."""

    code = "validation_failed"
    title = "Validation failed"
    default_detail = "Correct the fields listed under `errors` and send the request again."


class MissingIdempotencyKey(HandshakeError):
    """A post that could be repeated by accident carries nothing to recognise the repeat by."""

    code = "idempotency_key_missing"
    title = "Idempotency key missing"
    default_detail = (
        "Send an `Idempotency-Key` header (1 to 255 printable ASCII characters, new for each "
        "grievance) or a `partner_ref` in the body."
    )


class InvalidIdempotencyKey(HandshakeError):
    """The header is there but cannot be used as a key."""

    code = "idempotency_key_invalid"
    title = "Idempotency key invalid"
    default_detail = "`Idempotency-Key` takes 1 to 255 printable ASCII characters; a UUID will do."


class IdempotencyConflict(HandshakeError):
    """The key was used before with another body."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused with another body"
    default_detail = (
        "This key already stands for another request. Use a new key for a new grievance; to "
        "change the first one, PATCH it."
    )


class Unauthenticated(HandshakeError):
    """No key, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    title = "Authentication required"
    default_detail = "Send a valid key as `Authorization: Bearer <key>`."


class Forbidden(HandshakeError):
    """The key is good but its role may not do this."""

    code = "forbidden"
    title = "Not allowed for this role"
    default_detail = "Your key's role does not include this. Ask your supervisor or the operator."


class SignatureRefused(HandshakeError):
    """What a provider sent is not signed, or not with this line's secret."""

    code = "signature_refused"
    title = "Signature refused"
    default_detail = (
        "The signature or the secret header is missing or wrong. Check the line's secrets and the "
        "address that the provider was given."
    )


class EngagementNotActive(HandshakeError):
    """The caller's engagement has not begun, has run out or was ended; or there is none."""

    code = "engagement_not_active"
    title = "No active engagement"
    default_detail = "Your organisation has no engagement for this now. Ask the operator for one."


class BrandNotEngaged(HandshakeError):
    """A brand that a partner names has no engagement now under which it may read of the case."""

    code = "brand_not_engaged"
    title = "The brand is not engaged"
    default_detail = (
        "This brand may read nothing of the case now. Tell it nothing, and ask the operator whether"
        " it will be engaged again."
    )


class ConsentWithdrawn(HandshakeError):
    """A brand was told of a case once, and may not work on it with the partner any more."""

    code = "consent_withdrawn"
    title = "Consent withdrawn"
    default_detail = "The worker does not agree any more to share this with you. See the recall."


class NotFound(HandshakeError):
    """Not there, or not yours: the two answers are the same on purpose."""

    code = "not_found"
    title = "Not found"
    default_detail = "There is nothing here that your key may see. Check the identifier."


class MethodNotAllowed(HandshakeError):
    """The path exists, this method on it does not."""

    code = "method_not_allowed"
    title = "Method not allowed"
    default_detail = "Use one of the methods in the `Allow` header."


class UnsupportedMediaType(HandshakeError):
    """The body's type is not one this route reads."""

    code = "unsupported_media_type"
    title = "Unsupported media type"
    default_detail = "Send the body as one of the media types that /openapi.json lists here."


class BodyTooLarge(HandshakeError):
    """The body is over the route's limit."""

    code = "body_too_large"
    title = "Body too large"
    default_detail = "Send a smaller body; the limit stands in /openapi.json."


class InvalidCursor(HandshakeError):
    """A cursor that was altered, has expired, or belongs to another query or key."""

    code = "cursor_invalid"
    title = "Cursor invalid"
    default_detail = "Start again without `cursor`; cursors last a day and fit one query only."


class PreconditionRequired(HandshakeError):
    """A change without the version it was based on."""

    code = "precondition_required"
    title = "If-Match required"
    default_detail = "Read the resource, then send its `ETag` as `If-Match`."


class PreconditionFailed(HandshakeError):
    """The resource has changed since it was read."""

    code = "precondition_failed"
    title = "The resource has changed"
    default_detail = "Read it again, apply your change to the new version, send the new `ETag`."


class VersionConflict(HandshakeError):
    """Somebody else changed the case at the same moment."""

    code = "version_conflict"
    title = "Changed by somebody else"
    default_detail = "Read the resource again and repeat the request."


class IllegalTransition(HandshakeError):
    """The case cannot go there from where it is; `detail` names where it can."""

    code = "illegal_transition"
    title = "Illegal transition"
    default_detail = "The case cannot go there from its present state."


class StateConflict(HandshakeError):
    """What is asked makes no sense in the present state."""

    code = "state_conflict"
    title = "Not possible in this state"
    default_detail = "Read the resource again: its state does not allow this."


class AlreadyExists(HandshakeError):
    """An identifier that must be unique is taken."""

    code = "already_exists"
    title = "Already exists"
    default_detail = "Choose another identifier, or change the existing one."


class StillReferenced(HandshakeError):
    """Something else depends on what should be deleted."""

    code = "still_referenced"
    title = "Still referenced"
    default_detail = "Close or delete what refers to it first."


class IdentityErased(HandshakeError):
    """The identity that was held has been erased; nobody can bring it back."""

    code = "identity_erased"
    title = "Identity erased"
    default_detail = "The worker's identity was erased and cannot be read or kept again."


class UnreadableFile(HandshakeError):
    """An uploaded file cannot be read as a list of facilities at all."""

    code = "unreadable_file"
    title = "Unreadable file"
    default_detail = "Send a CSV, XLSX, XLS or ODS file with a header row."


class Unavailable(HandshakeError):
    """Something we depend on does not answer; the request may be repeated as it is."""

    code = "unavailable"
    title = "Temporarily unavailable"
    default_detail = "Nothing was half done. Repeat the same request in a few seconds."


@dataclass(eq=False)
class TooManyRequests(HandshakeError):
    """The caller is over its limit; after `retry_after` seconds there is room again."""

    code = "too_many_requests"
    title = "Too many requests"
    default_detail = "Wait for the seconds in `Retry-After`, then go on."

    retry_after: int = 30
