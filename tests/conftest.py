"""What every test may use: a service on moto with a clock that stands still, and callers of it.

The store is reset for each test and clients are reused: 20 ms instead of 300. Everything goes
through the gateway, the front door; what only the store can show is read from it afterwards.
"""

import json
import logging
import os

os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "POWERTOOLS_SERVICE_NAME": "handshake",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import settings
from moto import mock_aws
from moto.backends import get_backend

from app import app
from chalicelib import deps
from infra.local.gateway import Gateway
from infra.local.moto_for_days import forget_instances, share_items_between_backups
from tests.direct_dynamodb import be_direct
from tests.published import Published
from tests.quick_moto import be_quick
from tests.service import Service

be_quick()
be_direct()
share_items_between_backups()

# How long an example takes is the machine's business; what must be quick is asserted where it must.
settings.register_profile("handshake", deadline=None)
settings.load_profile("handshake")

TRIED = "tried"
"""Under this name a test's report carries its counts, also from another process."""

_PUBLISHED = Published()

Lines = Callable[[], list[dict[str, Any]]]

BACKENDS: tuple[Any, ...] = (
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "kms",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
)


def empty_aws() -> None:
    """Forget everything that moto holds. A `mock_aws` inside another one does not do that."""
    for backend in BACKENDS:
        get_backend(backend).reset()
    forget_instances()


@pytest.fixture(scope="session")
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(autouse=True)
def published(request: pytest.FixtureRequest) -> Iterator[Published]:
    """What the test publishes, as SNS gets it. All of it must match its published schema."""
    if "_aws" in request.fixturenames:
        _PUBLISHED.watch()
    _PUBLISHED.clear()
    yield _PUBLISHED
    assert _PUBLISHED.against_the_schema == []


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    """The app behind its gateway, in this process."""
    return Gateway(app)


@pytest.fixture
def service(_aws: None, gateway: Gateway) -> Iterator[Service]:
    """An empty service on fresh tables, its clock standing at 2026-11-22 08:00 UTC."""
    empty_aws()
    yield Service.start(gateway)
    deps.use(None)


@pytest.fixture
def counts(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What a test has tried, by kind; the sums over all tests are printed at the end."""
    tried: Counter[str] = Counter()
    yield tried
    request.node.user_properties.append((TRIED, dict(tried)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried, in this process and in all workers."""
    told: Counter[str] = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if getattr(report, "when", None) == "teardown":
            for name, tried in report.user_properties:
                told.update(tried if name == TRIED else {})
    for what, number in sorted(told.items()):
        terminalreporter.write_line(f"{what}: {number}")


class _Kept(logging.Handler):
    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was logged, as CloudWatch receives it."""
    logger = logging.getLogger("handshake")
    kept, level = _Kept(logger.handlers[0].formatter), logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in kept.lines]
    logger.setLevel(level)
    logger.removeHandler(kept)
