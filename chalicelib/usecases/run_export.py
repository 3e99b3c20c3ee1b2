"""Write an auditor's export: streamed to the bucket, with a manifest that proves what it holds."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.consent import Detail
from chalicelib.domain.engagement import Engagement, EngagementScope
from chalicelib.domain.export_row import COLUMNS, Row, concerns, released_to_auditors, row_of
from chalicelib.domain.job import Job, JobStatus, Progress
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.registry import Factory
from chalicelib.domain.text import CountryCode
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Category, IntakeType, Severity, State
from chalicelib.store.keyring import Purpose
from chalicelib.usecases.engaged import still_active

LONGEST_PERIOD_DAYS = 3660


class ExportFormat(StrEnum):
    """CSV (RFC 4180, UTF-8) or JSON Lines."""

    CSV = "csv"
    JSONL = "jsonl"


CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/jsonl",
}


class ExportRequest(Value):
    """What an export holds: the cases received in a period, narrowed where a filter is given."""

    format: ExportFormat = ExportFormat.CSV
    received_from: Annotated[date, Field(description="First UTC day, inclusive.")]
    received_to: Annotated[date, Field(description="Last UTC day, inclusive.")]
    countries: tuple[CountryCode, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    states: tuple[State, ...] = ()
    intake_types: tuple[IntakeType, ...] = ()
    engagement_id: Annotated[
        str | None,
        Field(
            pattern=r"^e_[0-9a-z]{26}$",
            description="What it is for. May be left out where only one engagement holds.",
        ),
    ] = None

    @model_validator(mode="after")
    def _sensible_period(self) -> Self:
        days = (self.received_to - self.received_from).days
        if not 0 <= days <= LONGEST_PERIOD_DAYS:
            raise ValueError("received_to must lie after received_from, ten years at most")
        return self

    def wants(self, case: Case) -> bool:
        """Whether a case belongs into the export."""
        checks: Sequence[tuple[Sequence[Any], Any]] = (
            (self.countries, case.law),
            (self.severities, case.severity),
            (self.states, case.state),
            (self.intake_types, case.intake_type),
        )
        if self.categories and not set(self.categories) & set(case.categories):
            return False
        return all(not wanted or value in wanted for wanted, value in checks)


def run_export(job: Job, *, deps: Deps) -> Job:
    """Write the export's file, then its manifest, then mark the job done.

    Memory does not grow with the export. A killed run is repeated from the start: nothing of it is
    visible before its file is whole. Raises EngagementNotActive (it was ended meanwhile),
    Unavailable.
    """
    request = ExportRequest.model_validate(job.params)
    engagement = still_active(job.owner, request.engagement_id or "", deps=deps)
    at = deps.now()
    withheld: Counter[str] = Counter()
    rows = _Counted(_rows(request, engagement, job, at, deps, withheld))
    key = f"exports/{job.job_id}/cases.{request.format}"
    written = deps.files.stream(key, _WRITERS[request.format](rows), CONTENT_TYPES[request.format])
    manifest = {
        "export_id": job.job_id,
        "file": key.rsplit("/", 1)[1],
        "request": request.model_dump(mode="json"),
        "engagement": engagement.model_dump(mode="json", include=_STATED),
        "columns": list(COLUMNS),
        "row_count": rows.count,
        "withheld": dict(withheld),
        "bytes": written.size,
        "sha256": written.sha256,
        "generated_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    content = json.dumps(manifest, indent=2).encode()
    deps.files.put(f"exports/{job.job_id}/manifest.json", content, "application/json")
    done = Progress(done=rows.count, total=rows.count)
    finished: dict[str, Any] = {"status": JobStatus.DONE, "due_at": None, "finished_at": deps.now()}
    return job.model_copy(update={**finished, "result": manifest, "progress": done})


_STATED = {"engagement_id", "purpose", *EngagementScope.model_fields}
"""What a manifest says of the engagement."""


class _Counted(Iterator[Row]):
    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row


def _rows(
    request: ExportRequest,
    engagement: Engagement,
    job: Job,
    at: datetime,
    deps: Deps,
    withheld: Counter[str],
) -> Iterator[Row]:
    """The rows day by day; now and then the job says how far it is.

    `withheld` counts, by reason, the cases of which consent lets nothing out.
    """
    pseudonym = _pseudonyms(deps)
    last = min(request.received_to, at.date())  # nothing was received on a day that is to come
    days = (last - request.received_from).days + 1
    for number in range(days):
        day = request.received_from + timedelta(days=number)
        for batch in deps.cases.received_on(day.isoformat()):
            cases = [
                case
                for case in batch
                if request.wants(case) and engagement.covers_country(case.law)
            ]
            factories = _factories(cases, deps)
            for case in cases:
                factory = factories.get(case.factory_id or "")
                if not concerns(case, factory, engagement.brands):
                    continue
                released = released_to_auditors(case, factory)
                if released.detail is Detail.NOTHING:
                    withheld[released.held_because or ""] += 1
                    continue
                name = pseudonym(case.partner_id)
                yield row_of(case, partner_pseudonym=name, factory=factory, at=at)
        if number % 30 == 29:
            progress = Progress(done=number + 1, total=days)
            deps.jobs.save(job.model_copy(update={"progress": progress}))


def _pseudonyms(deps: Deps) -> Callable[[str], str]:
    key = deps.keyring.key(Purpose.PSEUDONYM)
    return lambda partner_id: f"p_{keyed_hash(key, partner_id)[:16]}"


def _factories(cases: Sequence[Case], deps: Deps) -> dict[str, Factory]:
    wanted = {case.factory_id for case in cases if case.factory_id}
    return deps.registry.factories(wanted) if wanted else {}


def _csv(rows: Iterator[Row]) -> Iterator[bytes]:
    """RFC 4180. No cell can start a formula: all are codes, numbers, times and derived ids."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > 65_536:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _jsonl(rows: Iterator[Row]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _emptied(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


_WRITERS: dict[ExportFormat, Callable[[Iterator[Row]], Iterator[bytes]]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.JSONL: _jsonl,
}
