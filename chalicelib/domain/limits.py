"""How often somebody may do something, and how that is told.

A limit counts in fixed windows that begin with the clock: one counter row is all it takes, one call
counts and says what is left, and what is told is what is enforced. (A sliding window or GCRA would
smooth the twofold burst around the end of a window; each needs the state before it can change it,
and the seconds it tells are an estimate.)
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import NamedTuple


class LimitKind(StrEnum):
    """What is counted; also the name of the policy in the `RateLimit` headers."""

    WRONG_CODES = "wrong_codes"  # from one network
    REQUESTS = "requests"  # of one key
    FILINGS = "filings"  # new grievances of one organisation
    MESSAGES = "messages"  # of one sender who sends more than is answered


class Limit(NamedTuple):
    """A quota for each window."""

    kind: LimitKind
    quota: int
    window: timedelta

    def begins(self, at: datetime) -> datetime:
        """When the window began that `at` lies in."""
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)

    def ends(self, at: datetime) -> datetime:
        """When it ends, and counting begins anew."""
        return self.begins(at) + self.window

    def after(self, used: int, at: datetime) -> "Allowance":
        """What is left once `used` have been counted."""
        resets_in = -(-(self.ends(at) - at) // timedelta(seconds=1))  # rounded up
        seconds = int(self.window.total_seconds())
        return Allowance(self.kind, self.quota, seconds, used, max(resets_in, 1))


class Allowance(NamedTuple):
    """A limit as it stands for one caller; `window` and `resets_in` are seconds."""

    kind: LimitKind
    quota: int
    window: int
    used: int
    resets_in: int

    @property
    def exceeded(self) -> bool:
        """Whether this one is too many."""
        return self.used > self.quota

    @property
    def left(self) -> int:
        """How many more there may be until the window ends."""
        return max(self.quota - self.used, 0)


def policies(allowances: Iterable[Allowance]) -> str:
    """The value of `RateLimit-Policy`: a list of structured-field items (RFC 9651)."""
    return ", ".join(f'"{a.kind}";q={a.quota};w={a.window}' for a in allowances)


def service_limits(allowances: Iterable[Allowance]) -> str:
    """The value of `RateLimit`."""
    return ", ".join(f'"{a.kind}";r={a.left};t={a.resets_in}' for a in allowances)


WRONG_CODES = Limit(LimitKind.WRONG_CODES, 20, timedelta(hours=1))
"""Receipt codes that open nothing, from one network. There are 10^15 codes."""


FLOOD_KEPT = Limit(LimitKind.MESSAGES, 200, timedelta(hours=1))
"""Messages of one sender that are still kept with her case when no more are answered."""


def requests_limit(a_minute: int) -> Limit:
    """Requests of one key. A minute, so that whoever went too fast goes on soon."""
    return Limit(LimitKind.REQUESTS, a_minute, timedelta(minutes=1))


def filings_limit(a_day: int) -> Limit:
    """New grievances of one organisation, by the day in UTC."""
    return Limit(LimitKind.FILINGS, a_day, timedelta(days=1))


def network_of(address: str) -> str:
    """The network an address lies in: what one household or office can change at will is one.

    /24 of IPv4, /56 of IPv6; `unknown` for what is no address.
    """
    try:
        version = ip_address(address).version
        return str(ip_network(f"{address}/{24 if version == 4 else 56}", strict=False))
    except ValueError:
        return "unknown"
