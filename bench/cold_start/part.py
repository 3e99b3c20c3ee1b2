"""The part of the bench that compares cold starts."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.cold_start.contenders import PACKAGED, STARTS
from bench.cold_start.imports import by_package, import_times
from bench.cold_start.packaged import packages, runs_here, unpacked
from bench.cold_start.starting import Interpreter, Samples, cold_starts
from bench.environment import ROOT
from bench.report import Part, Sheet, shortly
from bench.spread import Ratio, ratio
from infra.interpreters import NoInterpreter

FLOOR = "bare_chalice_boto3"
ALLOWED_OVER_FLOOR = 1.25
PEER = "fastapi_mangum"


def cold_start_part(python: Path, *, runs: int, seed: int) -> Part:
    """Start everything cold, from the working tree and from the package."""
    tree = Interpreter(python)
    found = cold_starts(tree, list(STARTS), runs=runs, seed=seed)
    sheets = [_sheet("Cold start, working tree: import to first answer", found)]
    data: dict[str, object] = {"tree": figures(found)}
    notes = []
    package = next(filter(runs_here, packages()), None)
    if package is None:
        notes.append("No package for this machine in dist/: `make e2e` leaves one in dist/e2e.")
    else:
        try:
            with unpacked(package) as interpreter:
                zipped = cold_starts(interpreter, PACKAGED, runs=runs, seed=seed)
            sheets.append(_sheet(f"Cold start, {package.relative_to(ROOT)}", zipped))
            data["package"] = figures(zipped)
        except NoInterpreter as reason:
            notes.append(f"Package not started: {reason}")
    imports = by_package(import_times(tree, "app", runs=3))[:15]
    sheets.append(_imports(imports))
    data["imports_ms"] = dict(imports)
    return Part("cold_start", data, sheets, notes, missed(found))


def figures(found: Samples) -> dict[str, object]:
    """Medians and ratios, by contender."""
    return {
        name: {
            "wall_ms": _median(samples, "wall_ms"),
            "cpu_ms": _median(samples, "cpu_ms"),
            "import_cpu_ms": _median(samples, "import_cpu_ms"),
            "times_floor": _against(found, name, FLOOR)._asdict(),
        }
        for name, samples in found.items()
    }


def missed(found: Samples) -> list[str]:
    """The targets that are not met, by the median ratio of CPU time."""
    targets = []
    for what in ("health", "submit"):
        floor = _against(found, f"handshake.{what}", FLOOR)
        peer = _against(found, f"handshake.{what}", PEER)
        if floor.median > ALLOWED_OVER_FLOOR:
            targets.append(f"{what}: {floor} times {FLOOR}, {ALLOWED_OVER_FLOOR} is the target")
        if peer.median > 1:
            targets.append(f"{what}: {peer} times {PEER}, less than 1 is the target")
    return targets


def _against(found: Samples, name: str, other: str) -> Ratio:
    """A start against the other's start that answers the same, or against its quickest."""
    what = name.split(".")[1]
    rival = f"{other}.{what}" if f"{other}.{what}" in found else f"{other}.health"
    return ratio(*([sample["cpu_ms"] for sample in found[n]] for n in (name, rival)))


def _median(samples: Sequence[dict[str, float]], figure: str) -> float:
    return statistics.median(sample[figure] for sample in samples)


def _sheet(title: str, found: Samples) -> Sheet:
    headings = ("what", "wall ms", "CPU ms", "of it import", f"times {FLOOR} (p10 to p90)")
    names = ("wall_ms", "cpu_ms", "import_cpu_ms")
    rows = [
        [name, *(shortly(_median(samples, n)) for n in names), str(_against(found, name, FLOOR))]
        for name, samples in found.items()
    ]
    return Sheet(title, headings, rows)


def _imports(imports: Sequence[tuple[str, float]]) -> Sheet:
    rows = [[package, shortly(milliseconds)] for package, milliseconds in imports]
    return Sheet("What `import app` spends its time on (own modules)", ("package", "ms"), rows)
