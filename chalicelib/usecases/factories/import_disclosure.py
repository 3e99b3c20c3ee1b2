"""Take a brand's disclosed list into the registry: factories, links, and what has disappeared."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Annotated, NamedTuple

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.factories.identifiers import IdentifierKind, compact
from chalicelib.domain.factories.os_id_merge import way_of
from chalicelib.domain.factories.registry import (
    BrandId,
    Factory,
    FactoryFields,
    LinkFields,
    SourcingLink,
)
from chalicelib.domain.text import CountryCode, Line
from chalicelib.domain.values import Moment, Value
from chalicelib.matching.exact import Key, keys_of_factory, normalise_name, without_stale
from chalicelib.usecases.factories.keep_factories import factory_id_for

BATCH = 50


class ImportRequest(Value):
    """What a list is: whose, of when, under which lasting name, whether it is the whole list."""

    brand_id: BrandId
    disclosed_at: Annotated[date, Field(description="The day the brand published it.")]
    source: Annotated[
        Line,
        Field(description="A name that stays from year to year, `nike-manufacturing-map`."),
    ]
    tier: Annotated[int, Field(ge=1, le=9)] = 1
    complete: Annotated[
        bool, Field(description="Links of this source that the list no longer has are closed.")
    ] = True
    default_country: Annotated[
        CountryCode | None, Field(description="For lines that give none.")
    ] = None


class Disclosed(NamedTuple):
    """A facility of the list, and its tier where the list says so."""

    fields: FactoryFields
    tier: int | None


class Imported(Value):
    """What an import changed."""

    facilities: int = 0
    factories_created: int = 0
    factories_updated: int = 0
    links_created: int = 0
    links_updated: int = 0
    links_closed: int = 0

    def plus(self, **more: int) -> "Imported":
        """The counts with some added."""
        return self.model_copy(update={name: getattr(self, name) + n for name, n in more.items()})


def import_disclosure(
    request: ImportRequest,
    facilities: Iterable[Disclosed],
    *,
    started_at: Moment,
    is_whole: Callable[[], bool],
    report: Callable[[Imported], None],
    deps: Deps,
) -> Imported:
    """Write what a list discloses; run again, it changes nothing more.

    `is_whole` is asked after the last facility: only a list that was read to its end closes the
    links that it no longer has. `report` is told after each batch. Cases that waited for a brand
    become due again; those that waited for a factory do once the next matching index is built.
    Raises Unavailable.
    """
    counts, seen = Imported(), set[str]()
    stream = iter(facilities)
    while batch := list(islice(stream, BATCH)):
        counts = _import_batch(request, batch, counts, seen, started_at, deps)
        report(counts)
    if request.complete and is_whole():
        counts = counts.plus(links_closed=_close_disappeared(request, seen, started_at, deps))
    deps.work.watch_brand(request.brand_id, deps.now())
    return counts


def _import_batch(
    request: ImportRequest,
    batch: Sequence[Disclosed],
    counts: Imported,
    seen: set[str],
    at: Moment,
    deps: Deps,
) -> Imported:
    known = _Known(batch, at, deps)
    tiers: dict[str, int] = {}
    for disclosed in batch:
        factory = known.taken_in(disclosed.fields)
        tiers.setdefault(factory.factory_id, disclosed.tier or request.tier)
    created, updated = known.changes()
    deps.registry.note_changes((f.factory_id for f in (*created, *updated)), deps.now())
    for factory in (*created, *updated):
        deps.registry.add_keys(factory.factory_id, known.new_keys_of(factory))
    # A facility that the list names twice has the tier of its first line, in every run.
    first = {factory_id: tier for factory_id, tier in tiers.items() if factory_id not in seen}
    links, created_links = _links(request, first, at, deps)
    deps.registry.save_all([*created, *updated, *links])
    seen.update(tiers)
    return counts.plus(
        facilities=len(batch),
        factories_created=len(created),
        factories_updated=len(updated),
        links_created=created_links,
        links_updated=len(links) - created_links,
    )


class _Known:
    """What the registry knows about a batch, read in a few calls; and what the batch adds to it."""

    def __init__(self, batch: Sequence[Disclosed], at: Moment, deps: Deps) -> None:
        self._at = at
        wanted = {key for d in batch for key in keys_of_factory(_new(d.fields, None, at))}
        found, self._into = deps.registry.find_following(wanted)
        self._keys = {Key(*key): ids for key, ids in found.items()}
        ids = {factory_id for of_key in self._keys.values() for factory_id in of_key}
        self._stored = deps.registry.factories(ids | {factory_id_for(d.fields) for d in batch})
        merged = {f.id_now for f in self._stored.values()} - self._stored.keys()
        self._stored |= deps.registry.factories(merged) if merged else {}
        self._now = dict(self._stored)
        current = without_stale(self._keys, self._stored)
        self._ids = {key: set(found) for key, found in current.items()}

    def taken_in(self, fields: FactoryFields) -> Factory:
        """The factory that a line means, with what the line adds to it; a new one if need be."""
        found = self._meant(fields)
        current = self._current(fields.os_id)
        factory = (
            _merged(found, fields, current, self._at) if found else _new(fields, current, self._at)
        )
        self._now[factory.factory_id] = factory
        for key in keys_of_factory(factory):
            self._ids.setdefault(key, set()).add(factory.factory_id)
        return factory

    def changes(self) -> tuple[list[Factory], list[Factory]]:
        """The factories that are new, and those that say more than before."""
        changed = [f for i, f in self._now.items() if self._stored.get(i) is not f]
        new = [f for f in changed if f.factory_id not in self._stored]
        return new, [f for f in changed if f.factory_id in self._stored]

    def new_keys_of(self, factory: Factory) -> list[Key]:
        """The factory's keys that the registry does not have for it yet."""
        return [
            key
            for key in keys_of_factory(factory)
            if factory.factory_id not in self._keys.get(key, ())
        ]

    def _current(self, os_id: str | None) -> str | None:
        """What an OS ID of the list is now, where it was merged into another."""
        way = way_of(compact(os_id), self._into) if os_id else ()
        return way[-1] if len(way) > 1 else None

    def _meant(self, fields: FactoryFields) -> Factory | None:
        """The factory that a line means: the same OS ID, as it is now, or the same name at the same
        place. Where that one is another now, the other."""
        if fields.os_id and (same_id := self._same_id(fields.os_id)):
            return self._as_now(same_id[0])
        own = self._now.get(factory_id_for(fields))
        if own is not None:
            return self._as_now(own)
        name = Key("name", f"{fields.country}|{normalise_name(fields.name)}")
        same_place = [known for known in self._with(name) if self._same_place(known, fields)]
        return self._as_now(same_place[0]) if len({f.id_now for f in same_place}) == 1 else None

    def _same_id(self, os_id: str) -> list[Factory]:
        return self._with(Key(IdentifierKind.OS_ID, self._current(os_id) or compact(os_id)))

    def _as_now(self, factory: Factory) -> Factory:
        return self._now.get(factory.id_now, factory)

    def _same_place(self, known: Factory, fields: FactoryFields) -> bool:
        """Equal addresses; two OS IDs that differ are two places whatever the address says."""
        disclosed = self._current(fields.os_id) or fields.os_id
        both = {compact(i) for i in (known.current_os_id or known.os_id, disclosed) if i}
        if len(both) > 1 or not (known.address and fields.address):
            return False
        return normalise_name(known.address) == normalise_name(fields.address)

    def _with(self, key: Key) -> list[Factory]:
        return [self._now[i] for i in sorted(self._ids.get(key, ())) if i in self._now]


