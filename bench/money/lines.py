"""What is priced, and what is assumed where nothing can be counted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.money import prices

ASSUMED: Mapping[str, str] = {
    "api_handler": "60 ms at 1,024 MB for a request, the store included",
    "authorize": "15 ms at 512 MB, for one request in five: API Gateway keeps its answer 30 s",
    "work_due": "80 ms at 1,024 MB for a case; 2 SQS requests take a message off the queue",
    "run_job": "3 s at 1,769 MB for 1,000 rows",
    "check_grievances": "200 ms at 512 MB; 43,800 ticks a month",
    "polling": "Lambda's five pollers wait 20 s at a queue: 657,000 SQS requests a month each",
    "KMS": "one key, and 100,000 requests a month: services keep data keys for minutes",
}
"""Durations are not measured: they are set higher than what was seen, on purpose."""

TICKS_A_MONTH = 43_800
_POLLS = 2 * 657_000
_KMS_REQUESTS = 100_000
_AUTHORIZED_SHARE = 0.2

Figures = Mapping[str, Mapping[str, Any]]
"""The counted figures, by scenario (see `bench.calls.expected`)."""


@dataclass(frozen=True)
class Bill:
    """Dollars by service."""

    dynamodb: float = 0.0
    lambda_: float = 0.0
    api_gateway: float = 0.0
    sns: float = 0.0
    sqs: float = 0.0
    s3: float = 0.0
    kms: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(vars(self).values()))

    def plus(self, other: "Bill") -> "Bill":
        """The sum of two."""
        return Bill(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    def times(self, number: float) -> "Bill":
        """So many of it."""
        return Bill(**{name: value * number for name, value in vars(self).items()})


def counted(figures: Figures, scenario: str, *, by: int = 1) -> Bill:
    """What the calls of a scenario cost, for one in `by`."""
    found = figures[scenario]
    units = prices.WRITE_UNIT.of(found["write_units"]) + prices.READ_UNIT.of(found["read_units"])
    requests = {
        service: prices.REQUESTS[service].of(number)
        for service, number in found["requests"].items()
        if service in prices.REQUESTS
    }
    return Bill(dynamodb=units, **requests).times(1 / by)


def computing(seconds: float, megabytes: int, *, requests: float = 1) -> Bill:
    """Invocations of a function that take so long together."""
    gb_seconds = seconds * megabytes / 1024
    used = prices.LAMBDA_GB_SECOND.of(gb_seconds) + prices.LAMBDA_REQUEST.of(requests)
    return Bill(lambda_=used)


def http(figures: Figures, scenario: str) -> Bill:
    """One request through API Gateway, the authorizer and the handler."""
    gateway = Bill(api_gateway=prices.REST_REQUEST.of(1))
    authorizing = computing(0.015, 512).plus(counted(figures, "authorize"))
    calls = counted(figures, scenario).plus(computing(0.060, 1024))
    return gateway.plus(authorizing.times(_AUTHORIZED_SHARE)).plus(calls)


def worked(figures: Figures, scenario: str) -> Bill:
    """One case of a batch that is worked off."""
    cases = figures[scenario]["cases"]
    taking = Bill(sqs=prices.SQS_REQUEST.of(2)).times(1 / cases)
    return (
        counted(figures, scenario, by=cases)
        .plus(computing(0.080, 1024, requests=1 / cases))
        .plus(taking)
    )


def job(figures: Figures, scenario: str) -> Bill:
    """One row of a job."""
    rows = figures[scenario]["cases"]
    seconds = 3.0 / 1000
    return counted(figures, scenario, by=rows).plus(computing(seconds, 1769, requests=1 / rows))


def per_million(figures: Figures) -> dict[str, Bill]:
    """Dollars for a million of each."""
    each = {
        "intake": http(figures, "intake.partner_ref"),
        "check, no brand to tell": worked(figures, "work.1_not_covered"),
        "check and alert, one brand": worked(figures, "work.100_due"),
        "alert that had to wait": worked(figures, "publish.10_waiting"),
        "read one": http(figures, "read.one"),
        "read a page of 50": http(figures, "read.page_of_50"),
        "read the history": http(figures, "read.history"),
        "receipt looked up": http(figures, "read.receipt"),
        "brand acknowledges": http(figures, "alert.acknowledge"),
        "brand replies": http(figures, "alert.reply"),
        "row exported": job(figures, "export.1000_rows"),
        "row imported, new": job(figures, "import.new_rows"),
    }
    return {
        name: bill.times(1_000_000) for name, bill in {**each, "a case's life": life(each)}.items()
    }


LIFE = {
    "intake": 1,
    "check and alert, one brand": 1,
    "read one": 5,
    "read a page of 50": 1,
    "brand acknowledges": 1,
    "brand replies": 1,
    "row exported": 4,
}
"""What is taken to happen to a case: read five times, and in four quarterly exports."""


def life(each: Mapping[str, Bill]) -> Bill:
    """One case from intake to its last export."""
    total = Bill()
    for name, times in LIFE.items():
        total = total.plus(each[name].times(times))
    return total


def month_of_quiet(figures: Figures) -> Bill:
    """A month in which nothing happens."""
    tick = counted(figures, "tick.quiet.empty").plus(computing(0.2, 512))
    key = prices.KMS_KEY_MONTH.of(1) + prices.KMS_REQUEST.of(_KMS_REQUESTS)
    standing = Bill(sqs=prices.SQS_REQUEST.of(_POLLS), kms=key)
    return tick.times(TICKS_A_MONTH).plus(standing)
