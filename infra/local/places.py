"""Where the local stack keeps its files, and the lock that keeps two stacks apart."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from infra.local.options import CannotStart

_LARGEST_LOG = 10 * 1024 * 1024


@dataclass(frozen=True)
class Places:
    """The files of a stack under its directory."""

    directory: Path

    @property
    def stack(self) -> Path:
        """What scripts read: URLs, keys, names. There only while everything answers."""
        return self.directory / "stack.json"

    @property
    def log(self) -> Path:
        """The functions' JSON logs."""
        return self.directory / "handshake.log"

    @property
    def aws_log(self) -> Path:
        """What moto says."""
        return self.directory / "aws.log"

    @property
    def snapshot(self) -> Path:
        """Kept state."""
        return self.directory / "state" / "snapshot.json.gz"

    @property
    def keys(self) -> Path:
        """Kept keys of the demo organisations, in the clear."""
        return self.directory / "state" / "keys.json"

    def make(self) -> None:
        """The directory, for this user alone; a log that has grown long starts anew."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.stack.unlink(missing_ok=True)
        for log in (self.log, self.aws_log):
            if log.exists() and log.stat().st_size > _LARGEST_LOG:
                log.replace(log.with_name(f"{log.name}.1"))

    def lock(self) -> TextIO:
        """Keep other stacks out for as long as the returned file is open. CannotStart."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (self.directory / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise CannotStart(
                f"Another stack is running with its state in {self.directory}. Stop it, or give "
                "this one a directory of its own: make run ARGS='--directory DIR'"
            ) from None
        return file

    def write_stack(self, document: dict[str, Any]) -> None:
        """Write stack.json, whole, readable for this user alone."""
        unfinished = self.stack.with_name("stack.json.unfinished")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1, ensure_ascii=False)
            file.write("\n")
        unfinished.replace(self.stack)
