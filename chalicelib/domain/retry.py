"""How long to wait before trying again, and when to stop trying."""

import hashlib
from datetime import timedelta

GIVE_UP = 8
"""After so many failures a thing is quarantined for a human."""

STOP_SECONDS = 20.0
"""A function that has less time than this left takes up nothing more; what is due stays due."""


JITTER = 0.2
"""The largest part of a wait that is taken off it."""


def backoff(attempts: int, of: str) -> timedelta:
    """1, 2, 4, … minutes after the first, second, third failure, six hours at most; up to a fifth
    less, by what it is `of`: things that failed together do not all come back together.

    In whole seconds, as it is stored. Jitter by id and attempt is as good as a random one, and can
    be computed again ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """
    whole = min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=6))
    share = hashlib.sha256(f"{of}#{attempts}".encode()).digest()[0] / 255
    return timedelta(seconds=round(whole.total_seconds() * (1 - JITTER * share)))
