"""The runbook says what to do about every alarm there is, and about no other."""

import re
from pathlib import Path
from typing import Any

from infra import template

PAGE = (Path(template.__file__).parents[1] / "docs" / "runbook.md").read_text(encoding="utf-8")


def _table(title: str) -> list[list[str]]:
    section = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_every_alarm_has_a_row_that_says_what_to_do() -> None:
    resources: dict[str, Any] = template.load()["Resources"]
    alarms = {n for n, r in resources.items() if r.get("Type") == "AWS::CloudWatch::Alarm"}
    rows = {re.sub("`", "", name): rest for name, *rest in _table("Alarms")}
    assert set(rows) == alarms
    assert all(len(means) > 10 and len(todo) > 5 for means, todo in rows.values())
