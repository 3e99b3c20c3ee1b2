"""AWS clients with a time budget: nothing is begun that could last longer than somebody waits.

An attempt that is not answered within its service's patience is given up, and tried again twice at
most. Within a budget (`time_budget.within`) no attempt begins, the first one neither, that could
end too late: the call is refused as any other that was not answered.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from chalicelib.time_budget import seconds_left


class Patience(NamedTuple):
    """How many seconds an attempt may take, at most: to connect, and until something is read."""

    connect: float
    read: float

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.connect + self.read


QUICK = Patience(0.5, 0.8)
"""Services that answer within milliseconds, a hundred where they are slow."""

UNHURRIED = Patience(1, 3)
"""Services that carry files, or ask others."""

_QUICK_SERVICES = frozenset({"dynamodb", "kms", "secretsmanager", "sqs"})

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    s3={"addressing_style": "path"},
    signature_version="s3v4",
)

_SERVER_ERRORS = 500
_THROTTLES = ("Throttl", "LimitExceeded", "ThroughputExceeded", "SlowDown")


class OutOfTime(BotoCoreError):
    """Whoever asks waits too short a time for another attempt."""

    fmt = "Too late for another attempt."


def patience_with(service: str) -> Patience:
    """How long an attempt at a service may take."""
    return QUICK if service in _QUICK_SERVICES else UNHURRIED


@cache
def _session() -> Any:
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """The process's client for a service, made on first use."""
    patience = patience_with(service)
    config = _CONFIG.merge(Config(connect_timeout=patience.connect, read_timeout=patience.read))
    if service != "s3":
        config = config.merge(Config(signature_version=None))
    made = _session().client(service, config=config)
    in_time(made, patience)
    return made


def in_time(made: Any, patience: Patience) -> None:
    """Have a client begin no attempt that could end too late."""

    def before_each_attempt(**_: Any) -> None:
        if seconds_left() < patience.seconds:
            raise OutOfTime()

    def after_each_attempt(
        response: tuple[Any, Mapping[str, Any]] | None, caught_exception: Exception | None, **_: Any
    ) -> None:
        """Or botocore would sleep first, and find out then."""
        failed = caught_exception is not None or (response is not None and _may_pass(*response))
        if failed and seconds_left() < patience.seconds:
            raise OutOfTime() from caught_exception

    made.meta.events.register_first("before-send", before_each_attempt)
    made.meta.events.register_first("needs-retry", after_each_attempt)


def _may_pass(http: Any, parsed: Mapping[str, Any]) -> bool:
    """Whether botocore would try again what was answered so."""
    code = str(parsed.get("Error", {}).get("Code", ""))
    return http.status_code >= _SERVER_ERRORS or any(part in code for part in _THROTTLES)
