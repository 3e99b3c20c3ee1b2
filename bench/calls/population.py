"""What a service has in it before something is counted."""

import itertools
from typing import Any, NamedTuple

from moto.backends import get_backend

from bench.calls.world import World
from bench.events import OPERATOR, PARTNER, filing
from chalicelib.domain.admission.key_text import key_text
from chalicelib.domain.dates import timestamp
from chalicelib.domain.references import derive_id
from chalicelib.store import keys

BRAND = "acme"
FACTORY = filing()["factory_reported"]


class Filed(NamedTuple):
    """A grievance that was filed."""

    grievance_id: str
    receipt_code: str


def register(world: World, brand_ids: tuple[str, ...] = (BRAND,)) -> str:
    """Some brands and the one factory that they all source from; its id."""
    for number, brand_id in enumerate(brand_ids):
        body = {"name": f"{brand_id.title()} Outdoor", "language": "en"}
        put(world, "/v1/brands/{brand_id}", {"brand_id": brand_id}, body)
        world.let_in("brand", brand_id, key_text(f"{number:08x}" * 6))  # and so engaged
    factory = world.ask("POST", "/v1/factories", by=OPERATOR, body=FACTORY)
    factory_id: str = factory["factory_id"]
    for brand_id in brand_ids:
        link(world, factory_id, brand_id)
    world.use_index()
    return factory_id


def link(world: World, factory_id: str, brand_id: str) -> None:
    """A sourcing link that covers everything."""
    put(
        world,
        "/v1/factories/{factory_id}/links/{brand_id}",
        {"factory_id": factory_id, "brand_id": brand_id},
        {"source": f"{brand_id}-factory-list", "disclosed_at": "2026-06-30"},
    )


def put(world: World, resource: str, parameters: dict[str, str], body: Any) -> None:
    """PUT by the operator."""
    event: dict[str, Any] = {"resource": resource, "parameters": parameters, "body": body}
    world.ask("PUT", resource.format(**parameters), by=OPERATOR, **event)


def file(world: World, number: int, **changes: Any) -> Filed:
    """A grievance like the others, with a number of its own."""
    body = filing(partner_ref=f"GZ-2026-{number:07d}", **changes)
    answer = world.ask("POST", "/v1/grievances", by=PARTNER, body=body)
    return Filed(answer["grievance_id"], answer["receipt_code"])


def rows_not_due(world: World, count: int) -> None:
    """Any number of rows that a tick must pass over: every second one is due some day.

    They have no more than the tick's index holds, and go past the API into the emulator, which
    has neither the time nor the memory for so many whole cases.
    """
    table = _emulated_table(world)
    for number in range(count):
        case_id = f"g_{number:026d}"
        row = {"case_id": case_id, "sk": keys.HEAD}
        if number % 2:
            row |= {"work_queue": keys.due_queue(case_id), "due_at": "2027-01-01T00:00:00.000Z"}
        table.put_item({name: {"S": value} for name, value in row.items()})


def settled_cases(world: World, count: int) -> None:
    """Cases with nothing due: copies of a filed one, put past the API into the emulator."""
    model = _head(world, file(world, 0).grievance_id)
    table = _emulated_table(world)
    key = {name: model[name] for name in ("case_id", "sk")}
    world.outside("dynamodb").delete_item(TableName=_cases(world), Key=key)
    for number in range(count):
        table.put_item(_copy(model, number))


def due_cases(world: World, count: int, shard: int) -> None:
    """A backlog in one shard: copies of a filed case that is due now."""
    model = _head(world, file(world, 0).grievance_id)
    world.outside("dynamodb").delete_item(
        TableName=_cases(world), Key={name: model[name] for name in ("case_id", "sk")}
    )
    queue = {"work_queue": {"S": keys.due_shard(shard)}}
    due = {name: model[name] for name in ("due_at", "check_due_at")} | queue
    copies = (_copy(model, number) for number in itertools.count())
    there = (c for c in copies if keys.due_queue(c["case_id"]["S"]) == keys.due_shard(shard))
    for copy in itertools.islice(there, count):
        _emulated_table(world).put_item(copy | due)


def still_due(world: World) -> int:
    """How many rows of work are due now, counted past the API."""
    rows = _emulated_table(world).all_items()
    due, now = keys.due_shard(0).removesuffix("0"), timestamp(world.now)
    return sum(
        1
        for row in rows
        if row.attrs.get("work_queue")
        and row.attrs["work_queue"].value.startswith(due)
        and row.attrs["due_at"].value <= now
    )


def _copy(model: dict[str, Any], number: int) -> dict[str, Any]:
    case_id = derive_id("g", "copy", str(number))
    day = model["received_at"]["S"][:10]
    changed = {
        "case_id": case_id,
        "received_day": keys.day_shard(day, keys.shard_of(case_id, keys.DAY_SHARDS)),
        "receipt_hash": f"{number:064x}",
        "partner_ref": f"GZ-2026-{number:07d}",
    }
    kept = model.keys() - {"work_queue", "due_at", "check_due_at"}
    return {n: model[n] for n in kept} | {name: {"S": value} for name, value in changed.items()}


def _head(world: World, case_id: str) -> dict[str, Any]:
    key = {"case_id": {"S": case_id}, "sk": {"S": keys.HEAD}}
    dynamodb = world.outside("dynamodb")
    item: dict[str, Any] = dynamodb.get_item(TableName=_cases(world), Key=key)["Item"]
    return item


def _cases(world: World) -> str:
    return world.deps.settings.cases_table


def _emulated_table(world: World) -> Any:
    region = world.outside("dynamodb").meta.region_name
    return get_backend("dynamodb")["123456789012"][region].tables[_cases(world)]
