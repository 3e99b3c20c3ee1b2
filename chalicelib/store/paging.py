"""One page of a query: the items, and where the next one starts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from chalicelib.store.codec import Item
from chalicelib.store.faults import in_our_words

T = TypeVar("T")

Start = dict[str, Any]
"""Where a page starts: DynamoDB's LastEvaluatedKey, with the shard where there are several."""

_FILTERED_READS = 20


class Page(NamedTuple, Generic[T]):
    """A page; `next_start` is None on the last one."""

    items: Sequence[T]
    next_start: Start | None


def read_page(
    query: Callable[..., dict[str, Any]], request: dict[str, Any], limit: int, start: Start | None
) -> Page[Item]:
    """Up to `limit` items of one partition.

    A filter is applied by DynamoDB after its limit, so a filtered page may take several reads; it
    ends early, shorter than asked but with a way on, after `_FILTERED_READS` of them.
    """
    items: list[Item] = []
    for _ in range(_FILTERED_READS):
        more = {"ExclusiveStartKey": start} if start else {}
        with in_our_words():
            answer = query(**request, **more, Limit=limit - len(items))
        items += answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if start is None or len(items) >= limit:
            break
    return Page(items, start)


def read_sharded_page(
    page_of: Callable[[int, int, Start | None], Page[T]],
    shards: int,
    limit: int,
    start: Start | None,
) -> Page[T]:
    """Up to `limit` items of a list that is spread over `shards` partitions, one after another.

    `page_of(shard, limit, start)` reads one of them.
    """
    shard, key = (start["shard"], start["key"]) if start else (0, None)
    items: list[T] = []
    while shard < shards and len(items) < limit:
        page = page_of(shard, limit - len(items), key)
        items += page.items
        key = page.next_start
        if key is None:
            shard += 1
        elif not page.items:
            break
    return Page(items, {"shard": shard, "key": key} if shard < shards else None)


def every_sharded_page(
    page_of: Callable[[int, Start | None], Page[T]], shards: int, start: Start | None = None
) -> Iterator[Page[T]]:
    """All pages of a list that is spread over `shards` partitions, each one read, from a start on.

    `page_of(shard, start)` reads one of them.
    """
    shard, key = (start["shard"], start["key"]) if start else (0, None)
    while shard < shards:
        page = page_of(shard, key)
        key = page.next_start
        shard += key is None
        yield Page(page.items, {"shard": shard, "key": key} if shard < shards else None)


def every_item(page_from: Callable[[Start | None], Page[T]]) -> Iterator[T]:
    """All items of a list, page after page; `page_from(start)` reads one."""
    start: Start | None = None
    while True:
        page = page_from(start)
        yield from page.items
        if (start := page.next_start) is None:
            return
