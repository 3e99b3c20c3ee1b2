"""Reads a list in one call, for tests that look at all of it."""

from typing import NamedTuple

from chalicelib.channels.disclosure import FacilityRow, RowProblem, read_list


class Read(NamedTuple):
    rows: list[FacilityRow]
    problems: list[RowProblem]

    def codes(self) -> list[tuple[int | None, str | None, str, str]]:
        """Line, column, code and severity of each problem."""
        return [(p.line, p.column, p.code.value, p.severity.value) for p in self.problems]


def read(content: bytes | str, default_country: str | None = None) -> Read:
    """Everything that a list says; text is encoded as UTF-8."""
    data = content.encode() if isinstance(content, str) else content
    items = list(read_list(data, default_country=default_country))
    return Read(
        [item for item in items if isinstance(item, FacilityRow)],
        [item for item in items if isinstance(item, RowProblem)],
    )
