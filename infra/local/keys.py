"""Keys for the demo organisations, made as the service makes every key: from `secrets`, kept by it
only as a keyed hash. The local stack itself keeps them in the clear, for whoever tries it out."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.domain.admission.key_text import RANDOM_BYTES, is_key_text, key_text
from chalicelib.domain.vocabulary import Role


@dataclass(frozen=True)
class Holder:
    """Who gets a key, and what stack.json calls it."""

    name: str
    role: Role
    organisation: str


@dataclass(frozen=True)
class DemoKey:
    """A key in the clear."""

    name: str
    role: str
    organisation: str
    key: str


def keys_for(holders: Sequence[Holder], file: Path | None) -> list[DemoKey]:
    """A key for each holder: the one that `file` has, else a new one, which is written there."""
    known = {key.name: key for key in _read(file)} if file else {}
    keys = [known.get(holder.name) or _new(holder) for holder in holders]
    if file and set(known.values()) != set(keys):
        _write(file, keys)
    return keys


def _new(holder: Holder) -> DemoKey:
    key = key_text(secrets.token_hex(RANDOM_BYTES))
    return DemoKey(holder.name, holder.role.value, holder.organisation, key)


def _read(file: Path) -> list[DemoKey]:
    """Nothing where the file is missing or unreadable: then there are new keys."""
    try:
        keys = [DemoKey(**key) for key in json.loads(file.read_text("utf-8"))]
        return [key for key in keys if is_key_text(key.key)]
    except (OSError, ValueError, TypeError):
        return []


def _write(file: Path, keys: Sequence[DemoKey]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump([asdict(key) for key in keys], opened, indent=1)
