"""What was found: each finding names the check, and the case and entry as far as there is one."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST_FINDINGS = 100
"""More are counted and not listed."""


class Finding(NamedTuple):
    """Something that does not hold. `seq` is the first bad entry of the case `public_ref`."""

    check: str
    detail: str
    public_ref: str | None = None
    seq: int | None = None

    def __str__(self) -> str:
        case = f"case {self.public_ref}: " if self.public_ref else ""
        entry = f"entry {self.seq}: " if self.seq is not None else ""
        return f"{case}{entry}{self.detail} [{self.check}]"


@dataclass
class Report:
    """The result of a run."""

    rows: int = 0
    entries: int = 0
    sealed_rows: int = 0
    heads: int = 0
    leaves: int = 0
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    @property
    def is_good(self) -> bool:
        """Whether everything holds that was checked."""
        return self.found == 0

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        counts = {
            name: getattr(self, name)
            for name in ("rows", "entries", "sealed_rows", "heads", "leaves")
        }
        return {
            "result": "ok" if self.is_good else "bad",
            **counts,
            "notes": self.notes,
            "found": self.found,
            "findings": [finding._asdict() for finding in self.findings],
        }

    def text(self) -> str:
        """For people."""
        lines = [f"BAD   {finding}" for finding in self.findings]
        if self.found > len(self.findings):
            lines.append(f"BAD   and {self.found - len(self.findings)} more")
        lines += [f"note  {note}" for note in self.notes]
        lines.append(
            f"{'OK' if self.is_good else 'NOT OK'}: {self.rows} rows, {self.entries} entries, "
            f"{self.sealed_rows} rows sealed to their latest entry, {self.heads} heads"
            + (f", {self.leaves} leaves" if self.leaves else "")
        )
        return "\n".join(lines)
