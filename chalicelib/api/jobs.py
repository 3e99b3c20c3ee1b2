"""Jobs on the wire: exports and imports, while they run and when they are done."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.admission.engagement import EngagementScope
from chalicelib.domain.record.seal import SignedHead
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import EngagementPurpose
from chalicelib.domain.work.job import Job, JobStatus, Progress
from chalicelib.store.files import URL_SECONDS
from chalicelib.usecases.factories.import_disclosure import Imported, ImportRequest
from chalicelib.usecases.record.run_export import PROOFS, ExportFormat, ExportRequest


class ProofsFile(Value):
    """The file of proofs: a line for each row, with the case's entries and its audit path."""

    file: str
    bytes: int
    sha256: str
    sealed: Annotated[int, Field(description="Rows whose latest entry the tree head covers.")]


class StatedEngagement(EngagementScope):
    """What it was made for."""

    engagement_id: str
    purpose: EngagementPurpose


class Manifest(Value):
    """What an export's file holds; the SHA-256 is of the file's bytes."""

    export_id: str
    file: str
    request: ExportRequest
    engagement: StatedEngagement
    columns: list[str]
    row_count: int
    withheld: Annotated[
        dict[str, int], Field(description="Cases that consent keeps out, counted by the reason.")
    ]
    bytes: int
    sha256: str
    generated_at: str
    proofs: Annotated[ProofsFile | None, Field(description="Goes with the rows, line by line.")] = (
        None
    )
    tree_head: Annotated[
        SignedHead | None, Field(description="What the proofs lead to; null before the first.")
    ] = None
    key_id: Annotated[str | None, Field(description="Of the key it is signed with.")] = None
    signature: Annotated[
        str | None, Field(description="ECDSA P-256 with SHA-256, DER in base64; see verify.md.")
    ] = None


class ExportView(Value):
    """An export: how far it is, and how to fetch it."""

    export_id: str
    status: JobStatus
    format: ExportFormat
    engagement_id: str
    created_at: Moment
    finished_at: Moment | None
    progress: Progress
    error: str | None
    manifest: Manifest | None
    download_url: Annotated[
        str | None, Field(description=f"Works for {URL_SECONDS} seconds; read again for a new one.")
    ]
    manifest_url: str | None
    proofs_url: str | None


class ImportView(Value):
    """An import: how far it is, what it changed, where its report is."""

    import_id: str
    status: JobStatus
    request: ImportRequest
    created_at: Moment
    finished_at: Moment | None
    progress: Progress
    error: str | None
    error_detail: str | None
    counts: Imported | None
    problems: Annotated[
        dict[str, int], Field(description="How many of each severity; the report lists them.")
    ]
    report_url: Annotated[
        str | None, Field(description="JSON: columns recognised, and every problem with its line.")
    ]


def export_view(job: Job, deps: Deps | None) -> ExportView:
    """An export; download links only where `deps` is given to make them."""
    request = ExportRequest.model_validate(job.params)
    done = job.status is JobStatus.DONE
    folder = f"exports/{job.job_id}"
    file_name = f"cases.{request.format}"
    linked = deps if done else None
    return ExportView(
        **_common(job),
        export_id=job.job_id,
        format=request.format,
        engagement_id=request.engagement_id or "",
        manifest=Manifest.model_validate(job.result) if done else None,
        download_url=_link(linked, folder, file_name),
        manifest_url=_link(linked, folder, "manifest.json"),
        proofs_url=_link(linked, folder, PROOFS),
    )


def _link(linked: Deps | None, folder: str, name: str) -> str | None:
    return linked.files.url(f"{folder}/{name}", name) if linked else None


def import_view(job: Job, deps: Deps | None) -> ImportView:
    """An import; the report's link only where `deps` is given to make it."""
    params = {name: value for name, value in job.params.items() if name != "content_type"}
    counts = job.result.get("counts")
    linked = deps if deps is not None and "problems" in job.result else None
    report = f"imports/{job.job_id}/report.json"
    return ImportView(
        **_common(job),
        import_id=job.job_id,
        request=ImportRequest.model_validate(params),
        error_detail=job.result.get("detail"),
        counts=Imported.model_validate(counts) if counts else None,
        problems=job.result.get("problems", {}),
        report_url=linked.files.url(report, "report.json") if linked else None,
    )


def _common(job: Job) -> dict[str, Any]:
    names = ("status", "created_at", "finished_at", "progress", "error")
    return {name: getattr(job, name) for name in names}
