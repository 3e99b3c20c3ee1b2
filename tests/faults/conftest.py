"""Fresh services by the hundred, and what was done to them counted at the end of the run."""

from collections.abc import Callable

import pytest

from infra.local.gateway import Gateway
from tests.conftest import empty_aws
from tests.service import Service

_COUNTS: dict[str, int] = {}


@pytest.fixture
def counts() -> dict[str, int]:
    """How many faults of each kind were injected, over the whole run."""
    return _COUNTS


@pytest.fixture
def fresh(service: Service, gateway: Gateway) -> Callable[[], Service]:
    """Makes an empty service in place of the one before."""

    def make() -> Service:
        empty_aws()
        return Service.start(gateway)

    return make


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were injected."""
    for what, number in sorted(_COUNTS.items()):
        terminalreporter.write_line(f"{what}: {number}")
