"""Limits on the wire: what the authorizer counted goes on to the route, and out as headers.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. They carry no partition key: a
caller has one partition for each policy, and the name of the policy says which.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Organisation, Principal
from chalicelib.domain.limits import Allowance, LimitKind, policies, service_limits
from chalicelib.errors import HandshakeError, TooManyRequests, Unavailable
from chalicelib.usecases.admission.count_requests import count_filing, give_filing_back

RATE_LIMIT = "RateLimit"
RATE_LIMIT_POLICY = "RateLimit-Policy"

T = TypeVar("T")

_COUNTED = "limits"
_FILINGS_PER_DAY = "filings_per_day"

_WAIT: Mapping[LimitKind, str] = {
    LimitKind.REQUESTS: "Your key has used up its requests for this minute.",
    LimitKind.FILINGS: "Your organisation has used up its grievances for today (UTC).",
}
_NOTHING_LOST = "Nothing was done. Send the same request, with the same keys, in {} seconds."


def as_context(counted: Allowance | None, house: Organisation) -> dict[str, str]:
    """What the authorizer hands on: strings, because API Gateway makes them of everything."""
    context = {_COUNTED: json.dumps([counted])} if counted else {}
    if house.filings_per_day is not None:
        context[_FILINGS_PER_DAY] = str(house.filings_per_day)
    return context


class Limits:
    """What was counted for one request; a limit that could not be counted is not there."""

    def __init__(self, allowances: Iterable[Allowance], filings_per_day: int | None) -> None:
        self._allowances = {allowance.kind: allowance for allowance in allowances}
        self._filings_per_day = filings_per_day

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Limits":
        """What the authorizer put into a request's context; nothing where nobody signed in."""
        given = context.get("authorizer") or {}
        counted = json.loads(given.get(_COUNTED, "[]"))
        own_quota = given.get(_FILINGS_PER_DAY)
        return cls(
            [Allowance(LimitKind(kind), *numbers) for kind, *numbers in counted],
            None if own_quota is None else int(own_quota),
        )

    def headers(self) -> dict[str, str]:
        """What the answer says about them, whatever else it says."""
        counted = self._allowances.values()
        if not counted:
            return {}
        return {RATE_LIMIT_POLICY: policies(counted), RATE_LIMIT: service_limits(counted)}

    def refuse_exceeded(self) -> None:
        """Raise TooManyRequests where this request is one too many."""
        for allowance in self._allowances.values():
            if allowance.exceeded:
                wait = f"{_WAIT[allowance.kind]} {_NOTHING_LOST.format(allowance.resets_in)}"
                raise TooManyRequests(wait, retry_after=allowance.resets_in)

    def filing(
        self, file: Callable[[], T], is_new: Callable[[T], bool], by: Principal, deps: Deps
    ) -> T:
        """Let somebody file, within the quota; what `file` gives.

        Counted before, so that many at once gain nothing, and given back where nothing new came of
        it; but not after an outage, when nobody knows. Raises TooManyRequests and what `file` does.
        """
        at = deps.now()
        self._note(count_filing(by, a_day=self._filings_per_day, at=at, deps=deps))
        self.refuse_exceeded()
        try:
            filed = file()
        except Unavailable:
            raise
        except HandshakeError:
            self._give_back(by, at, deps)
            raise
        if not is_new(filed):
            self._give_back(by, at, deps)
        return filed

    def _give_back(self, by: Principal, at: datetime, deps: Deps) -> None:
        if LimitKind.FILINGS in self._allowances:
            self._note(give_filing_back(by, a_day=self._filings_per_day, at=at, deps=deps))

    def _note(self, allowance: Allowance | None) -> None:
        if allowance is not None:
            self._allowances[allowance.kind] = allowance
