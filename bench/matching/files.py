"""The benchmark's file formats: JSON lines of registry rows and of query rows."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.matching.records import Facility, Query

from .queries import Question, Row


@dataclass(frozen=True, slots=True)
class Case:
    """A query row with its right answers."""

    qid: str
    kind: str
    query: Query
    truth: frozenset[str]
    also: frozenset[str]  # records that could not be told from the truth; neither right nor wrong
    answerable: bool
    soft: bool  # left out of every figure
    fid: str  # groups the queries of one facility


def facility_of(row: Row) -> Facility:
    identifiers = {"os_id": row.os_id} if row.os_id else {}
    return Facility(row.id, (row.name,), row.address, row.country, identifiers)


class BadFile(Exception):
    """A file that is not what the benchmark reads; the text says where and why."""


def _objects(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line; empty lines are passed over. Raises BadFile."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _object(line, f"{path}, line {number}", needed)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}") from error


def _object(line: str, where: str, needed: tuple[str, ...]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadFile(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadFile(f"{where}: not a JSON object")
    missing = [name for name in needed if not isinstance(row.get(name), str)]
    if missing:
        raise BadFile(f"{where}: {' and '.join(missing)} must be text")
    return row


def read_registry(path: Path) -> Iterator[Row]:
    """The rows of a registry file. Raises BadFile."""
    for row in _objects(path, ("id", "name")):
        yield Row(
            row["id"],
            row["name"],
            row.get("address") or "",
            row.get("country") or "",
            row.get("os_id") or "",
            row.get("src") or "",
        )


def read_cases(path: Path) -> Iterator[Case]:
    """The rows of a query file. Raises BadFile."""
    for number, row in enumerate(_objects(path, ())):
        identifiers = (row["os_id"],) if row.get("os_id") else ()
        qid = str(row.get("qid") or number)
        yield Case(
            qid=qid,
            kind=row.get("kind") or "query",
            query=Query(
                name=row.get("name") or "",
                address=row.get("address") or "",
                country=row.get("country") or "",
                identifiers=identifiers,
            ),
            truth=frozenset(row.get("truth") or ()),
            also=frozenset(row.get("also") or ()),
            answerable=bool(row.get("answerable")),
            soft=bool(row.get("soft")),
            fid=row.get("fid") or row.get("name") or qid,
        )


def case_of(question: Question, qid: str, *, present: bool) -> Case:
    """A generated question as a case; without its facility in the registry it has no answer."""
    identifiers = (question.os_id,) if question.os_id else ()
    answerable = present and question.matches
    return Case(
        qid=qid,
        kind=question.kind,
        query=Query(question.name, question.address, "", question.country, identifiers),
        truth=frozenset((question.fid,) if answerable else ()),
        also=frozenset(),
        answerable=answerable,
        soft=False,
        fid=question.fid,
    )


def facilities(rows: Iterable[Row], without: frozenset[str] = frozenset()) -> Iterator[Facility]:
    return (facility_of(row) for row in rows if row.id not in without)
