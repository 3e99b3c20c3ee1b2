"""What was generated, told at the end of the run (`pytest tests/model -n 0`)."""

import pytest

from tests.model.machine import SEED
from tests.model.world import ROUNDS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was done, and from which seed."""
    if not ROUNDS:
        return
    terminalreporter.write_line(f"model: HANDSHAKE_MODEL_SEED={SEED}")
    for what, number in sorted(ROUNDS.items()):
        terminalreporter.write_line(f"{what}: {number}")
