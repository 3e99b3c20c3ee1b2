"""Limits: when a window begins and ends, what is left; and what a network is."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.limits import Allowance, Limit, LimitKind, network_of

AT = datetime(2026, 11, 22, 8, 20, 30, 500_000, tzinfo=UTC)
HOURLY = Limit(LimitKind.WRONG_CODES, 20, timedelta(hours=1))


def test_windows_begin_with_the_clock() -> None:
    assert HOURLY.begins(AT) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert HOURLY.ends(AT) == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert HOURLY.begins(HOURLY.ends(AT)) == HOURLY.ends(AT)


@pytest.mark.parametrize(("used", "exceeded"), [(1, False), (20, False), (21, True)])
def test_as_many_as_the_quota_are_allowed(used: int, exceeded: bool) -> None:
    allowance = HOURLY.after(used, AT)

    assert allowance == Allowance(used=used, quota=20, resets_in=2370)
    assert allowance.exceeded is exceeded


def test_a_window_that_is_about_to_end_is_waited_out() -> None:
    last = HOURLY.ends(AT) - timedelta(milliseconds=1)

    assert HOURLY.after(21, last).resets_in == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:22ff::1", "2001:db8:1:2200::/56"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("203.0.113.7, 10.0.0.1", "unknown"),
    ],
)
def test_what_one_household_can_change_at_will_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network
