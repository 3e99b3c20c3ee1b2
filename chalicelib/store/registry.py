"""Brands, factories, sourcing links, and the exact keys a factory can be found by."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from chalicelib.domain.dates import timestamp
from chalicelib.domain.factories.identifiers import IdentifierKind
from chalicelib.domain.factories.judgement import Judgement
from chalicelib.domain.factories.os_id_merge import OsIdMerge
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.errors import AlreadyExists, PreconditionFailed, VersionConflict
from chalicelib.store import keys
from chalicelib.store.codec import Item, dump, encode, load, readable
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused, in_our_words
from chalicelib.store.paging import Page, Start, every_item, read_sharded_page
from chalicelib.store.table import Table

V = TypeVar("V", Brand, Factory, Judgement, OsIdMerge, SourcingLink)

NOT_THERE_YET = "attribute_not_exists(pk)"
STILL_THAT_VERSION = "version = :expected"
NOT_FOLLOWED = "attribute_not_exists(pk) OR taken_back = :yes"

_FACTORY = "FACTORY#"
_LINK = "LINK#"
_OS_ID = "OS_ID#"
_MERGED = "MERGED"
_LONGEST_VALUE = 1_024
_CHANGES = "CHANGES"
_CHANGES_KEPT = timedelta(days=30)
_PAGE = 500


class Change(NamedTuple):
    """A note that a factory was written, or was about to be; notes sort in the order of time."""

    note: str
    factory_id: str


class Followed(NamedTuple):
    """The factories that have some keys, and the OS IDs that were merged, each with into which; an
    id that one was merged into is among the keys."""

    factories: dict[tuple[str, str], frozenset[str]]
    into: dict[str, str]


class Registry:
    """The `registry` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # Brands

    def brand(self, brand_id: str) -> Brand | None:
        """A brand; None when there is none."""
        return self._one(Brand, _brand_key(brand_id))

    def brands(self, brand_ids: Iterable[str]) -> dict[str, Brand]:
        """The brands among some ids that exist and can be read, a hundred a call."""
        found = self._table.get_many([_brand_key(brand_id) for brand_id in set(brand_ids)])
        return {brand.brand_id: brand for brand in readable(partial(load, Brand), found)}

    def list_brands(self, limit: int, start: Start | None) -> Page[Brand]:
        """A page of all brands."""
        return self._listed(Brand, "brand", limit, start)

    def save_brand(self, brand: Brand) -> None:
        """Write a brand at its version. AlreadyExists, VersionConflict."""
        item = {**_brand_key(brand.brand_id), **_listing("brand", brand.brand_id), **dump(brand)}
        self._save(item, brand.version)

    def delete_brand(self, brand: Brand) -> None:
        """Delete a brand as it was read. PreconditionFailed."""
        self._delete(_brand_key(brand.brand_id), brand.version)

    # Factories

    def factory(self, factory_id: str) -> Factory | None:
        """A factory; None when there is none."""
        return self._one(Factory, _factory_key(factory_id))

    def factories(self, factory_ids: Iterable[str]) -> dict[str, Factory]:
        """The factories among some ids that exist and can be read, a hundred a call."""
        found = self._table.get_many([_factory_key(factory_id) for factory_id in set(factory_ids)])
        return {known.factory_id: known for known in readable(partial(load, Factory), found)}

    def existing(self, factory_ids: Iterable[str]) -> set[str]:
        """Those of some ids that a factory has, whether it can be read or not."""
        found = self._table.get_many([_factory_key(factory_id) for factory_id in set(factory_ids)])
        return {item["pk"]["S"].removeprefix(_FACTORY) for item in found}

    def list_factories(self, country: str | None, limit: int, start: Start | None) -> Page[Factory]:
        """A page of all factories, or of those in a country."""
        return self._listed(Factory, "factory", limit, start, country=country)

    def save_factory(self, factory: Factory) -> None:
        """Write a factory at its version. AlreadyExists, VersionConflict."""
        self._save(_factory_item(factory), factory.version)

    def delete_factory(self, factory: Factory) -> None:
        """Delete a factory as it was read. PreconditionFailed."""
        self._delete(_factory_key(factory.factory_id), factory.version)

    def all_factories(self) -> Iterator[Factory]:
        """Every factory that can be read, page by page. What was written seconds ago may lack."""
        for item in self._everything("factory"):
            yield from readable(partial(load, Factory), [item])

    # What has changed

    def note_changes(self, factory_ids: Iterable[str], at: datetime) -> None:
        """Note that factories are about to be written or deleted, 25 a call.

        The note comes first: a factory that was written without one would stay unknown to whoever
        holds an index. A note without its change is harmless.
        """
        self._write_all(_note(at, factory_id) for factory_id in dict.fromkeys(factory_ids))

    def note_judgements(self, at: datetime) -> None:
        """Note that reviewers' judgements have changed: the next index is built with them."""
        self._write_all([_note(at, "")])

    def changes_since(self, at: datetime, limit: int) -> list[Change]:
        """The notes that were made since a time, oldest first, at most `limit` of them.

        One about judgements names no factory.
        """
        page = self._table.page(
            {"pk": _CHANGES}, limit, None, sort="sk >= :since", values={"since": timestamp(at)}
        )
        return [_change(item) for item in page.items]

    def changed_since(self, at: datetime) -> set[str]:
        """The ids of all factories that changed since a time, read page by page."""
        notes = every_item(
            lambda start: self._table.page(
                {"pk": _CHANGES}, 1000, start, sort="sk >= :since", values={"since": timestamp(at)}
            )
        )
        return {_change(item).factory_id for item in notes}

    def latest_change(self) -> Change | None:
        """The newest note; None when nothing was ever noted, or not for a month."""
        page = self._table.page({"pk": _CHANGES}, 1, None, descending=True)
        return _change(page.items[0]) if page.items else None

    # Judgements

    def save_judgement(self, judgement: Judgement) -> None:
        """Write a judgement; the same one again replaces it."""
        judgement_id = judgement.judgement_id
        listing = _listing("judgement", judgement_id)
        self._table.put(encode({**_judgement_key(judgement_id), **listing, **dump(judgement)}))

    def judgement(self, judgement_id: str) -> Judgement | None:
        """A judgement; None when there is none."""
        return self._one(Judgement, _judgement_key(judgement_id))

    def list_judgements(self, limit: int, start: Start | None) -> Page[Judgement]:
        """A page of all judgements."""
        return self._listed(Judgement, "judgement", limit, start)

    def all_judgements(self) -> Iterator[Judgement]:
        """Every judgement that can be read, page by page."""
        for item in self._everything("judgement"):
            yield from readable(partial(load, Judgement), [item])

    def delete_judgement(self, judgement_id: str) -> None:
        """Delete a judgement; one that is gone already is no error."""
        self._table.delete(_judgement_key(judgement_id))

    # Exact keys

    def add_keys(self, factory_id: str, names: Iterable[tuple[str, str]]) -> None:
        """Let a factory be found by (kind, value) keys; one call each, repeating is harmless."""
        for kind, value in names:
            self._change_key(kind, value, "ADD", factory_id)

    def remove_keys(self, factory_id: str, names: Iterable[tuple[str, str]]) -> None:
        """The inverse of `add_keys`."""
        for kind, value in names:
            self._change_key(kind, value, "DELETE", factory_id)

    def find(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
        """The ids of the factories that have each of some keys, a hundred keys a call."""
        by_partition = {_exact_key(kind, value)["pk"]: (kind, value) for kind, value in wanted}
        found = self._table.get_many([{"pk": pk, "sk": "KEY"} for pk in by_partition])
        return {
            by_partition[item["pk"]["S"]]: frozenset(item["factories"]["SS"])
            for item in found
            if "factories" in item
        }

    def find_following(self, wanted: Iterable[tuple[str, str]]) -> Followed:
        """What `find` finds, also for what OS IDs among the keys are now: another call for each
        step that one of them was merged, a hundred rows a call."""
        found, into = dict[tuple[str, str], frozenset[str]](), dict[str, str]()
        asked = set[tuple[str, str]]()
        while pending := set(wanted) - asked:
            asked |= pending
            ids = [value for kind, value in pending if kind == IdentifierKind.OS_ID]
            by_partition = {_exact_key(*key)["pk"]: key for key in pending}
            rows = [{"pk": pk, "sk": "KEY"} for pk in by_partition]
            for item in self._table.get_many([*rows, *map(_merge_key, ids)]):
                if item["sk"]["S"] == _MERGED:
                    into |= _followed(item)
                elif "factories" in item:
                    found[by_partition[item["pk"]["S"]]] = frozenset(item["factories"]["SS"])
            wanted = {(IdentifierKind.OS_ID.value, os_id) for os_id in into.values()}
        return Followed(found, into)

    # Merges of OS IDs

    def merge(self, os_id: str) -> OsIdMerge | None:
        """The merge of an OS ID, also one that is being taken back; None when there is none."""
        return self._one(OsIdMerge, _merge_key(os_id))

    def merges_from(self, os_id: str) -> list[OsIdMerge]:
        """The merges that lead from an OS ID to what it is now: a call for each, and one more."""
        way: list[OsIdMerge] = []
        while (merge := self.merge(os_id)) is not None and not merge.taken_back:
            if merge in way:
                break
            way.append(merge)
            os_id = merge.into
        return way

    def following(self, os_ids: Iterable[str]) -> dict[str, str]:
        """Into which OS ID some were merged, and those: a call for each step of the longest way."""
        into, asked = dict[str, str](), set[str]()
        while pending := set(os_ids) - asked:
            asked |= pending
            for item in self._table.get_many([_merge_key(os_id) for os_id in pending]):
                into |= _followed(item)
            os_ids = into.values()
        return into

    def list_merges(self, limit: int, start: Start | None) -> Page[OsIdMerge]:
        """A page of all merges of OS IDs."""
        return self._listed(OsIdMerge, "os_id_merge", limit, start)

    def save_merge(self, merge: OsIdMerge, further: Sequence[OsIdMerge]) -> None:
        """Write a merge at its version, if the way on from its `into` is still `further`: so no two
        that are written at once close a circle. VersionConflict."""
        listing = _listing("os_id_merge", merge.os_id)
        item = encode({**_merge_key(merge.os_id), **listing, **dump(merge)})
        new, end = merge.version == 1, further[-1].into if further else merge.into
        row = (
            self._table.put_row(item, NOT_THERE_YET)
            if new
            else self._table.put_row(item, STILL_THAT_VERSION, expected=merge.version - 1)
        )
        still = [
            self._table.check_row(_merge_key(each.os_id), STILL_THAT_VERSION, expected=each.version)
            for each in further
        ]
        unmerged = self._table.check_row(_merge_key(end), NOT_FOLLOWED, yes=True)
        try:
            self._table.transact([row, *still, unmerged])
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def take_merge_back(self, merge: OsIdMerge) -> None:
        """Write a merge that is followed no more, at its version. VersionConflict."""
        listing = _listing("os_id_merge", merge.os_id)
        self._save({**_merge_key(merge.os_id), **listing, **dump(merge)}, merge.version)

    def delete_merge(self, merge: OsIdMerge) -> None:
        """Delete a merge as it was read. PreconditionFailed."""
        self._delete(_merge_key(merge.os_id), merge.version)

    def _change_key(self, kind: str, value: str, verb: str, factory_id: str) -> None:
        self._table.update(
            _exact_key(kind, value), f"{verb} factories :factory", None, factory={factory_id}
        )

    # Links

    def link(self, factory_id: str, brand_id: str) -> SourcingLink | None:
        """The link between a factory and a brand; None when there is none."""
        return self._one(SourcingLink, _link_key(factory_id, brand_id))

    def links_between(self, brand_id: str, factory_ids: Iterable[str]) -> dict[str, SourcingLink]:
        """A brand's links to some factories, by factory, a hundred a call."""
        wanted = [_link_key(factory_id, brand_id) for factory_id in set(factory_ids)]
        links = [load(SourcingLink, item) for item in self._table.get_many(wanted)]
        return {link.factory_id: link for link in links}

    def links_of_factory(self, factory_id: str) -> list[SourcingLink]:
        """All links of a factory: one call for each thousand or so."""
        return list(every_item(lambda start: self.page_of_factory_links(factory_id, 1000, start)))

    def links_of_all(self, factory_ids: Iterable[str]) -> list[SourcingLink]:
        """All links of some factories, in the order of the factories: as many calls for each."""
        return [link for each in factory_ids for link in self.links_of_factory(each)]

    def page_of_factory_links(
        self, factory_id: str, limit: int, start: Start | None
    ) -> Page[SourcingLink]:
        """A page of a factory's links."""
        page = self._table.page(
            {"pk": _factory_key(factory_id)["pk"]},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": _LINK},
        )
        return _loaded(SourcingLink, page)

    def page_of_brand_links(
        self, brand_id: str, limit: int, start: Start | None
    ) -> Page[SourcingLink]:
        """A page of a brand's links."""
        page = self._table.page({"link_brand": brand_id}, limit, start, index="by_brand")
        return _loaded(SourcingLink, page)

    def links_of_brand(self, brand_id: str) -> Iterator[SourcingLink]:
        """All links of a brand, read page by page."""
        return every_item(lambda start: self.page_of_brand_links(brand_id, 500, start))

    def save_link(self, link: SourcingLink) -> None:
        """Write a link at its version. AlreadyExists, VersionConflict."""
        self._save(_link_item(link), link.version)

    def delete_link(self, link: SourcingLink) -> None:
        """Delete a link as it was read. PreconditionFailed."""
        self._delete(_link_key(link.factory_id, link.brand_id), link.version)

    # Bulk

    def save_all(self, values: Sequence[Factory | SourcingLink]) -> None:
        """Write factories and links as they are, 25 a call, whatever stands there.

        For imports only: an import is the one writer of what it read, and can be repeated.
        """
        self._write_all(
            _link_item(v) if isinstance(v, SourcingLink) else _factory_item(v) for v in values
        )

    def _write_all(self, items: Iterable[dict[str, Any]]) -> None:
        pending = [{"PutRequest": {"Item": encode(item)}} for item in items]
        while pending:
            now, pending = pending[:25], pending[25:]
            with in_our_words():
                answer = self._table.client.batch_write_item(RequestItems={self._table.name: now})
            pending += answer.get("UnprocessedItems", {}).get(self._table.name, [])

    def _one(self, model: type[V], key: dict[str, str]) -> V | None:
        item = self._table.get(key)
        return load(model, item) if item else None

    def _listed(
        self,
        model: type[V],
        entity: str,
        limit: int,
        start: Start | None,
        country: str | None = None,
    ) -> Page[V]:
        filters = "country = :country" if country else ""
        values = {"country": country} if country else {}
        page = self._listing_page(entity, limit, start, filters=filters, values=values)
        return _loaded(model, page)

    def _everything(self, entity: str) -> Iterator[Item]:
        return every_item(lambda start: self._listing_page(entity, _PAGE, start))

    def _listing_page(
        self, entity: str, limit: int, start: Start | None, **narrowed: Any
    ) -> Page[Item]:
        def page_of(shard: int, limit: int, start: Start | None) -> Page[Item]:
            partition = {"listing": keys.listing_shard(entity, shard)}
            return self._table.page(partition, limit, start, index="listing", **narrowed)

        return read_sharded_page(page_of, keys.LISTING_SHARDS, limit, start)

    def _save(self, item: dict[str, Any], version: int) -> None:
        condition = NOT_THERE_YET if version == 1 else STILL_THAT_VERSION
        values = {} if version == 1 else {"expected": version - 1}
        try:
            self._table.put(encode(item), condition, **values)
        except ConditionFailed as refused:
            raise (AlreadyExists() if version == 1 else VersionConflict()) from refused

    def _delete(self, key: dict[str, str], version: int) -> None:
        try:
            self._table.delete(key, STILL_THAT_VERSION, expected=version)
        except ConditionFailed as refused:
            raise PreconditionFailed() from refused


def _loaded(model: type[V], page: Page[Item]) -> Page[V]:
    return Page([load(model, item) for item in page.items], page.next_start)


def _brand_key(brand_id: str) -> dict[str, str]:
    return {"pk": f"BRAND#{brand_id}", "sk": "BRAND"}


def _note(at: datetime, factory_id: str) -> dict[str, Any]:
    expires = int((at + _CHANGES_KEPT).timestamp())
    return {"pk": _CHANGES, "sk": f"{timestamp(at)}#{factory_id}", "expires": expires}


def _change(item: Item) -> Change:
    note = item["sk"]["S"]
    return Change(note, note.partition("#")[2])


def _judgement_key(judgement_id: str) -> dict[str, str]:
    return {"pk": f"JUDGEMENT#{judgement_id}", "sk": "JUDGEMENT"}


def _merge_key(os_id: str) -> dict[str, str]:
    return {"pk": f"{_OS_ID}{os_id}", "sk": _MERGED}


def _followed(item: Item) -> dict[str, str]:
    """Into which id a stored merge leads; nowhere where it is being taken back."""
    if item.get("taken_back", {}).get("BOOL"):
        return {}
    return {item["os_id"]["S"]: item["into"]["S"]}


def _factory_key(factory_id: str) -> dict[str, str]:
    return {"pk": f"{_FACTORY}{factory_id}", "sk": "FACTORY"}


def _link_key(factory_id: str, brand_id: str) -> dict[str, str]:
    return {"pk": f"{_FACTORY}{factory_id}", "sk": f"{_LINK}{brand_id}"}


def _exact_key(kind: str, value: str) -> dict[str, str]:
    """A value longer than a key may be (2,048 bytes; NFKC can make 18 letters of one) is hashed."""
    if len(value.encode()) > _LONGEST_VALUE:
        value = hashlib.sha256(value.encode()).hexdigest()
    return {"pk": f"KEY#{kind}#{value}", "sk": "KEY"}


def _listing(entity: str, entity_id: str) -> dict[str, str]:
    return {"listing": keys.listing(entity, entity_id), "listing_sort": entity_id}


def _factory_item(factory: Factory) -> dict[str, Any]:
    listing = _listing("factory", factory.factory_id)
    return {**_factory_key(factory.factory_id), **listing, **dump(factory)}


def _link_item(link: SourcingLink) -> dict[str, Any]:
    index = {"link_brand": link.brand_id, "link_factory": link.factory_id}
    return {**_link_key(link.factory_id, link.brand_id), **index, **dump(link)}
