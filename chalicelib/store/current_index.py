"""The matching index of this process: fetched once, replaced when the pointer moves.

What has changed in the registry since the build lies over it as an overlay, so that a factory that
was added a minute ago is found, and one that was deleted is not.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.factories.index_build import OVERLAP, IndexBuild
from chalicelib.domain.factories.registry import Factory
from chalicelib.store.index_builds import IndexBuilds
from chalicelib.store.registry import Registry

if TYPE_CHECKING:  # the matcher costs 60 ms to import: only who uses it pays
    from chalicelib.matching.index import Index
    from chalicelib.matching.overlay import Overlay

MOST_CHANGES = 2_000
"""More changes since the build than this are not laid over it: the next build is minutes away."""


class Unusable(StrEnum):
    """Why there is no index to decide with."""

    NONE_BUILT = "none_built"
    DAMAGED = "damaged"
    BEHIND = "behind"


class IndexUnusable(Exception):
    """There is no index that may be trusted now; exact keys and reviewers decide instead."""

    def __init__(self, why: Unusable) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Current:
    """The index and what has changed since it was built."""

    index: Index
    overlay: Overlay


class CurrentIndex:
    """Keeps the current index open; one for each process."""

    def __init__(self, builds: IndexBuilds, registry: Registry) -> None:
        self._builds = builds
        self._registry = registry
        self._folder = Path(tempfile.mkdtemp(prefix="handshake-index-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._open: _Open | None = None
        self._damaged: str | None = None  # a version; its file is not fetched again

    def get(self, now: datetime) -> Current:
        """The index and its overlay as of now. Raises IndexUnusable, Unavailable."""
        build = self._builds.current()
        if build is None:
            raise IndexUnusable(Unusable.NONE_BUILT)
        if self._open is None or self._open.build.version != build.version:
            self._replace(build)
        assert self._open is not None
        return self._open.refreshed(self._registry, now)

    def distrust(self) -> None:
        """Forget the open index: reading it has shown that it is damaged."""
        if self._open is not None:
            self._damaged = self._open.build.version
            self._open.close()
            self._open = None

    def _replace(self, build: IndexBuild) -> None:
        from chalicelib.matching.index import Index, IndexUnreadable

        if build.version == self._damaged:
            raise IndexUnusable(Unusable.DAMAGED)
        path = self._folder / f"{build.version}.index"
        try:
            if not self._builds.fetch(build, path):
                raise IndexUnreadable("the file is not the one that was built")
            index = Index.open(path)
        except IndexUnreadable as damage:
            self._damaged = build.version
            path.unlink(missing_ok=True)
            raise IndexUnusable(Unusable.DAMAGED) from damage
        if self._open is not None:
            self._open.close()
        self._open = _Open(build, index, path)


class _Open:
    """An open index with the changes that were read so far."""

    def __init__(self, build: IndexBuild, index: Index, path: Path) -> None:
        from chalicelib.matching.overlay import Overlay

        self.build = build
        self._index = index
        self._path = path
        self._changed: dict[str, Factory | None] = {}  # None for one that was deleted
        self._read_until = build.covers_until
        self._overlay = Overlay()

    def refreshed(self, registry: Registry, now: datetime) -> Current:
        """With the changes until now. IndexUnusable where there are too many."""
        since = max(self._read_until - OVERLAP, self.build.covers_until)
        notes = registry.changes_since(since, MOST_CHANGES + 1)
        if len(notes) > MOST_CHANGES:
            raise IndexUnusable(Unusable.BEHIND)
        self._take_in({note.factory_id for note in notes if note.factory_id}, registry)
        self._read_until = max(now, self._read_until)
        return Current(self._index, self._overlay)

    def _take_in(self, factory_ids: set[str], registry: Registry) -> None:
        from chalicelib.matching.conversions import facility_of
        from chalicelib.matching.overlay import Overlay

        newer = _with_relatives(factory_ids, registry)
        if all(
            factory_id in self._changed and self._changed[factory_id] == factory
            for factory_id, factory in newer.items()
        ):
            return
        self._changed |= newer
        if len(self._changed) > MOST_CHANGES:
            raise IndexUnusable(Unusable.BEHIND)
        added = [facility_of(one) for one in self._changed.values() if one is not None]
        # All of them: one that is another by now stands in the file under an id of its own.
        self._overlay = Overlay.of(additions=added, removed=self._changed)

    def close(self) -> None:
        """Close the file and remove it."""
        self._index.close()
        self._path.unlink(missing_ok=True)


def _with_relatives(factory_ids: set[str], registry: Registry) -> dict[str, Factory | None]:
    """Some factories as they are now, None for one that is gone; and those that are one with them,
    for the index knows all of these under one id."""
    known: dict[str, Factory | None] = {}
    while pending := factory_ids - known.keys():
        found = registry.factories(pending)
        known |= {factory_id: found.get(factory_id) for factory_id in pending}
        factory_ids = {i for one in found.values() for i in (one.id_now, *one.merged_from)}
    return known
