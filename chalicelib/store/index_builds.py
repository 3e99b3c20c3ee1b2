"""Builds of the matching index: the pointer to the current one, and the files it points to."""

from pathlib import Path

from chalicelib.domain.factories.index_build import IndexBuild
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.files import Files, Written
from chalicelib.store.table import Table

_POINTER = {"pk": "MATCH_INDEX", "sk": "CURRENT"}
_CONTENT_TYPE = "application/octet-stream"
_CHUNK_BYTES = 1024 * 1024

NO_NEWER_ONE = "attribute_not_exists(pk) OR built_at < :built_at"
STILL_THAT_BUILD = "version = :version"


class IndexBuilds:
    """The pointer in the `registry` table, the files under `matching/` in the bucket."""

    def __init__(self, table: Table, files: Files) -> None:
        self._table = table
        self._files = files

    def current(self) -> IndexBuild | None:
        """The current build; None before the first one."""
        item = self._table.get(_POINTER)
        return load(IndexBuild, item) if item else None

    def upload(self, version: str, path: Path) -> tuple[str, Written]:
        """Keep a built file under a key of its own; the key, and what was written."""
        key = f"matching/{version}.index"
        with path.open("rb") as file:
            chunks = iter(lambda: file.read(_CHUNK_BYTES), b"")
            return key, self._files.stream(key, chunks, _CONTENT_TYPE)

    def fetch(self, build: IndexBuild, path: Path) -> bool:
        """Copy a build's file to this machine; whether it is the one that was built."""
        found = self._files.fetch(build.key, path)
        return found == Written(build.size, build.sha256)

    def make_current(self, build: IndexBuild) -> bool:
        """Move the pointer; False when a newer build was faster."""
        built_at = dump(build)["built_at"]
        try:
            item = encode({**_POINTER, **dump(build)})
            self._table.put(item, NO_NEWER_ONE, built_at=built_at)
        except ConditionFailed:
            return False
        return True

    def retried(self, build: IndexBuild) -> None:
        """Note that the waiting cases of a build's countries were sent for another look."""
        done = build.model_copy(update={"to_retry": ()})
        try:
            item = encode({**_POINTER, **dump(done)})
            self._table.put(item, STILL_THAT_BUILD, version=build.version)
        except ConditionFailed:
            return
