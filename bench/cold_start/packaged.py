"""The packaged zip, where there is one that this machine can run."""

import json
import os
import platform
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cold_start.starting import Interpreter
from bench.environment import ROOT
from infra import interpreters

DIST = ROOT / "dist"
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


def packages(dist: Path = DIST) -> list[Path]:
    """The zips that `make package` and `make e2e` have left behind."""
    return [z for z in (dist / "deployment.zip", dist / "e2e" / "deployment.zip") if z.exists()]


def runs_here(package: Path) -> bool:
    """Whether the functions of the template beside the zip are for this machine's processor."""
    template = json.loads((package.parent / "template.json").read_text("utf-8"))
    (architecture,) = template["Resources"]["APIHandler"]["Properties"]["Architectures"]
    return _MACHINES[architecture] == platform.machine() and platform.system() == "Linux"


@contextmanager
def unpacked(package: Path) -> Iterator[Interpreter]:
    """The package unpacked, and the interpreter that Lambda would run it with.

    Nothing that is installed beside that interpreter is seen (`-S`), and the package comes before
    the working tree (`-P`). Raises NoInterpreter.
    """
    python = interpreters.find(os.environ)
    with TemporaryDirectory(prefix="handshake-bench-") as folder:
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        yield Interpreter(python, ("-S", "-P"), (Path(folder), ROOT))
