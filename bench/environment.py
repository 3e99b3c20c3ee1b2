"""Where things are, and the environment that has the peers."""

import platform
import sys
from pathlib import Path

from infra import interpreters

ROOT = Path(__file__).resolve().parent.parent


def peers_python() -> Path:
    """The Python of `.venv-bench`, made on first use: what Lambda gets, and the peers.

    Raises subprocess.CalledProcessError where it cannot be installed.
    """
    requirements = ROOT / "requirements-bench.txt"
    return interpreters.virtual_environment(
        ROOT / ".venv-bench", Path(sys.executable), ["-r", str(requirements)]
    )


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "machine": platform.machine(),
    }
