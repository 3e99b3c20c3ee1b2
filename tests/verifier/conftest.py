"""One sealed export for all tests of the verifier, and what was done to it counted at the end."""

import pytest

from tests.service import Service
from tests.verifier.world import Files, made_by

_COUNTS: dict[str, int] = {}
_MADE: list[Files] = []


@pytest.fixture
def files(request: pytest.FixtureRequest) -> Files:
    """A copy of the export; made once for each run."""
    if not _MADE:
        service: Service = request.getfixturevalue("service")
        _MADE.append(made_by(service))
    return _MADE[0].copied()


@pytest.fixture
def tampered() -> dict[str, int]:
    """How many tamper cases there were, by kind, over the whole run."""
    return _COUNTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tamper cases there were."""
    for what, number in sorted(_COUNTS.items()):
        terminalreporter.write_line(f"tampered, {what}: {number}, all found")
