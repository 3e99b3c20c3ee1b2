"""How long whoever asks still waits: what could not be over by then is not begun.

A provider that hands on a worker's message gives up after seconds, and so does API Gateway. What
was not done by then is better refused while somebody hears it (and sends it again) than done to the
end for nobody. The budget belongs to the request: a thread that it starts has none.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what happens inside so many seconds, or what is left of a budget around it."""
    token = _UNTIL.set(min(_UNTIL.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _UNTIL.reset(token)


def seconds_left() -> float:
    """How many seconds are left; infinite where nobody waits, negative where it is too late."""
    return _UNTIL.get() - time.monotonic()
