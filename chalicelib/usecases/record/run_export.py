"""Write an auditor's export: streamed to the bucket, with proofs and a signed manifest."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from chalicelib.deps import Deps
from chalicelib.domain.admission.engagement import Engagement, EngagementScope
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.record.export_row import COLUMNS, Row, concerns, released_to_auditors, row_of
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.record.seal import EXPORT_MANIFEST, SignedHead, statement_of
from chalicelib.domain.text import CountryCode
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Category, IntakeType, Severity, State
from chalicelib.domain.work.job import Job, JobStatus, Progress
from chalicelib.store.files import Writing
from chalicelib.usecases.admission.engaged import still_active
from chalicelib.usecases.record.prove_cases import Proof, prove_cases
from chalicelib.usecases.record.pseudonyms import partner_pseudonym

LONGEST_PERIOD_DAYS = 3660
PROOFS = "proofs.jsonl"


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
    """Write the export's rows and their proofs, then the signed manifest; then mark the job done.

    Memory does not grow with the export. A killed run is repeated from the start: nothing of it is
    visible before its file is whole. Raises EngagementNotActive (it was ended meanwhile),
    Unavailable.
    """
    request = ExportRequest.model_validate(job.params)
    engagement = still_active(job.owner, request.engagement_id or "", deps=deps)
    at, head = deps.now(), deps.sealed_log.latest_head()
    folder, name = f"exports/{job.job_id}", f"cases.{request.format}"
    count = _Count()
    with (
        deps.files.writing(f"{folder}/{name}", CONTENT_TYPES[request.format]) as rows_file,
        deps.files.writing(f"{folder}/{PROOFS}", "application/jsonl") as proofs_file,
    ):
        records = _rows(request, engagement, job, at, head, deps, count.withheld)
        rows = _proved(records, proofs_file, count)
        for chunk in _WRITERS[request.format](rows):
            rows_file.write(chunk)
    manifest = {
        "export_id": job.job_id,
        "file": name,
        "request": request.model_dump(mode="json"),
        "engagement": engagement.model_dump(mode="json", include=_STATED),
        "columns": list(COLUMNS),
        "row_count": count.rows,
        "withheld": dict(count.withheld),
        **_size_of(rows_file),
        "generated_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "proofs": {"file": PROOFS, **_size_of(proofs_file), "sealed": count.sealed},
        "tree_head": head.model_dump(mode="json") if head else None,
        "key_id": deps.signer.key_id,
    }
    manifest["signature"] = deps.signer.sign(manifest_statement(manifest))
    content = json.dumps(manifest, indent=2).encode()
    deps.files.put(f"{folder}/manifest.json", content, "application/json")
    done = Progress(done=count.rows, total=count.rows)
    finished: dict[str, Any] = {"status": JobStatus.DONE, "due_at": None, "finished_at": deps.now()}
    return job.model_copy(update={**finished, "result": manifest, "progress": done})


_STATED = {"engagement_id", "purpose", *EngagementScope.model_fields}
"""What a manifest says of the engagement."""


def manifest_statement(manifest: Mapping[str, Any]) -> bytes:
    """What is signed: the SHA-256 of the manifest's canonical JSON, its signature left out."""
    unsigned = {name: value for name, value in manifest.items() if name != "signature"}
    digest = hashlib.sha256(canonical(unsigned).encode()).hexdigest()
    return statement_of(EXPORT_MANIFEST, {"sha256": digest})


def _size_of(file: Writing) -> dict[str, Any]:
    return {"bytes": file.written.size, "sha256": file.written.sha256}


@dataclass
class _Count:
    """Rows written, how many of them the tree head covers wholly, and what is withheld, by reason:
    the cases of which consent lets nothing out."""

    rows: int = 0
    sealed: int = 0
    withheld: Counter[str] = field(default_factory=Counter)


def _proved(
    records: Iterator[tuple[Row, Proof]], proofs_file: Writing, count: _Count
) -> Iterator[Row]:
    """The rows; each one's proof is written, in the same order, before it."""
    for row, proof in records:
        count.rows += 1
        count.sealed += proof.is_whole
        line = json.dumps(proof._asdict(), ensure_ascii=False, separators=(",", ":"))
        proofs_file.write(line.encode() + b"\n")
        yield row


def _rows(
    request: ExportRequest,
    engagement: Engagement,
    job: Job,
    at: datetime,
    head: SignedHead | None,
    deps: Deps,
    withheld: Counter[str],
) -> Iterator[tuple[Row, Proof]]:
    """The rows with their proofs day by day; now and then the job says how far it is."""
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
            cases = _let_out(cases, factories, engagement, withheld)
            proofs = prove_cases(cases, head, deps)
            for case in cases:
                name = partner_pseudonym(case.partner_id, deps.keyring)
                factory = factories.get(case.factory_id or "")
                row = row_of(case, partner_pseudonym=name, factory=factory, at=at)
                yield row, proofs[case.grievance_id]
        if number % 30 == 29:
            progress = Progress(done=number + 1, total=days)
            deps.jobs.save(job.model_copy(update={"progress": progress}))


def _let_out(
    cases: Sequence[Case],
    factories: Mapping[str, Factory],
    engagement: Engagement,
    withheld: Counter[str],
) -> list[Case]:
    """The cases of the engagement that consent lets out at all; what it keeps back is counted, and
    neither rows nor entries of that are written."""
    out: list[Case] = []
    for case in cases:
        factory = factories.get(case.factory_id or "")
        if not concerns(case, factory, engagement.brands):
            continue
        released = released_to_auditors(case, factory)
        if released.detail is Detail.NOTHING:
            withheld[released.held_because or ""] += 1
        else:
            out.append(case)
    return out


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
