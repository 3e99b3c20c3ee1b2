"""`make e2e`: package, deploy into ministack, run tests/e2e against the deployment, stop all of it.

Ends with 0 and a line that says so where it cannot run: without a Python that Lambda runs, or on a
system that cannot load the package's compiled parts.
"""

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra import interpreters
from infra.e2e import deployment, ministack
from infra.package import ROOT, Request, make

STACK_FILE = "HANDSHAKE_E2E_STACK"
"""Names the file tests/e2e reads the deployment from; without it they are not collected."""

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


class CannotRun(Exception):
    """This machine cannot run the package; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """`arguments` go to pytest. Returns its exit code."""
    try:
        architecture = _architecture()
        interpreter = interpreters.find(os.environ)
    except (CannotRun, interpreters.NoInterpreter) as reason:
        print(f"e2e not run: {reason}")
        return 0
    return _run(interpreter, architecture, arguments)


def _architecture() -> str:
    if platform.system() != "Linux" or platform.machine() not in _ARCHITECTURES:
        raise CannotRun(f"the package is for Linux on {' or '.join(_ARCHITECTURES)}")
    return _ARCHITECTURES[platform.machine()]


def _run(interpreter: Path, architecture: str, arguments: Sequence[str]) -> int:
    package = make(
        Request(stage="dev", architecture=architecture, out=ROOT / "dist" / "e2e"),
        interpreter=interpreter,
    )
    python = interpreters.virtual_environment(
        ROOT / ".venv-e2e", interpreter, ["-r", str(ROOT / "infra" / "e2e" / "requirements.txt")]
    )
    with (
        tempfile.TemporaryDirectory(prefix="handshake-e2e-") as scratch,
        ministack.running(python, Path(scratch)) as stack,
    ):
        deployed = deployment.deploy(
            stack, zip_file=package.bundle.path, template_file=package.template
        )
        print(f"deployed the package into ministack at {stack.endpoint}", flush=True)
        code = _test(deployed, Path(scratch, "stack.json"), arguments)
        if code:
            print(stack.log.read_text("utf-8", errors="replace")[-8000:])
        return code


def _test(deployed: deployment.Deployed, stack_file: Path, arguments: Sequence[str]) -> int:
    deployed.write(stack_file)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/e2e", "--durations=5", *arguments],
        cwd=ROOT,
        check=False,
        env={**os.environ, STACK_FILE: str(stack_file)},
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
