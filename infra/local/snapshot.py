"""The file that state is kept in between runs: whole or not at all, and never silently given up."""

import base64
import gzip
import json
import os
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

State = dict[str, Any]

FORMAT = 1
"""Goes up when what a snapshot holds changes its meaning."""

_BYTES = "$base64"


class Unreadable(Exception):
    """There is a snapshot and it cannot be used; the message says why."""


class SnapshotFile:
    """A snapshot at a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, state: State, saved_at: datetime) -> None:
        """Replace the snapshot. Until the new one is safe on disk the old one stays.

        Only the user may read it: it holds secrets. OSError.
        """
        document = {"format": FORMAT, "saved_at": saved_at.isoformat(), "state": state}
        text = json.dumps(document, default=_encoded, separators=(",", ":"))
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.path.with_name(f"{self.path.name}.unfinished")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(gzip.compress(text.encode(), compresslevel=1, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def read(self) -> State | None:
        """The state; None when nothing was ever kept. Raises Unreadable."""
        try:
            document = json.loads(gzip.decompress(self.path.read_bytes()), object_hook=_decoded)
            written_as, state = document["format"], document["state"]
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError) as error:
            raise Unreadable(f"it is damaged ({type(error).__name__})") from error
        if written_as != FORMAT:
            raise Unreadable(f"it has format {written_as}, this version reads format {FORMAT}")
        if not isinstance(state, dict):
            raise Unreadable("it is damaged (no state in it)")
        return state

    def move_aside(self, at: datetime) -> Path:
        """Keep a snapshot that cannot be used under another name; where it is now."""
        kept = self.path.with_name(f"{self.path.name}.unreadable-{at:%Y%m%dT%H%M%S}")
        self.path.replace(kept)
        return kept


def _encoded(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    raise TypeError(f"a snapshot cannot hold a {type(value).__name__}")


def _decoded(found: dict[str, Any]) -> Any:
    return base64.b64decode(found[_BYTES]) if found.keys() == {_BYTES} else found
