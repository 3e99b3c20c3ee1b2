"""`make package`: the zip and the template that are deployed, in dist/.

Needs the repository's own environment to run in, and a Python that Lambda runs, which it finds
(infra/interpreters.py) and gives an environment of its own, `.venv-package`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra import bundle, interpreters, packaged

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("dev", "prod")
ARCHITECTURES = ("arm64", "x86_64")

_PACKAGED_SOURCES = ("app.py", "chalicelib", ".chalice", "infra/policies", "infra/template.yaml")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.py[co]", ".*", "deployments", "deployed")


@dataclass(frozen=True)
class Request:
    """A stage of .chalice/config.json, an architecture in Lambda's word, where both files go."""

    stage: str
    architecture: str
    out: Path


@dataclass(frozen=True)
class Package:
    """What was made: the zip and the template beside it."""

    bundle: bundle.Bundle
    template: Path


def make(request: Request, *, interpreter: Path, source: Path = ROOT) -> Package:
    """Package the working tree. Raises bundle.Unfit, packaged.LintFailed, CalledProcessError."""
    python = interpreters.virtual_environment(
        source / ".venv-package",
        interpreter,
        [
            *("-r", str(source / "requirements.txt")),
            *("-c", str(source / "requirements-dev.txt"), "chalice"),
        ],
    )
    with tempfile.TemporaryDirectory() as scratch:
        project, raw = Path(scratch, "project"), Path(scratch, "raw")
        export(source, project, architecture=request.architecture)
        _run_chalice(project, raw, python=python, stage=request.stage)
        finished = bundle.finish(
            raw / "deployment.zip",
            request.out / "deployment.zip",
            interpreter=python,
            architecture=request.architecture,
        )
        template = packaged.finished(
            (raw / "sam.yaml").read_text("utf-8"),
            stage=request.stage,
            vault_routes=packaged.vault_routes(),
        )
    packaged.write(template, request.out / "template.json")
    return Package(finished, request.out / "template.json")


def export(source: Path, project: Path, *, architecture: str) -> None:
    """Copy what is packaged, without bytecode or hidden files, for one architecture."""
    for name in _PACKAGED_SOURCES:
        origin, copy = source / name, project / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, ignore=_LEFT_OUT)
        else:
            shutil.copyfile(origin, copy)
    shutil.copyfile(source / "requirements.txt", project / "requirements.txt")
    config_file = project / ".chalice" / "config.json"
    config = json.loads(config_file.read_text("utf-8"))
    config_file.write_text(json.dumps({**config, "lambda_architecture": architecture}), "utf-8")


def _run_chalice(project: Path, out: Path, *, python: Path, stage: str) -> None:
    merge = ["--merge-template", "infra/template.yaml"]
    subprocess.run(
        [str(python.with_name("chalice")), "package", "--stage", stage, *merge, str(out)],
        cwd=project,
        check=True,
        # Chalice wants a region, though it calls nothing
        env={"AWS_DEFAULT_REGION": "us-east-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def main(arguments: Sequence[str]) -> int:
    """Package, and print what was made. 1 and one plain sentence where that is not possible."""
    options = _options(arguments)
    request = Request(options.stage, options.architecture, options.out)
    try:
        interpreter = interpreters.find(os.environ)
        print(f"packaging stage {request.stage} for {request.architecture} with {interpreter}")
        package = make(request, interpreter=interpreter)
        if options.check:
            _check_again(request, package, interpreter)
    except (interpreters.NoInterpreter, bundle.Unfit, packaged.LintFailed, _Differs) as refusal:
        print(f"not packaged: {refusal}", file=sys.stderr)
        return 1
    _tell(package)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, default="prod")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="arm64")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--check", action="store_true", help="package twice, compare the bytes")
    return parser.parse_args(arguments)


class _Differs(Exception):
    """Two packages of one input differ."""


def _check_again(request: Request, first: Package, interpreter: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        again = Request(request.stage, request.architecture, Path(scratch))
        second = make(again, interpreter=interpreter)
        if second.bundle.sha256 != first.bundle.sha256:
            raise _Differs(f"{second.bundle.sha256} is not {first.bundle.sha256}")
        if second.template.read_bytes() != first.template.read_bytes():
            raise _Differs("the two templates differ")
    print("packaged twice: the same bytes")


def _tell(package: Package) -> None:
    made = package.bundle
    print(f"{made.path}: {made.zipped / 1e6:.1f} MB, {made.unzipped / 1e6:.1f} MB unzipped")
    print(f"sha256 {made.sha256}")
    print(f"{package.template}: cfn-lint has nothing to say")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
