"""What AWS refuses, in the words of the domain. A ClientError does not leave this package."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Unavailable


class ConditionFailed(Exception):
    """A condition did not hold; `item` is the item that was found instead, as far as known."""

    def __init__(self, item: dict[str, Any] | None = None) -> None:
        super().__init__("condition failed")
        self.item = item


class NoSuchThing(Exception):
    """A topic, an object or a secret that is not there."""


class TransactionRefused(Exception):
    """A transaction's conditions did not hold; `items` has what stood in the way, by position."""

    def __init__(self, items: list[dict[str, Any] | None]) -> None:
        super().__init__("transaction refused")
        self.items = items


class RefusedByStore(Unavailable):
    """The store will not take this very thing (too large, malformed): trying again is no use."""


class LimitReached(Exception):
    """AWS keeps no more of these: one has to go first, or the limit has to be raised."""


class Contended(Unavailable):
    """Another transaction is changing the same item right now."""


_MISSING = frozenset(
    {"NotFound", "NoSuchKey", "404", "ResourceNotFoundException", "NotFoundException"}
)
_LIMITS = frozenset({"FilterPolicyLimitExceeded", "SubscriptionLimitExceeded"})
_NOT_TAKEN = frozenset({"ValidationException", "InvalidParameter"})
_CONDITIONS = frozenset({"ConditionalCheckFailedException", "PreconditionFailed"})


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what botocore raises into ConditionFailed, TransactionRefused, NoSuchThing,
    LimitReached, Unavailable.

    Everything that is not a condition, a missing thing or a limit is Unavailable: a throttle, a
    timeout, an outage and a revoked permission alike leave nothing half done, and the caller may
    try again.
    Two kinds of it have names of their own: RefusedByStore and Contended.
    """
    try:
        yield
    except ClientError as error:
        raise _translated(error) from error
    except BotoCoreError as error:
        raise Unavailable() from error


def _translated(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code in _CONDITIONS:
        return ConditionFailed(_found(error.response))
    if code == "TransactionCanceledException":
        return _cancelled(error)
    if code == "TransactionConflictException":
        return Contended()
    if code in _MISSING:
        return NoSuchThing()
    if code in _LIMITS:
        return LimitReached()
    return RefusedByStore() if code in _NOT_TAKEN else Unavailable()


def _found(response: Mapping[str, Any]) -> dict[str, Any] | None:
    return response.get("Item")


def _cancelled(error: ClientError) -> Exception:
    reasons = cast(list[dict[str, Any]], error.response.get("CancellationReasons", []))
    codes = {reason.get("Code") for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        return TransactionRefused([reason.get("Item") for reason in reasons])
    if "TransactionConflict" in codes:
        return Contended()
    return RefusedByStore() if "ValidationError" in codes else Unavailable()
