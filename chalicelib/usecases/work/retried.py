"""Where somebody else's change at the same moment is no reason to give up."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.errors import VersionConflict

T = TypeVar("T")

_TRIES = 4


def retried(attempt: Callable[[], T]) -> T:
    """What `attempt` returns. It is made anew, and must read anew, where a version has moved on.

    Raises VersionConflict when that happens four times in a row.
    """
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except VersionConflict:
            continue
    return attempt()
