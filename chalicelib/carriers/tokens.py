"""Access tokens that a provider lends for a while: asked for once, used until shortly before."""

import time
from collections.abc import Callable
from typing import NamedTuple

EARLIER = 120.0
"""Seconds before its end that a token is not used any more."""


class Lent(NamedTuple):
    """A token and for how many seconds it is good."""

    token: str
    seconds: float


class Tokens:
    """The tokens of this process, by line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, float]] = {}

    def of(self, line_id: str, ask: Callable[[], Lent]) -> str:
        """The token of a line: the one that is kept, or a new one."""
        kept = self._kept.get(line_id)
        if kept is not None and self._clock() < kept[1]:
            return kept[0]
        lent = ask()
        self._kept[line_id] = (lent.token, self._clock() + lent.seconds - EARLIER)
        return lent.token

    def forget(self, line_id: str) -> None:
        """One that was refused."""
        self._kept.pop(line_id, None)
