"""What becomes of Chalice's zip: smaller, quicker to import, the same bytes for the same input.

Chalice ships no bytecode, so every cold start would compile every module; and it ships botocore's
descriptions of four hundred services of which seven are called.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra import binaries

SERVICES = frozenset(
    # called by the functions; sts stands behind every credential botocore resolves
    {"cloudwatch", "dynamodb", "kms", "s3", "secretsmanager", "sns", "sqs", "sts"}
)
TASK_ROOT = "/var/task"
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Bytes; AWS Lambda quota for a function's code."""

_UNUSED = (
    "boto3/examples",
    "boto3/data",
    "holidays/financial",  # days of stock exchanges
    "holidays/locale",  # what holidays are called in other languages
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name


class Unfit(Exception):
    """The package would not run on Lambda; the message says why."""


@dataclass(frozen=True)
class Bundle:
    """A finished zip: where it is, its digest, its sizes in bytes."""

    path: Path
    sha256: str
    zipped: int
    unzipped: int


def finish(raw: Path, out: Path, *, interpreter: Path, architecture: str) -> Bundle:
    """Turn Chalice's zip `raw` into the one that is deployed, `out`.

    `interpreter` compiles and must be the runtime's version. Raises Unfit.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with zipfile.ZipFile(raw) as archive:
            archive.extractall(root)
        prune(root)
        _refuse_unfit(root, architecture)
        compile_all(root, interpreter)
        write_zip(root, out)
        unzipped = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    if unzipped > UNZIPPED_LIMIT:
        raise Unfit(f"{unzipped} bytes unzipped; Lambda takes {UNZIPPED_LIMIT}")
    content = out.read_bytes()
    return Bundle(out, hashlib.sha256(content).hexdigest(), len(content), unzipped)


def prune(root: Path) -> None:
    """Remove what no function reads: other services' descriptions, examples, stale bytecode."""
    data = root / "botocore" / "data"
    other = [path for path in data.glob("*/") if path.is_dir() and path.name not in SERVICES]
    unused = [path for pattern in _UNUSED for path in root.glob(pattern)]
    for path in [*other, *unused, *root.rglob("__pycache__")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # it went with the folder around it


def _refuse_unfit(root: Path, architecture: str) -> None:
    complaints = list(binaries.unfit(root, architecture))
    if complaints:
        raise Unfit("; ".join(complaints))


def compile_all(root: Path, interpreter: Path) -> None:
    """Add bytecode that is used without looking at the source's date or content.

    Paths inside are those on Lambda, so that tracebacks are right and nothing of this machine
    stays in the package.
    """
    arguments = ["--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", TASK_ROOT]
    subprocess.run(
        [str(interpreter), "-m", "compileall", "-q", *arguments, str(root)],
        check=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    )


def write_zip(root: Path, out: Path) -> None:
    """Pack `root` in name order, with one date and one mode."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _EPOCH)
                entry.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
