"""How many cells were checked, told at the end of the run (`pytest tests/matrix -n 0`)."""

import pytest

_CELLS: dict[str, int] = {}


@pytest.fixture
def cells() -> dict[str, int]:
    """Checked cells by matrix, over the whole run."""
    return _CELLS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cells of each matrix were checked."""
    for matrix, number in sorted(_CELLS.items()):
        terminalreporter.write_line(f"{matrix}: {number} cells")
