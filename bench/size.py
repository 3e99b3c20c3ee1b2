"""How large the package is."""

import zipfile
from pathlib import Path

from bench.cold_start.packaged import packages
from bench.environment import ROOT
from bench.report import Part, Sheet

ZIPPED_LIMIT = 50 * 1024 * 1024
"""Bytes; AWS Lambda's quota for a direct upload."""


def size_part() -> Part:
    """Sizes of the packages there are."""
    found = packages()
    if not found:
        return Part("size", {}, notes=["No package in dist/. `make package` makes one."])
    sizes = {str(path.relative_to(ROOT)): _sizes(path) for path in found}
    sheet = Sheet("Package", ("zip", "zipped MB", "unzipped MB", "files"), _rows(sizes))
    over = [name for name, size in sizes.items() if size["zipped"] > ZIPPED_LIMIT]
    failures = [f"{name} is over {ZIPPED_LIMIT} bytes" for name in over]
    return Part("size", dict(sizes), [sheet], failures=failures)


def _sizes(package: Path) -> dict[str, int]:
    with zipfile.ZipFile(package) as archive:
        entries = archive.infolist()
    return {
        "zipped": package.stat().st_size,
        "unzipped": sum(entry.file_size for entry in entries),
        "files": len(entries),
    }


def _rows(sizes: dict[str, dict[str, int]]) -> list[list[str]]:
    return [
        [name, f"{s['zipped'] / 1e6:.1f}", f"{s['unzipped'] / 1e6:.1f}", f"{s['files']:,}"]
        for name, s in sizes.items()
    ]
