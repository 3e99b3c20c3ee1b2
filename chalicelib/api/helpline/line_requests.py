"""What the webhooks of all providers have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib import errors

ON_THE_WAY = 0.4
"""Seconds that a provider's request and our answer are on their way."""

QQ_WAITS = 3 - ON_THE_WAY
WECHAT_WAITS = 5 - ON_THE_WAY
TWILIO_WAITS = 15 - ON_THE_WAY
RAPIDPRO_WAITS = 15 - ON_THE_WAY
"""How many seconds each provider waits for us, by its documentation (docs/channels.md). Kobo waits
longer than API Gateway does."""

RAISES = (errors.NotFound, errors.SignatureRefused, errors.ValidationFailed)
"""What each of these routes refuses with, besides what every route does."""


@contextmanager
def sent_again() -> Iterator[None]:
    """Answer 503 to whatever may be over in a moment: that is what makes a provider ask again."""
    try:
        yield
    except (errors.VersionConflict, errors.TooManyRequests):
        raise errors.Unavailable() from None
