"""The registry: brands, factories, links at their versions, and the keys a factory is found by."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.domain.references import derive_id
from chalicelib.errors import AlreadyExists, PreconditionFailed, VersionConflict
from chalicelib.store.paging import Page, Start
from chalicelib.store.registry import Registry
from chalicelib.store.table import Table
from tests.calls import counted_calls
from tests.domain.values import FACTORY_ID, brand, factory, link
from tests.service import Service


@pytest.fixture
def registry(service: Service) -> Registry:
    return service.deps.registry


def factory_id(number: int) -> str:
    return derive_id("f", str(number))


def walked(read: Callable[[Start | None], Page[Any]]) -> list[Any]:
    """Everything on all pages."""
    page = read(None)
    found = [*page.items]
    while page.next_start is not None:
        page = read(page.next_start)
        found += page.items
    return found


# One at a time

ENTITIES: list[tuple[str, Any]] = [
    ("brand", brand(lei="HWUPKR0MPOU8FGXBT394")),
    ("factory", factory(latitude=23.71, longitude=-0.5, aliases=("পশ গার্মেন্টস",), workers=1200)),
    ("link", link(valid_from=date(2024, 1, 1), confidence=0.75, tier=2)),
]


def read(registry: Registry, kind: str, value: Any) -> Any:
    if kind == "brand":
        return registry.brand(value.brand_id)
    if kind == "factory":
        return registry.factory(value.factory_id)
    return registry.link(value.factory_id, value.brand_id)


@pytest.mark.parametrize(("kind", "value"), ENTITIES, ids=[kind for kind, _ in ENTITIES])
def test_an_entity_lives_through_versions_and_stale_ones_are_refused(
    kind: str, value: Brand | Factory | SourcingLink, registry: Registry
) -> None:
    save: Any = getattr(registry, f"save_{kind}")
    delete: Any = getattr(registry, f"delete_{kind}")
    assert read(registry, kind, value) is None

    save(value)
    assert read(registry, kind, value) == value
    with pytest.raises(AlreadyExists):
        save(value)

    second = value.model_copy(update={"version": 2})
    save(second)
    assert read(registry, kind, value) == second
    with pytest.raises(VersionConflict):
        save(second)
    with pytest.raises(PreconditionFailed):
        delete(value)

    delete(second)
    assert read(registry, kind, value) is None
    with pytest.raises(PreconditionFailed):
        delete(second)


# Many


def test_many_are_read_a_hundred_a_call_and_those_that_cannot_be_read_are_left_out(
    registry: Registry, table: Table
) -> None:
    factories = {factory_id(n): factory(factory_id=factory_id(n)) for n in range(5)}
    unknown = [factory_id(n) for n in range(100, 200)]
    registry.save_all(list(factories.values()))
    registry.save_brand(brand())
    broken = factory_id(3)
    table.update({"pk": f"FACTORY#{broken}", "sk": "FACTORY"}, "SET country = :x", None, x="?")

    with counted_calls() as calls:
        found = registry.factories([*unknown, *factories, *factories])

    assert found == {one: value for one, value in factories.items() if one != broken}
    assert calls == ["dynamodb.BatchGetItem"] * 2
    assert registry.existing([*unknown, *factories]) == set(factories)
    assert registry.brands(["acme", "nobody", "acme"]) == {"acme": brand()}
    assert registry.brands([]) == {}


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_lists_of_brands_and_factories_name_everything_once(registry: Registry, limit: int) -> None:
    for number in range(8):
        registry.save_brand(brand(f"brand-{number}"))
    countries = ("BD", "CN", "VN")
    registry.save_all(
        [factory(factory_id=factory_id(n), country=countries[n % 3]) for n in range(20)]
    )

    brands = walked(lambda start: registry.list_brands(limit, start))
    factories = walked(lambda start: registry.list_factories(None, limit, start))
    chinese = walked(lambda start: registry.list_factories("CN", limit, start))

    assert sorted(b.brand_id for b in brands) == sorted(f"brand-{n}" for n in range(8))
    assert sorted(f.factory_id for f in factories) == sorted(map(factory_id, range(20)))
    assert sorted(f.factory_id for f in chinese) == sorted(map(factory_id, range(1, 20, 3)))


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (25, 1), (26, 2), (60, 3)])
def test_an_import_writes_25_a_call_whatever_stands_there(
    registry: Registry, count: int, calls: int
) -> None:
    links = [link(factory_id=factory_id(n)) for n in range(count)]
    registry.save_all(links[:3])

    with counted_calls() as made:
        registry.save_all(links)

    assert made == ["dynamodb.BatchWriteItem"] * calls
    assert registry.links_between("acme", map(factory_id, range(count))) == {
        one.factory_id: one for one in links
    }


def test_items_that_dynamodb_left_over_are_written_again(
    fresh_client: Callable[[str], Any], service: Service
) -> None:
    client = fresh_client("dynamodb")
    registry = Registry(Table(client, service.deps.settings.registry_table))
    table = service.deps.settings.registry_table
    asked: list[int] = []
    left_over: list[Any] = []

    def only_ten(params: dict[str, Any], **_: Any) -> None:
        items = params["RequestItems"]
        asked.append(len(items[table]))
        items[table], left_over[:] = items[table][:10], items[table][10:]

    def rest(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedItems"] = {table: list(left_over)} if left_over else {}

    client.meta.events.register("provide-client-params.dynamodb.BatchWriteItem", only_ten)
    client.meta.events.register("after-call.dynamodb.BatchWriteItem", rest)

    registry.save_all([factory(factory_id=factory_id(n)) for n in range(25)])

    assert len(registry.factories(map(factory_id, range(25)))) == 25
    assert asked == [25, 15, 5]


# Links


def test_links_are_found_from_both_ends(registry: Registry) -> None:
    links = [
        link(brand_id, factory_id=factory_id(n)) for brand_id in ("acme", "bolt") for n in range(7)
    ]
    registry.save_all([*links, factory(factory_id=factory_id(0))])

    of_factory = registry.links_of_factory(factory_id(0))
    of_brand = list(registry.links_of_brand("acme"))
    in_pages = walked(lambda start: registry.page_of_brand_links("bolt", 2, start))

    assert of_factory == [links[0], links[7]]
    assert sorted(one.factory_id for one in of_brand) == sorted(map(factory_id, range(7)))
    assert {one.brand_id for one in of_brand} == {"acme"}
    assert {one.factory_id for one in in_pages} == set(map(factory_id, range(7)))
    assert len(in_pages) == 7
    assert registry.links_of_factory(factory_id(99)) == []


def test_links_whose_pages_end_early_are_all_found(
    registry: Registry, service: Service, short_pages: Any
) -> None:
    brands = [f"brand-{number:02d}" for number in range(22)]
    registry.save_all([link(brand_id) for brand_id in brands])
    reader = Registry(Table(short_pages, service.deps.settings.registry_table))

    assert [one.brand_id for one in reader.links_of_factory(FACTORY_ID)] == brands
    assert [one.factory_id for one in reader.links_of_brand("brand-03")] == [FACTORY_ID]


# Exact keys


def test_a_factory_is_found_by_each_of_its_keys_until_they_are_removed(registry: Registry) -> None:
    keys = [("name", "CN|yi chang tai"), ("os_id", "CN2019303BQ3FZP")]
    registry.add_keys("f_1", keys)
    registry.add_keys("f_2", keys[:1])
    registry.add_keys("f_2", keys[:1])

    assert registry.find([*keys, ("lei", "unknown")]) == {
        keys[0]: {"f_1", "f_2"},
        keys[1]: {"f_1"},
    }

    registry.remove_keys("f_1", keys)
    registry.remove_keys("f_1", keys)

    assert registry.find(keys) == {keys[0]: {"f_2"}}
    assert registry.find([]) == {}


LONGEST_NAMES = ["x" * 500, "工" * 500, "😀" * 500, "\u0635\u0644\u0649" * 3000, "x" * 1025]


@pytest.mark.parametrize("name", LONGEST_NAMES, ids=["ascii", "han", "emoji", "expanded", "edge"])
def test_a_name_of_any_length_is_a_key(registry: Registry, name: str) -> None:
    """NFKC makes eighteen letters of U+FDFA; a partition key may have 2,048 bytes."""
    keys = [("name_anywhere", name), ("name_anywhere", f"{name}!")]
    registry.add_keys("f_1", keys[:1])
    registry.add_keys("f_2", keys[1:])

    assert registry.find(keys) == {keys[0]: {"f_1"}, keys[1]: {"f_2"}}


def test_no_key_is_longer_than_dynamodb_takes(
    fresh_client: Callable[[str], Any], service: Service
) -> None:
    client = fresh_client("dynamodb")
    lengths: list[int] = []

    def measure(params: dict[str, Any], **_: Any) -> None:
        for request in params["RequestItems"].values():
            lengths.extend(len(key["pk"]["S"].encode()) for key in request["Keys"])

    client.meta.events.register("provide-client-params.dynamodb.BatchGetItem", measure)
    registry = Registry(Table(client, service.deps.settings.registry_table))

    registry.find([("name_anywhere", name) for name in LONGEST_NAMES])

    assert len(lengths) == len(LONGEST_NAMES)
    assert max(lengths) <= 2048


def test_a_factory_and_its_links_lie_in_one_partition(registry: Registry, table: Table) -> None:
    registry.save_factory(factory())
    registry.save_link(link())

    rows = table.page({"pk": f"FACTORY#{FACTORY_ID}"}, 10, None).items

    assert [row["sk"]["S"] for row in rows] == ["FACTORY", "LINK#acme"]
