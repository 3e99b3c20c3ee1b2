"""Merges of OS IDs: write, read, list, take back; what follows for the factories that have them."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.factories.identifiers import IdentifierKind, check
from chalicelib.domain.factories.os_id_merge import MOST_STEPS, OsIdMerge, OsIdMergeFields, way_of
from chalicelib.errors import (
    AlreadyExists,
    FieldError,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.factories.settle_factories import settle_factories


class Followed(NamedTuple):
    """A merge, and the way from its OS ID to what that is now."""

    merge: OsIdMerge
    way: tuple[str, ...]


class KeptMerge(NamedTuple):
    """A merge as it is now, and whether it is new."""

    followed: Followed
    created: bool


def put_os_id_merge(os_id: str, fields: OsIdMergeFields, *, deps: Deps) -> KeptMerge:
    """Say that an OS ID was merged into another one.

    From the same moment on it means that one, wherever it is looked up. The merge is written first,
    what follows for factories and waiting cases after: a repeat mends what a kill left undone.
    Raises ValidationFailed (no OS ID, merged into itself, a circle), AlreadyExists (it was merged
    into another one), VersionConflict.
    """
    into = _checked(os_id, fields.into)
    fields = fields.model_copy(update={"into": into})
    further = deps.registry.merges_from(into)
    way = (os_id, into, *(merge.into for merge in further))
    _refuse_circle(os_id, way)
    known = deps.registry.merge(os_id)
    before = None if known is None else known.into
    created = known is None or known.taken_back
    if known is not None and not known.taken_back and known.into != into:
        raise AlreadyExists("It was merged into another OS ID. Take that back first (DELETE).")
    if known is None or known.taken_back or not _says_the_same(known, fields):
        known = OsIdMerge(
            os_id=os_id,
            updated_at=deps.now(),
            version=1 if known is None else known.version + 1,
            **dict(fields),
        )
        deps.registry.save_merge(known, further)
    _followed_up((os_id, before, way[-1]), deps)
    return KeptMerge(Followed(known, way), created)


def read_os_id_merge(os_id: str, *, deps: Deps) -> Followed:
    """A merge, and what its OS ID is now. NotFound."""
    merges = deps.registry.merges_from(os_id)
    if not merges:
        raise NotFound()
    return Followed(merges[0], (os_id, *(merge.into for merge in merges)))


def list_os_id_merges(limit: int, start: Start | None, *, deps: Deps) -> Page[Followed]:
    """A page of all merges, each with what its OS ID is now."""
    page = deps.registry.list_merges(limit, start)
    merges = [merge for merge in page.items if not merge.taken_back]
    into = deps.registry.following([merge.os_id for merge in merges]) if merges else {}
    return Page([Followed(m, way_of(m.os_id, into)) for m in merges], page.next_start)


def delete_os_id_merge(os_id: str, *, expected_version: int, deps: Deps) -> None:
    """Take a wrong merge back: it stops acting first.

    Cases that went to another factory by it stay there, for brands were told; what waits for a
    reviewer is looked at again. A repeat after a kill goes on. Raises NotFound, PreconditionFailed.
    """
    merge = deps.registry.merge(os_id)
    if merge is None:
        raise NotFound()
    begun_at = merge.version - 1 if merge.taken_back else merge.version
    if begun_at != expected_version:
        raise PreconditionFailed()
    if not merge.taken_back:
        taken_back = {"taken_back": True, "updated_at": deps.now(), "version": merge.version + 1}
        merge = merge.model_copy(update=taken_back)
        deps.registry.take_merge_back(merge)
    _followed_up((os_id, merge.into), deps)
    deps.registry.delete_merge(merge)


def _checked(os_id: str, into: str) -> str:
    """The other id in its normal form. ValidationFailed."""
    old, new = (check(IdentifierKind.OS_ID, text) for text in (os_id, into))
    wrong = [
        FieldError(name, "os_id_invalid", "No OS ID: its check symbol, or its form, is not right.")
        for name, one in (("os_id", old), ("into", new))
        if not one.valid
    ]
    if wrong:
        raise ValidationFailed(errors=wrong)
    return new.value


def _refuse_circle(os_id: str, way: tuple[str, ...]) -> None:
    if way[1] == os_id:
        raise _refused("merged_into_itself", "An OS ID cannot be merged into itself.")
    if os_id in way[1:]:
        detail = "That one leads back to this one by other merges. Take the wrong one back first."
        raise _refused("merge_circle", detail)
    if len(way) > MOST_STEPS:
        detail = "That one was merged too many times. Name the id that it is now."
        raise _refused("merge_too_long", detail)


def _refused(code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError("into", code, detail)])


def _says_the_same(known: OsIdMerge, fields: OsIdMergeFields) -> bool:
    return all(getattr(known, name) == value for name, value in fields)


def _followed_up(os_ids: tuple[str | None, ...], deps: Deps) -> None:
    """Factories say what they are now; what waits where they are is looked at again, for its report
    may name one of the ids."""
    factories = settle_factories(os_ids, deps=deps)
    for country in sorted({factory.country for factory in factories.values()}):
        deps.work.watch_country(country, deps.now())
