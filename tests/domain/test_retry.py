"""How long to wait before the next attempt."""

from datetime import timedelta

from chalicelib.domain.retry import GIVE_UP, backoff


def test_each_failure_doubles_the_wait_up_to_six_hours() -> None:
    minutes = [backoff(attempts) / timedelta(minutes=1) for attempts in range(1, 12)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_a_thing_is_put_aside_after_some_two_hours_of_trying() -> None:
    waited = sum((backoff(attempts) for attempts in range(1, GIVE_UP)), timedelta())

    assert waited == timedelta(hours=2, minutes=7)
