"""Factories in the registry: write, read, delete; and the keys they can be found by."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.factories.identifiers import IdentifierKind, compact
from chalicelib.domain.factories.registry import Factory, FactoryFields
from chalicelib.domain.references import derive_id
from chalicelib.errors import AlreadyExists, NotFound, PreconditionFailed, StillReferenced
from chalicelib.matching.exact import Key, keys_of_factory, normalise_name
from chalicelib.store.paging import Page
from chalicelib.usecases.factories.settle_factories import current_os_id, settle_factories


class KeptFactory(NamedTuple):
    """A factory as it is now, and whether it is new."""

    factory: Factory
    created: bool


def factory_id_for(fields: FactoryFields) -> str:
    """The id of a factory that is new: from its OS ID, else from country, name and address."""
    if fields.os_id:
        return derive_id("f", "os_id", fields.os_id)
    place = normalise_name(" ".join(part for part in (fields.address, fields.city) if part))
    return derive_id("f", "place", fields.country, normalise_name(fields.name), place)


def create_factory(fields: FactoryFields, *, deps: Deps) -> KeptFactory:
    """Add a factory. The same fields again give the same factory; AlreadyExists for others.

    The keys and the note of the change come first: they are harmless without their factory, a
    factory without them is lost. Cases that waited for such a factory become due again.
    """
    factory_id = factory_id_for(fields)
    known = deps.registry.factory(factory_id)
    if known is not None:
        return _repeated(known, fields, deps)
    factory = Factory(
        factory_id=factory_id,
        updated_at=deps.now(),
        current_os_id=current_os_id(fields.os_id, deps=deps),
        **dict(fields),
    )
    deps.registry.add_keys(factory_id, keys_of_factory(factory))
    deps.registry.note_changes([factory_id], factory.updated_at)
    deps.registry.save_factory(factory)
    deps.work.watch_country(factory.country, factory.updated_at)
    return KeptFactory(_settled(factory, deps), created=True)


def _repeated(known: Factory, fields: FactoryFields, deps: Deps) -> KeptFactory:
    if any(getattr(known, name) != value for name, value in fields):
        raise AlreadyExists(f"This is factory `{known.factory_id}`. PUT it to change it.")
    deps.registry.add_keys(known.factory_id, keys_of_factory(known))
    deps.work.watch_country(known.country, deps.now())
    return KeptFactory(_settled(known, deps), created=False)


def _settled(factory: Factory, deps: Deps, *before: str | None) -> Factory:
    """The factory once it, and those that had its OS IDs, are known by what those are now."""
    os_ids = [*before, factory.current_os_id or factory.os_id]
    found = settle_factories(os_ids, deps=deps) if any(os_ids) else {}
    return found.get(factory.factory_id, factory)


def read_factory(factory_id: str, *, deps: Deps) -> Factory:
    """A factory. NotFound."""
    factory = deps.registry.factory(factory_id)
    if factory is None:
        raise NotFound()
    return factory


def find_factories(os_id: str, country: str | None, *, deps: Deps) -> Page[Factory]:
    """The factories that an OS ID means now, of one country if given: one page, without a next.

    One that has turned out to be another is not among them; that one is.
    """
    key = Key(IdentifierKind.OS_ID, compact(os_id))
    found, _ = deps.registry.find_following([key])
    known = deps.registry.factories({i for ids in found.values() for i in ids})
    merged = {factory.id_now for factory in known.values()} - known.keys()
    known |= deps.registry.factories(merged)
    meant = {factory.id_now for factory in known.values()} & known.keys()
    listed = (known[factory_id] for factory_id in sorted(meant))
    return Page([f for f in listed if country in (None, f.country)], None)


def replace_factory(
    factory_id: str, fields: FactoryFields, *, expected_version: int, deps: Deps
) -> Factory:
    """Replace what is known about a factory. Raises NotFound, PreconditionFailed, VersionConflict.

    New keys come before the change and old ones go after it, so that it can be found throughout.
    """
    known = read_factory(factory_id, deps=deps)
    if known.version != expected_version:
        raise PreconditionFailed()
    same_id = fields.os_id == known.os_id
    factory = Factory(
        factory_id=factory_id,
        updated_at=deps.now(),
        version=known.version + 1,
        current_os_id=current_os_id(fields.os_id, deps=deps),
        merged_into=known.merged_into if same_id else None,
        merged_from=known.merged_from if same_id else (),
        **dict(fields),
    )
    old, new = set(keys_of_factory(known)), set(keys_of_factory(factory))
    deps.registry.add_keys(factory_id, sorted(new - old))
    deps.registry.note_changes([factory_id], factory.updated_at)
    deps.registry.save_factory(factory)
    deps.registry.remove_keys(factory_id, sorted(old - new))
    deps.work.watch(factory_id, factory.updated_at)
    for country in sorted({known.country, factory.country}):
        deps.work.watch_country(country, factory.updated_at)
    return _settled(factory, deps, known.current_os_id or known.os_id)


def delete_factory(factory_id: str, *, expected_version: int, deps: Deps) -> None:
    """Delete a factory that no link, no case and no poster refers to.

    Raises NotFound, PreconditionFailed, StillReferenced.
    """
    factory = read_factory(factory_id, deps=deps)
    if factory.version != expected_version:
        raise PreconditionFailed()
    if deps.registry.page_of_factory_links(factory_id, 1, None).items:
        raise StillReferenced("Delete this factory's sourcing links first.")
    if deps.cases.of_factory(factory_id, None).items:
        raise StillReferenced("Cases name this factory; it stays for the record.")
    if deps.posters.name(factory_id):
        raise StillReferenced("Posters name this factory. End their codes first.")
    deps.registry.note_changes([factory_id], deps.now())
    deps.registry.delete_factory(factory)
    deps.registry.remove_keys(factory_id, keys_of_factory(factory))
    if factory.merged_into or factory.merged_from:
        settle_factories([factory.current_os_id or factory.os_id], deps=deps)
