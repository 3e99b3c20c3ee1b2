"""What is priced, and what is assumed where nothing can be counted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bench.money import prices


class Run(NamedTuple):
    """An invocation: how long, with how much memory (.chalice/config.json)."""

    seconds: float
    megabytes: int

    def __str__(self) -> str:
        return f"{self.seconds * 1000:,.0f} ms at {self.megabytes:,} MB"


# Durations cannot be measured here. They are set higher than what was seen, on purpose.
REQUEST = Run(0.060, 1024)
AUTHORIZING = Run(0.015, 512)
CASE_WORKED = Run(0.080, 1024)
ROW = Run(0.003, 1769)
TICK = Run(0.200, 512)

QUEUE_REQUESTS = 2
TICKS_A_MONTH = 43_800
POLLS_A_MONTH = 657_000
QUEUES = 3
KMS_REQUESTS_A_MONTH = 100_000

ASSUMED: Mapping[str, str] = {
    "a request": f"{REQUEST}, the store included",
    "the authorizer": f"{AUTHORIZING}, for every request: API Gateway keeps no answer",
    "a case worked off": f"{CASE_WORKED}, and {QUEUE_REQUESTS} SQS requests for its message",
    "a row of a job": f"{ROW}",
    "a tick": f"{TICK}, {TICKS_A_MONTH:,} times a month",
    "polling": f"five pollers that wait 20 s, {POLLS_A_MONTH:,} SQS requests a month and queue",
    "KMS": f"one key, {KMS_REQUESTS_A_MONTH:,} requests a month: services keep data keys",
}

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


def computing(run: Run, *, requests: float = 1) -> Bill:
    """Time in a function; `requests` is its share of an invocation."""
    gb_seconds = run.seconds * run.megabytes / 1024
    used = prices.LAMBDA_GB_SECOND.of(gb_seconds) + prices.LAMBDA_REQUEST.of(requests)
    return Bill(lambda_=used)


def http(figures: Figures, scenario: str) -> Bill:
    """One request through API Gateway, the authorizer and the handler."""
    gateway = Bill(api_gateway=prices.REST_REQUEST.of(1))
    authorizing = computing(AUTHORIZING).plus(counted(figures, "authorize"))
    calls = counted(figures, scenario).plus(computing(REQUEST))
    return gateway.plus(authorizing).plus(calls)


def worked(figures: Figures, scenario: str) -> Bill:
    """One case of a batch that is worked off."""
    cases = figures[scenario]["cases"]
    taking = Bill(sqs=prices.SQS_REQUEST.of(QUEUE_REQUESTS)).times(1 / cases)
    return (
        counted(figures, scenario, by=cases)
        .plus(computing(CASE_WORKED, requests=1 / cases))
        .plus(taking)
    )


def job(figures: Figures, scenario: str) -> Bill:
    """One row of a job."""
    rows = figures[scenario]["cases"]
    return counted(figures, scenario, by=rows).plus(computing(ROW, requests=1 / rows))


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
    tick = counted(figures, "tick.quiet.empty").plus(computing(TICK))
    key = prices.KMS_KEY_MONTH.of(1) + prices.KMS_REQUEST.of(KMS_REQUESTS_A_MONTH)
    standing = Bill(sqs=prices.SQS_REQUEST.of(QUEUES * POLLS_A_MONTH), kms=key)
    return tick.times(TICKS_A_MONTH).plus(standing)
