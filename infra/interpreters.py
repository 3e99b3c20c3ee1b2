"""Finds a Python that Lambda runs too, and keeps virtual environments made with it.

Chalice makes the interpreter it runs under the runtime of the functions. Under 3.11 it falls back
to wheels that need a newer C library than that runtime has, so only newer ones are taken.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

OFFERED = ("3.13", "3.12")
CHOICE = "PACKAGE_PYTHON"

_PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
_DONE = ".installed"


class NoInterpreter(Exception):
    """There is no Python 3.12 or 3.13 here; the message says what to install."""

    def __init__(self, tried: Iterable[str]) -> None:
        newest = OFFERED[0]
        super().__init__(
            f"packaging needs Python {' or '.join(OFFERED)} with venv and found none "
            f"(tried {', '.join(tried) or 'nothing'}). Install one, for example with "
            f"`pyenv install {newest}`, `uv python install {newest}` or your system's packages "
            f"(python{newest} and python{newest}-venv), or name one: {CHOICE}=/path/to/python."
        )


def find(environment: Mapping[str, str]) -> Path:
    """The first interpreter that works: the chosen one, else on PATH, of pyenv, of uv, this one.

    A chosen interpreter is not replaced by another. Raises NoInterpreter.
    """
    chosen = environment.get(CHOICE)
    candidates = [chosen] if chosen else list(dict.fromkeys(_candidates(environment)))
    for candidate in candidates:
        if version_of(candidate) in OFFERED:
            return Path(candidate)
    raise NoInterpreter(candidates)


def version_of(interpreter: str) -> str | None:
    """`3.13`, or None for what is no working Python with venv (a pyenv shim without a version)."""
    try:
        probe = subprocess.run(
            [interpreter, "-c", _PROBE], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return probe.stdout.strip()


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    for version in OFFERED:
        on_path = shutil.which(f"python{version}", path=environment.get("PATH", ""))
        if on_path:
            yield on_path
        for root, pattern in _roots(environment, version):
            yield from (str(found) for found in sorted(root.glob(pattern), reverse=True))
    yield sys.executable


def _roots(environment: Mapping[str, str], version: str) -> Iterator[tuple[Path, str]]:
    home = Path(environment.get("HOME", "/"))
    pyenv = Path(environment.get("PYENV_ROOT", home / ".pyenv"))
    yield pyenv / "versions", f"{version}.*/bin/python{version}"
    yield home / ".local/share/uv/python", f"cpython-{version}.*/bin/python{version}"


def virtual_environment(directory: Path, interpreter: Path, requirements: Sequence[str]) -> Path:
    """The Python of an environment that has exactly these pip arguments installed.

    Made anew when the arguments, the files they name or the interpreter change.
    """
    wanted = _fingerprint(interpreter, requirements)
    stamp = directory / _DONE
    python = directory / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == wanted):
        subprocess.run([str(interpreter), "-m", "venv", "--clear", str(directory)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *requirements],
            check=True,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        stamp.write_text(wanted)
    return python


def _fingerprint(interpreter: Path, requirements: Sequence[str]) -> str:
    digest = hashlib.sha256(str(interpreter).encode())
    for argument in requirements:
        path = Path(argument)
        digest.update(path.read_bytes() if path.is_file() else argument.encode())
    return digest.hexdigest()
