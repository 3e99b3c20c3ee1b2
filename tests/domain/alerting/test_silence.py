"""When a factory has gone silent: played through with a seed, and at its borders."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.alerting.silence import (
    at_most,
    by_month,
    compared_from,
    is_silent,
    months_earlier,
    signal_of_silence,
)
from chalicelib.domain.rules import SILENCE

NOW = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
SEED = random.SystemRandom().randrange(1 << 32)
MONTHS = SILENCE.months_before


@pytest.mark.parametrize(
    ("before", "last", "silent"),
    [
        ([6] * 6, 0, True),
        ([6] * 6, 1, False),
        ([20] * 6, 6, True),
        ([20] * 6, 12, False),
        ([20] * 6, 30, False),
        ([3] * 6, 0, False),
        ([1] * 6, 0, False),
        ([0] * 6, 0, False),
        ([0, 0, 0, 0, 0, 60], 0, False),
        ([0, 0, 0, 60, 60, 60], 0, False),
        ([6, 6, 6, 6, 6, 90], 3, False),
        ([6, 6, 6, 6, 6, 90], 0, True),
    ],
    ids=[
        "none of six a month",
        "one of six may be chance",
        "a third of twenty",
        "a bit more than half of twenty",
        "more than ever",
        "three a month are too few to say",
        "hardly ever anybody",
        "never anybody",
        "a strike, then nothing",
        "half of the months are none",
        "after a strike as before it",
        "after a strike nobody",
    ],
)
def test_what_is_silent(before: list[int], last: int, silent: bool) -> None:
    assert is_silent([*before, last]) is silent


@pytest.mark.parametrize(("total", "share"), [(0, 0.3), (1, 0.5), (30, 1 / 7), (200, 1 / 7)])
def test_the_tail_is_the_binomial_one(total: int, share: float) -> None:
    tails = [at_most(count, total, share) for count in range(total + 1)]

    assert tails[-1] == pytest.approx(1)
    assert tails == sorted(tails)
    assert tails[0] == pytest.approx((1 - share) ** total)


# Played through


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's way: how many steps of a product stay above e^-mean."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _share_silent(mean: float, last: float, rounds: int = 1_500) -> float:
    rng = random.Random(SEED)
    played = (
        [*(_poisson(rng, mean) for _ in range(MONTHS)), _poisson(rng, last)] for _ in range(rounds)
    )
    return sum(map(is_silent, played)) / rounds


@pytest.mark.parametrize("mean", [0.5, 1, 3, 6, 12, 40])
def test_where_nothing_changes_it_hardly_ever_fires(mean: float) -> None:
    """No more often than the rule promises, with four standard errors for the play itself."""
    most = SILENCE.chance + 4 * math.sqrt(SILENCE.chance / 1_500)

    assert _share_silent(mean, mean) <= most, f"seed {SEED}"


@pytest.mark.parametrize(
    ("mean", "last", "at_least"), [(10, 0, 0.98), (12, 1, 0.9), (20, 2, 0.98), (40, 12, 0.98)]
)
def test_where_people_fall_silent_it_fires(mean: float, last: float, at_least: float) -> None:
    assert _share_silent(mean, last) >= at_least, f"seed {SEED}"


@pytest.mark.parametrize("mean", [0.2, 1, 1.5])
def test_small_places_never_fire_even_if_they_fall_silent(mean: float) -> None:
    assert _share_silent(mean, 0) <= 0.002, f"seed {SEED}"


# Months


def test_filings_are_counted_in_the_months_that_are_over() -> None:
    """The month that has begun is not over, and what is older than the first is passed over."""
    second = timedelta(seconds=1)
    received = [NOW, NOW - second, NOW - timedelta(days=29), compared_from(NOW)]
    received += [compared_from(NOW) - second]

    assert compared_from(NOW) == datetime(2026, 5, 1, tzinfo=UTC)
    assert by_month(received, NOW + timedelta(days=9)) == [1, 0, 0, 0, 0, 0, 2]


def test_months_go_over_the_year() -> None:
    january = datetime(2027, 1, 1, tzinfo=UTC)
    assert months_earlier(january, 1) == NOW
    assert months_earlier(NOW, -1) == january
    assert months_earlier(january, 13) == datetime(2025, 12, 1, tzinfo=UTC)


def test_it_is_one_signal_a_month_whenever_it_is_looked_at() -> None:
    first, later = (signal_of_silence("ngo-1", "f_1", NOW + timedelta(days=n)) for n in (0, 20))
    next_month = signal_of_silence("ngo-1", "f_1", NOW + timedelta(days=31))

    assert first == later
    assert first.signal_id != next_month.signal_id
    assert first.at == first.due_at == NOW
