"""Ratios of things measured side by side: each round is compared with itself, then the rounds."""

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Ratio(NamedTuple):
    """The middle ratio over all rounds, and the tenth and the ninetieth of a hundred."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(numbers: Sequence[float], to: Sequence[float]) -> Ratio:
    """How many times `to` some numbers are, round by round.

    Paired, because whatever else the machine does slows a whole round down.
    """
    each = [a / b for a, b in zip(numbers, to, strict=True)]
    if len(each) == 1:
        return Ratio(each[0], each[0], each[0])
    tenths = statistics.quantiles(each, n=10, method="inclusive")
    return Ratio(statistics.median(each), tenths[0], tenths[-1])


def ratios(samples: Mapping[str, Sequence[float]], to: str) -> dict[str, Ratio]:
    """Every sample against the one named `to`, which is 1 itself."""
    return {name: ratio(numbers, samples[to]) for name, numbers in samples.items()}
