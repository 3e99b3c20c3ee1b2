"""What the webhooks of all providers have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib import errors

RAISES = (errors.NotFound, errors.SignatureRefused, errors.ValidationFailed)
"""What each of these routes refuses with, besides what every route does."""


@contextmanager
def sent_again() -> Iterator[None]:
    """Answer 503 to whatever may be over in a moment: that is what makes a provider ask again."""
    try:
        yield
    except (errors.VersionConflict, errors.TooManyRequests):
        raise errors.Unavailable() from None
