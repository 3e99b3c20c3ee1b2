"""The figures as they were last explained. A difference is to be explained in the next diff.

`python -m bench calls --accept` writes them anew.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.calls.world import Measured

FILE = Path(__file__).parent.parent / "expected_calls.json"

Figures = dict[str, dict[str, Any]]


def figures(measured: Iterable[Measured]) -> Figures:
    """The counted figures of some scenarios, by name."""
    return {name: {"cases": cases, **cost.plain()} for name, cases, cost in measured}


def differences(found: Figures, expected: Figures) -> list[str]:
    """One sentence for each figure of `found` that is not as expected."""
    return [
        f"{name}: {figure} is {now[figure]}, expected {expected.get(name, {}).get(figure)}"
        for name, now in found.items()
        for figure in now
        if now[figure] != expected.get(name, {}).get(figure)
    ]


def read(path: Path = FILE) -> Figures:
    """The stored figures; none where nothing is stored."""
    if not path.exists():
        return {}
    stored: Figures = json.loads(path.read_text("utf-8"))
    return stored


def write(found: Figures, path: Path = FILE) -> None:
    """Store figures as the ones to expect."""
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
