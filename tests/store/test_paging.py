"""Pages: everything once, nothing twice, whatever filters and shards do."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.store.paging import Page, Start, read_page, read_sharded_page

PARTITION = st.lists(st.booleans(), max_size=40)


class Partition:
    """A partition as DynamoDB reads one: the limit counts before the filter."""

    def __init__(self, kept: Sequence[bool]) -> None:
        self.rows = [{"n": number, "kept": keep} for number, keep in enumerate(kept)]
        self.reads = 0

    def query(self, **request: Any) -> dict[str, Any]:
        limit, start = request["Limit"], request.get("ExclusiveStartKey")
        assert limit >= 1
        self.reads += 1
        first = start["n"] + 1 if start else 0
        read = self.rows[first : first + limit]
        answer: dict[str, Any] = {"Items": [row for row in read if row["kept"]]}
        if len(read) == limit:  # DynamoDB says so even when nothing follows
            answer["LastEvaluatedKey"] = {"n": read[-1]["n"]}
        return answer


def pages(read: Callable[[Start | None], Page[Any]], most: int = 500) -> list[Page[Any]]:
    """All pages, from the first to the one that says it is the last."""
    found = [read(None)]
    while (start := found[-1].next_start) is not None:
        assert len(found) < most, "the way on leads nowhere"
        found.append(read(start))
    return found


def rows_of(found: list[Page[Any]]) -> list[Any]:
    return [row for page in found for row in page.items]


@given(PARTITION, st.integers(1, 12))
def test_a_filtered_list_is_walked_once_in_order(kept: list[bool], limit: int) -> None:
    partition = Partition(kept)

    found = pages(lambda start: read_page(partition.query, {}, limit, start))

    assert rows_of(found) == [row for row in partition.rows if row["kept"]]
    assert all(len(page.items) <= limit for page in found)


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_a_page_whose_filter_keeps_little_ends_early_with_a_way_on(limit: int) -> None:
    partition = Partition([False] * 1000)

    page = read_page(partition.query, {}, limit, None)

    assert (page.items, partition.reads) == ([], 20)
    assert page.next_start == {"n": 20 * limit - 1}


def test_a_page_that_is_full_at_once_takes_one_read() -> None:
    partition = Partition([True] * 100)

    page = read_page(partition.query, {}, 50, None)

    assert (len(page.items), partition.reads) == (50, 1)


@given(st.lists(PARTITION, min_size=1, max_size=5), st.integers(1, 12))
def test_a_list_over_shards_is_walked_once_shard_by_shard(
    shards: list[list[bool]], limit: int
) -> None:
    partitions = [Partition(kept) for kept in shards]

    def page_of(shard: int, limit: int, start: Start | None) -> Page[Any]:
        page = read_page(partitions[shard].query, {}, limit, start)
        return Page([(shard, row["n"]) for row in page.items], page.next_start)

    found = pages(lambda start: read_sharded_page(page_of, len(shards), limit, start))

    assert rows_of(found) == [
        (shard, n) for shard, kept in enumerate(shards) for n, keep in enumerate(kept) if keep
    ]
    assert all(len(page.items) <= limit for page in found)


def test_a_shard_where_a_filter_finds_nothing_in_a_page_ends_the_page_with_a_way_on() -> None:
    partitions = [Partition([False] * 100), Partition([True])]

    def page_of(shard: int, limit: int, start: Start | None) -> Page[Any]:
        return read_page(partitions[shard].query, {}, limit, start)

    first = read_sharded_page(page_of, 2, 1, None)

    assert first == ([], {"shard": 0, "key": {"n": 19}})
    assert rows_of(pages(lambda start: read_sharded_page(page_of, 2, 1, start))) == [
        {"n": 0, "kept": True}
    ]


def test_the_last_shard_leads_nowhere_else() -> None:
    partitions = [Partition([True] * 2), Partition([])]

    def page_of(shard: int, limit: int, start: Start | None) -> Page[Any]:
        return read_page(partitions[shard].query, {}, limit, start)

    assert read_sharded_page(page_of, 2, 10, None).next_start is None
    assert read_sharded_page(page_of, 0, 10, None) == ([], None)
