"""Whether the compiled parts of a package run on Lambda: processor and C library."""

import re
from collections.abc import Iterator
from pathlib import Path

RUNTIME_GLIBC = (2, 34)
"""Amazon Linux 2023, which the Python 3.12 and 3.13 runtimes stand on."""

# e_machine of the ELF header: System V ABI, supplements for AMD64 and AArch64
_MACHINES = {"x86_64": 62, "arm64": 183}
_ELF = b"\x7fELF"
_GLIBC_VERSION = re.compile(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\0])")


def unfit(directory: Path, architecture: str) -> Iterator[str]:
    """One sentence for each shared object below `directory` that could not be loaded.

    `architecture` is Lambda's word: x86_64 or arm64.
    """
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield from _complaints(path, str(path.relative_to(directory)), architecture)


def _complaints(path: Path, name: str, architecture: str) -> Iterator[str]:
    with path.open("rb") as file:
        if file.read(len(_ELF)) != _ELF:
            return
        file.seek(0)
        content = file.read()
    machine = int.from_bytes(content[18:20], "little")
    if machine != _MACHINES[architecture]:
        yield f"{name} is for ELF machine {machine}, not for {architecture}"
    newest = max(_glibc_versions(content), default=(0, 0))
    if newest > RUNTIME_GLIBC:
        yield f"{name} needs glibc {_dotted(newest)}; the runtime has {_dotted(RUNTIME_GLIBC)}"


def _glibc_versions(content: bytes) -> Iterator[tuple[int, int]]:
    """The symbol versions the object asks for; their names stand in its string table."""
    for major, minor in _GLIBC_VERSION.findall(content):
        yield int(major), int(minor)


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
