"""Factories whose OS IDs are the same now are one factory: the registry says so, and the check
follows it up."""

from collections.abc import Iterable, Mapping

from chalicelib.deps import Deps
from chalicelib.domain.factories.identifiers import IdentifierKind, check, compact
from chalicelib.domain.factories.os_id_merge import settled, way_of
from chalicelib.domain.factories.registry import Factory
from chalicelib.matching.exact import Key, keys_of_factory


def current_os_id(os_id: str | None, *, deps: Deps) -> str | None:
    """What an OS ID is now, where it was merged into another; None where it was not."""
    if not os_id or not (checked := check(IdentifierKind.OS_ID, os_id)).valid:
        return None
    merges = deps.registry.merges_from(checked.value)
    return merges[-1].into if merges else None


def heir_of(factory: Factory | None, *, deps: Deps) -> Factory | None:
    """The factory that this one is now; None where it is none but itself."""
    if factory is None or factory.merged_into is None:
        return None
    return deps.registry.factory(factory.merged_into)


def settle_factories(os_ids: Iterable[str | None], *, deps: Deps) -> dict[str, Factory]:
    """Let the factories that are known by these OS IDs say what their ids are now, and which of
    them are one; all of them as they are then, by id.

    Where two are one, a note has the cases of the one go to the other, and brands of either told;
    that is written whenever this is asked, so that a repeat mends what a kill left undone. Raises
    VersionConflict.
    """
    before, into = _known_by({compact(os_id) for os_id in os_ids if os_id}, deps)
    after = {
        factory_id: _rewritten(before[factory_id], factory, deps)
        for factory_id, factory in _standing_first(settled(before.values(), into))
    }
    now = deps.now()
    for factory in after.values():
        if factory.merged_into is not None:
            deps.work.watch_merged(factory.factory_id, now)
            deps.work.watch(factory.merged_into, now)
    return after


def _known_by(os_ids: set[str], deps: Deps) -> tuple[dict[str, Factory], dict[str, str]]:
    """The factories with these OS IDs, or whose ids are these now, or what these are now; and the
    merges that lead from all of their ids."""
    known, into, asked = dict[str, Factory](), dict[str, str](), set[str]()
    while pending := os_ids - asked:
        asked |= pending
        found = deps.registry.find([Key(IdentifierKind.OS_ID, os_id) for os_id in sorted(pending)])
        unread = {i for ids in found.values() for i in ids} - known.keys()
        known |= deps.registry.factories(unread) if unread else {}
        own = {compact(factory.os_id) for factory in known.values() if factory.os_id}
        into |= deps.registry.following(pending | own)
        os_ids = {way_of(os_id, into)[-1] for os_id in pending | own}
    return known, into


def _standing_first(factories: Mapping[str, Factory]) -> list[tuple[str, Factory]]:
    """The one that stands for others first: then a kill leaves none that leads to nothing."""
    return sorted(factories.items(), key=lambda pair: pair[1].merged_into is not None)


def _rewritten(before: Factory, factory: Factory, deps: Deps) -> Factory:
    """The factory once that is written: found by its new key first, by an old one until the end.

    Both are looked at again as other changes of the registry are: the note comes first.
    """
    if factory == before:
        return before
    changed = {"updated_at": deps.now(), "version": before.version + 1}
    factory = factory.model_copy(update=changed)
    old, new = set(keys_of_factory(before)), set(keys_of_factory(factory))
    deps.registry.add_keys(factory.factory_id, sorted(new - old))
    deps.registry.note_changes([factory.factory_id], factory.updated_at)
    deps.registry.save_factory(factory)
    deps.registry.remove_keys(factory.factory_id, sorted(old - new))
    deps.work.watch_country(factory.country, factory.updated_at)
    return factory
