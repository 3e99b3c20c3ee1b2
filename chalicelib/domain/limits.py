"""How often somebody may try.

A limit counts in fixed windows that begin with the clock, so that one counter row is all it takes
and everybody can say when a window ends.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import NamedTuple


class LimitKind(StrEnum):
    """What is counted."""

    WRONG_CODES = "wrong_codes"  # from one network


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
        return Allowance(used, self.quota, max(resets_in, 1))


class Allowance(NamedTuple):
    """A limit as it stands for one caller; `resets_in` are seconds."""

    used: int
    quota: int
    resets_in: int

    @property
    def exceeded(self) -> bool:
        """Whether this one is too many."""
        return self.used > self.quota


WRONG_CODES = Limit(LimitKind.WRONG_CODES, 20, timedelta(hours=1))
"""Receipt codes that open nothing, from one network. There are 10^15 codes."""


def network_of(address: str) -> str:
    """The network an address lies in: what one household or office can change at will is one.

    /24 of IPv4, /56 of IPv6; `unknown` for what is no address.
    """
    try:
        version = ip_address(address).version
        return str(ip_network(f"{address}/{24 if version == 4 else 56}", strict=False))
    except ValueError:
        return "unknown"
