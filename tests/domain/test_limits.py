"""Limits: when a window begins and ends, what is left; and what a network is."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.limits import (
    Allowance,
    Limit,
    LimitKind,
    filings_limit,
    network_of,
    policies,
    requests_limit,
    service_limits,
)

AT = datetime(2026, 11, 22, 8, 20, 30, 500_000, tzinfo=UTC)
HOURLY = Limit(LimitKind.WRONG_CODES, 20, timedelta(hours=1))


def test_windows_begin_with_the_clock() -> None:
    assert HOURLY.begins(AT) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert HOURLY.ends(AT) == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert HOURLY.begins(HOURLY.ends(AT)) == HOURLY.ends(AT)


@pytest.mark.parametrize(("used", "exceeded"), [(1, False), (20, False), (21, True)])
def test_as_many_as_the_quota_are_allowed(used: int, exceeded: bool) -> None:
    allowance = HOURLY.after(used, AT)

    assert allowance == Allowance(
        kind=LimitKind.WRONG_CODES, quota=20, window=3600, used=used, resets_in=2370
    )
    assert allowance.exceeded is exceeded


def test_a_window_that_is_about_to_end_is_waited_out() -> None:
    last = HOURLY.ends(AT) - timedelta(milliseconds=1)

    assert HOURLY.after(21, last).resets_in == 1


@pytest.mark.parametrize(("used", "left"), [(0, 20), (1, 19), (20, 0), (21, 0)])
def test_what_is_left_is_never_less_than_nothing(used: int, left: int) -> None:
    assert HOURLY.after(used, AT).left == left


def test_the_fields_are_lists_of_structured_items() -> None:
    """As draft-ietf-httpapi-ratelimit-headers-10 writes them, and RFC 9651 strings and integers."""
    counted = [requests_limit(600).after(42, AT), filings_limit(10_000).after(10_001, AT)]

    assert policies(counted) == '"requests";q=600;w=60, "filings";q=10000;w=86400'
    assert service_limits(counted) == '"requests";r=558;t=30, "filings";r=0;t=56370'


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