def _new(fields: FactoryFields, current: str | None, at: Moment) -> Factory:
    """A factory as it was disclosed, and what its OS ID is now, where that was merged."""
    return Factory.model_construct(
        **dict(fields),
        factory_id=factory_id_for(fields),
        updated_at=at,
        version=1,
        current_os_id=current,
    )


def _merged(known: Factory, fields: FactoryFields, current: str | None, at: Moment) -> Factory:
    """What was known, with gaps filled and another spelling kept as an alias."""
    updates: dict[str, object] = {
        name: value
        for name, value in fields
        if name not in ("name", "aliases") and value and not getattr(known, name)
    }
    if "os_id" in updates:
        updates["current_os_id"] = current
    spellings = {normalise_name(name) for name in (known.name, *known.aliases)}
    if normalise_name(fields.name) not in spellings and len(known.aliases) < 50:
        updates["aliases"] = (*known.aliases, fields.name)
    if not updates:
        return known
    return known.model_copy(update={**updates, "updated_at": at, "version": known.version + 1})


def _links(
    request: ImportRequest, tiers: dict[str, int], at: Moment, deps: Deps
) -> tuple[list[SourcingLink], int]:
    """The links to write for some factories, and how many of them are new."""
    known = deps.registry.links_between(request.brand_id, tiers)
    written: list[SourcingLink] = []
    for factory_id, tier in tiers.items():
        link = _link(request, factory_id, tier, known.get(factory_id), at)
        if link is not None:
            written.append(link)
    return written, sum(link.factory_id not in known for link in written)


def _link(
    request: ImportRequest, factory_id: str, tier: int, known: SourcingLink | None, at: Moment
) -> SourcingLink | None:
    """The link as the list says it; None when the registry says so already or knows better."""
    if known is not None and known.disclosed_at > request.disclosed_at:
        return None
    fields = LinkFields(tier=tier, source=request.source, disclosed_at=request.disclosed_at)
    if known is not None:
        fields = fields.model_copy(update={"valid_from": known.valid_from})
        if all(getattr(known, name) == value for name, value in fields):
            return None
    return SourcingLink.model_construct(
        **dict(fields),
        brand_id=request.brand_id,
        factory_id=factory_id,
        updated_at=at,
        version=1 if known is None else known.version + 1,
    )


def _close_disappeared(request: ImportRequest, seen: set[str], at: Moment, deps: Deps) -> int:
    """Close this source's links that a newer list no longer has, on the day it was published."""
    closed = 0
    for batch in _batches(deps.registry.links_of_brand(request.brand_id)):
        gone = [
            link.model_copy(
                update={
                    "valid_to": request.disclosed_at,
                    "updated_at": at,
                    "version": link.version + 1,
                }
            )
            for link in batch
            if _disappeared(link, request, seen)
        ]
        deps.registry.save_all(gone)
        closed += len(gone)
    return closed


def _disappeared(link: SourcingLink, request: ImportRequest, seen: set[str]) -> bool:
    return (
        link.factory_id not in seen
        and link.source == request.source
        and link.valid_to is None
        and link.disclosed_at < request.disclosed_at
    )


def _batches(links: Iterable[SourcingLink]) -> Iterator[list[SourcingLink]]:
    stream = iter(links)
    while batch := list(islice(stream, 100)):
        yield batch
