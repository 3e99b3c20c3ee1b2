"""Runs what reads strangers' files in a process of its own, without credentials, within limits.

A file from a stranger is the most dangerous thing the service reads. What breaks a decoder breaks a
process that knows nothing of the service, has no environment and is gone with its file.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping

from chalicelib.domain.vocabulary import AttachmentRefusal, AudioType, ImageType

REFUSED = 3
"""Exit status of a process that says why on standard error."""

MEMORY_BYTES = 1_300_000_000
CPU_SECONDS = 60
WALL_SECONDS = 75
OPEN_FILES = 64

_MODULES: Mapping[ImageType | AudioType, str] = {
    **dict.fromkeys(ImageType, "chalicelib.channels.images"),
    **dict.fromkeys(AudioType, "chalicelib.channels.sounds"),
}


class Refused(Exception):
    """A file that is not kept, and why."""

    def __init__(self, reason: AttachmentRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


def made_anew(content: bytes, announced: ImageType | AudioType) -> bytes:
    """The same picture or sound in a new file. Raises Refused, and OSError where no process can be
    made."""
    try:
        done = subprocess.run(  # noqa: S603  (our own module; the file is its input)
            [sys.executable, "-P", "-m", _MODULES[announced], announced.value],
            input=content,
            capture_output=True,
            timeout=WALL_SECONDS,
            env=_environment(),
            cwd="/",
            preexec_fn=_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(AttachmentRefusal.TOO_DEMANDING) from None
    if done.returncode == 0 and done.stdout:
        return done.stdout
    raise Refused(_reason(done.returncode, done.stderr))


def answered(anew: Callable[[bytes], bytes]) -> int:
    """The part of the process itself: make anew what comes in; its exit status."""
    try:
        clean = anew(sys.stdin.buffer.read())
    except Refused as refused:
        sys.stderr.write(refused.reason)
        return REFUSED
    sys.stdout.buffer.write(clean)
    return 0


def _reason(status: int, told: bytes) -> AttachmentRefusal:
    """A process that was ended, or ended without a word, has met a limit."""
    if status == REFUSED:
        return AttachmentRefusal(told.decode())
    return AttachmentRefusal.TOO_DEMANDING


def _environment() -> dict[str, str]:
    """Where Python and its libraries are, and nothing else: no credentials, no settings."""
    libraries = {"LD_LIBRARY_PATH": path} if (path := os.environ.get("LD_LIBRARY_PATH")) else {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **libraries}


def _limit() -> None:  # pragma: no cover  runs in the child, before Python does
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
