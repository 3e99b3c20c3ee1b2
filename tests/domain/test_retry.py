"""How long to wait before the next attempt."""

from datetime import timedelta

from chalicelib.domain.retry import GIVE_UP, JITTER, backoff

THINGS = [f"g_{number}" for number in range(200)]


def test_each_failure_doubles_the_wait_up_to_six_hours_and_takes_off_a_fifth_at_most() -> None:
    for attempts, whole in enumerate([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360], start=1):
        waits = [backoff(attempts, of=thing) / timedelta(minutes=1) for thing in THINGS]
        assert whole * (1 - JITTER) <= min(waits) < whole * (1 - 0.9 * JITTER)
        assert whole * (1 - 0.1 * JITTER) < max(waits) <= whole


def test_what_failed_together_comes_back_spread_out_and_the_same_wait_is_computed_again() -> None:
    waits = [backoff(5, of=thing) for thing in THINGS]
    assert waits == [backoff(5, of=thing) for thing in THINGS]
    in_the_same_second = max(waits.count(wait) for wait in waits)
    assert in_the_same_second <= 6


def test_a_thing_is_put_aside_after_some_two_hours_of_trying() -> None:
    waited = sum((backoff(attempts, of="g_1") for attempts in range(1, GIVE_UP)), timedelta())

    assert timedelta(hours=1, minutes=41) < waited < timedelta(hours=2, minutes=7)
