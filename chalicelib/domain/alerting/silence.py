"""Silence: what a partner usually hears from a factory drops away. Fewer complaints are a reason to
ask, not a success: people may have been told to be quiet.

Compared are calendar months (UTC): the last one that is over, with those before it. If nothing had
changed, each filing of all these months would lie in the last one with the same chance, 1 in
months; so how many lie there is binomial, whatever the rate is (the exact conditional test of two
Poisson rates). Silent is a month with so few that so few or fewer would be a rare accident.
Where little was ever filed no number is rare, so small places never fire.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import comb
from statistics import median_low

from chalicelib.domain.cases.signal import Signal
from chalicelib.domain.dates import timestamp
from chalicelib.domain.references import derive_id
from chalicelib.domain.rules import SILENCE
from chalicelib.domain.vocabulary import SignalKind


def month_of(at: datetime) -> datetime:
    """The beginning of its month."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_earlier(month: datetime, count: int) -> datetime:
    """The beginning of a month so many months before one (after it, if negative)."""
    number = month.year * 12 + month.month - 1 - count
    return month.replace(year=number // 12, month=number % 12 + 1)


def compared_from(now: datetime) -> datetime:
    """Since when filings are looked at."""
    return months_earlier(month_of(now), SILENCE.months_before + 1)


def by_month(received: Iterable[datetime], now: datetime) -> list[int]:
    """How many came in each month that is compared, oldest first; the last one that is over ends
    the list."""
    counts = [0] * (SILENCE.months_before + 1)
    this = month_of(now)
    for at in received:
        month = month_of(at)
        ago = (this.year - month.year) * 12 + this.month - month.month
        if 1 <= ago <= len(counts):
            counts[-ago] += 1
    return counts


def is_silent(counts: Sequence[int]) -> bool:
    """Whether the last of these months is silent by those before it.

    Usual is what half of the months reached: one month with a strike in it makes nothing usual, and
    counts for no more than twice of that.
    """
    *before, last = counts
    usual = median_low(before)
    if usual < SILENCE.usual_at_least:
        return False
    total = last + sum(min(count, 2 * usual) for count in before)
    return at_most(last, total, 1 / len(counts)) <= SILENCE.chance


def at_most(count: int, total: int, share: float) -> float:
    """How likely no more than `count` of `total` fall where each falls with this chance."""
    return sum(
        comb(total, n) * share**n * (1 - share) ** (total - n) for n in range(min(count, total) + 1)
    )


def signal_of_silence(partner_id: str, factory_id: str, now: datetime) -> Signal:
    """What a partner is told: once for each month, however often it is looked at."""
    ended = month_of(now)
    parts = (factory_id, SignalKind.SILENCE, timestamp(ended))
    return Signal(
        signal_id=derive_id("s", partner_id, *parts),
        partner_id=partner_id,
        factory_id=factory_id,
        kind=SignalKind.SILENCE,
        due_at=ended,
        at=ended,
    )
