"""Import an uploaded supplier list: read it, take it into the registry, report line by line."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from chalicelib.channels.disclosure import (
    DisclosureReader,
    FacilityRow,
    RowProblem,
    UnreadableList,
    read_list,
)
from chalicelib.deps import Deps
from chalicelib.domain.factories.registry import FactoryFields
from chalicelib.domain.work.job import Job, JobStatus, Progress
from chalicelib.usecases.factories.import_disclosure import (
    Disclosed,
    Imported,
    ImportRequest,
    import_disclosure,
)

_REPORTED = 5_000
"""The report lists so many problems; their number is counted in any case."""


def import_list(job: Job, *, deps: Deps) -> Job:
    """Read the uploaded list into the registry; the job as it ended, with its report written.

    An unreadable list is a failed job that says why. Raises Unavailable.
    """
    try:
        return _imported(job, deps)
    except UnreadableList as unreadable:
        return _ended(job, deps, error=unreadable.code, result={"detail": unreadable.detail})


def _imported(job: Job, deps: Deps) -> Job:
    params = dict(job.params)
    content_type = params.pop("content_type")
    request = ImportRequest.model_validate(params)
    content = deps.files.get(f"imports/{job.job_id}/list")
    if content is None:
        return _ended(job, deps, error="file_missing", result={})
    reader = read_list(content, content_type=content_type, default_country=request.default_country)
    facilities = _Facilities(reader)

    def report(counts: Imported) -> None:
        progress = Progress(done=counts.facilities, total=max(reader.lines, counts.facilities))
        deps.jobs.save(job.model_copy(update={"progress": progress, "result": _counts(counts)}))

    counts = import_disclosure(
        request,
        facilities,
        started_at=job.created_at,
        is_whole=lambda: facilities.broken is None,
        report=report,
        deps=deps,
    )
    return _reported(job, reader, facilities, counts, deps)


class _Facilities(Iterator[Disclosed]):
    """The facilities of a list; what could not be read is collected beside them."""

    def __init__(self, reader: DisclosureReader) -> None:
        self._rows = iter(reader)
        self.problems: list[dict[str, Any]] = []
        self.by_severity: Counter[str] = Counter()
        self.broken: UnreadableList | None = None

    def __next__(self) -> Disclosed:
        while True:
            try:
                row = next(self._rows)
            except UnreadableList as broken:
                self.broken = broken
                self._note(line=None, code=broken.code, severity="error", detail=broken.detail)
                raise StopIteration from None
            if isinstance(row, RowProblem):
                self._note(**row.model_dump(mode="json"))
            elif (disclosed := self._disclosed(row)) is not None:
                return disclosed

    def _disclosed(self, row: FacilityRow) -> Disclosed | None:
        try:
            return Disclosed(factory_fields(row), row.tier)
        except ValidationError as error:
            fields = sorted({str(e["loc"][0]) for e in error.errors(include_input=False)})
            detail = f"The line was left out: {', '.join(fields)} cannot be kept as written."
            self._note(line=row.line, code="value_refused", severity="error", detail=detail)
            return None

    def _note(self, **problem: Any) -> None:
        self.by_severity[problem["severity"]] += 1
        if len(self.problems) < _REPORTED:
            self.problems.append(problem)


def factory_fields(row: FacilityRow) -> FactoryFields:
    """What the registry keeps of a line. pydantic.ValidationError for text that it refuses."""
    identifiers = {i.kind.value: i.value for i in row.identifiers if i.valid}
    return FactoryFields(
        name=row.name,
        address=row.address,
        city=row.city,
        admin_area=row.admin_area,
        country=row.country,
        os_id=row.os_id or identifiers.get("os_id"),
        uscc=identifiers.get("uscc"),
        lei=identifiers.get("lei"),
        gln=identifiers.get("gln"),
        latitude=row.latitude,
        longitude=row.longitude,
        parent=row.parent,
        processing_types=row.processing_types[:30],
        workers=row.workers,
    )


def _reported(
    job: Job, reader: DisclosureReader, facilities: _Facilities, counts: Imported, deps: Deps
) -> Job:
    """The finished job, with the report of every problem beside the list."""
    report = {
        "import_id": job.job_id,
        "format": reader.format,
        "encoding": reader.encoding,
        "columns": [columns.model_dump(mode="json") for columns in reader.columns],
        "counts": counts.model_dump(),
        "problems": facilities.problems,
    }
    content = json.dumps(report, ensure_ascii=False, indent=1).encode()
    deps.files.put(f"imports/{job.job_id}/report.json", content, "application/json")
    result = {**_counts(counts), "problems": dict(sorted(facilities.by_severity.items()))}
    progress = Progress(done=counts.facilities, total=counts.facilities)
    error = facilities.broken.code if facilities.broken else None
    ended = job.model_copy(update={"progress": progress})
    return _ended(ended, deps, error=error, result=result)


def _ended(job: Job, deps: Deps, *, error: str | None, result: dict[str, Any]) -> Job:
    return job.model_copy(
        update={
            "status": JobStatus.FAILED if error else JobStatus.DONE,
            "error": error,
            "result": result,
            "due_at": None,
            "finished_at": deps.now(),
        }
    )


def _counts(counts: Imported) -> dict[str, Any]:
    return {"counts": counts.model_dump()}
