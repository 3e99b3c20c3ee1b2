"""How long to wait before trying again, and when to stop trying."""

from datetime import timedelta

GIVE_UP = 8
"""After so many failures a thing is put aside for a human."""

STOP_SECONDS = 20.0
"""A function that has less time than this left takes up nothing more; what is due stays due."""


def backoff(attempts: int) -> timedelta:
    """1, 2, 4, … minutes after the first, second, third failure; six hours at most."""
    return min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=6))
