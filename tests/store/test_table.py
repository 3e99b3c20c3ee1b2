"""One table: what each call writes, reads and refuses."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.store.codec import encode
from chalicelib.store.faults import ConditionFailed, TransactionRefused
from chalicelib.store.table import Table
from tests.calls import counted_calls
from tests.service import Service

KEY = {"pk": "thing", "sk": "a"}
THERE = "attribute_exists(pk)"
NOT_THERE = "attribute_not_exists(pk)"


def item(**fields: Any) -> dict[str, Any]:
    return encode({**KEY, **fields})


def test_an_item_is_there_once_it_was_put_and_gone_once_deleted(table: Table) -> None:
    assert table.get(KEY) is None
    table.put(item(colour="red"))
    assert table.get(KEY) == item(colour="red")
    table.delete(KEY)
    assert table.get(KEY) is None


def test_a_failed_condition_says_what_stands_there_and_changes_nothing(table: Table) -> None:
    table.put(item(colour="red"))

    with pytest.raises(ConditionFailed) as on_put:
        table.put(item(colour="blue"), NOT_THERE)
    with pytest.raises(ConditionFailed):
        table.update(KEY, "SET colour = :new", "colour = :old", new="blue", old="green")
    with pytest.raises(ConditionFailed):
        table.delete(KEY, "colour = :old", old="green")

    assert on_put.value.item == table.get(KEY) == item(colour="red")


def test_a_condition_that_holds_lets_through(table: Table) -> None:
    table.put(item(colour="red"), NOT_THERE)
    table.update(KEY, "SET colour = :new", "colour = :old", new="blue", old="red")
    assert table.get(KEY) == item(colour="blue")
    table.delete(KEY, "colour = :old", old="blue")
    assert table.get(KEY) is None


def test_a_status_can_be_updated_though_the_word_is_reserved(table: Table) -> None:
    table.put(item(status="pending"))

    table.update(KEY, "SET #status = :status", THERE, status="sent")

    assert table.get(KEY) == item(status="sent")


def test_a_transaction_is_all_or_nothing_and_names_what_stood_in_the_way(table: Table) -> None:
    table.put(item(colour="red"))
    other = encode({"pk": "thing", "sk": "b"})

    with pytest.raises(TransactionRefused) as refused:
        table.transact([table.put_row(other), table.put_row(item(colour="blue"), NOT_THERE)])

    assert refused.value.items == [None, item(colour="red")]
    assert table.get({"pk": "thing", "sk": "b"}) is None


def test_a_transaction_puts_updates_and_deletes(table: Table) -> None:
    table.put(item(colour="red"))
    table.put(encode({"pk": "thing", "sk": "b"}))
    new = encode({"pk": "thing", "sk": "c"})

    table.transact(
        [
            table.put_row(new, NOT_THERE),
            table.update_row(KEY, "SET colour = :new", THERE, new="blue"),
            table.delete_row({"pk": "thing", "sk": "b"}, THERE),
        ]
    )

    assert table.page({"pk": "thing"}, 10, None).items == [item(colour="blue"), new]


@pytest.mark.parametrize(("wanted", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_many_items_are_read_a_hundred_a_call(table: Table, wanted: int, calls: int) -> None:
    keys = [{"pk": f"thing-{n}", "sk": "a"} for n in range(wanted)]
    there = [encode(key) for key in keys[::50]]
    for one in there:
        table.put(one)

    with counted_calls() as made:
        found = table.get_many(keys)

    assert sorted(i["pk"]["S"] for i in found) == sorted(i["pk"]["S"] for i in there)
    assert made == ["dynamodb.BatchGetItem"] * calls


def test_keys_that_dynamodb_left_over_are_asked_for_again(
    fresh_client: Callable[[str], Any], service: Service
) -> None:
    """A batch of large items comes in parts (16 MB an answer)."""
    client = fresh_client("dynamodb")
    table = Table(client, service.deps.settings.registry_table)
    keys = [{"pk": f"thing-{n}", "sk": "a"} for n in range(5)]
    for key in keys:
        table.put(encode(key))
    asked: list[int] = []

    def only_two(params: dict[str, Any], **_: Any) -> None:
        request = params["RequestItems"][table.name]
        asked.append(len(request["Keys"]))
        request["Keys"], left_over[:] = request["Keys"][:2], request["Keys"][2:]

    def rest(parsed: dict[str, Any], **_: Any) -> None:
        if left_over:
            parsed["UnprocessedKeys"] = {table.name: {"Keys": list(left_over)}}

    left_over: list[Any] = []
    client.meta.events.register("provide-client-params.dynamodb.BatchGetItem", only_two)
    client.meta.events.register("after-call.dynamodb.BatchGetItem", rest)

    found = table.get_many(keys)

    assert sorted(i["pk"]["S"] for i in found) == [key["pk"] for key in keys]
    assert asked == [5, 3, 1]


def test_a_page_of_an_index_is_narrowed_by_sort_key_and_filter_in_either_order(
    table: Table,
) -> None:
    for number in range(6):
        listed = {"listing": "thing#0", "listing_sort": f"{number}", "colour": "rb"[number % 2]}
        table.put(encode({"pk": f"thing-{number}", "sk": "a", **listed}))

    def found(**changes: Any) -> list[str]:
        page = table.page({"listing": "thing#0"}, 10, None, index="listing", **changes)
        return [i["listing_sort"]["S"] for i in page.items]

    assert found() == ["0", "1", "2", "3", "4", "5"]
    assert found(descending=True) == ["5", "4", "3", "2", "1", "0"]
    assert found(sort="listing_sort <= :last", values={"last": "3"}) == ["0", "1", "2", "3"]
    assert found(filters="colour = :colour", values={"colour": "b"}) == ["1", "3", "5"]
    assert found(
        filters="#c = :colour", values={"colour": "b"}, names={"#c": "colour"}, descending=True
    ) == ["5", "3", "1"]


@pytest.mark.parametrize(("index", "consistent"), [(None, True), ("listing", False)])
def test_the_table_is_read_consistently_and_an_index_cannot_be(
    index: str | None,
    consistent: bool,
    fresh_client: Callable[[str], Any],
    service: Service,
) -> None:
    client = fresh_client("dynamodb")
    seen: list[bool] = []
    client.meta.events.register(
        "provide-client-params.dynamodb.Query",
        lambda params, **_: seen.append(params.get("ConsistentRead", False)),
    )
    partition = {"listing": "x"} if index else {"pk": "x"}

    Table(client, service.deps.settings.registry_table).page(partition, 1, None, index=index)

    assert seen == [consistent]


def test_an_answer_without_items_is_an_empty_page(table: Table) -> None:
    assert table.page({"pk": "nothing"}, 10, None) == ([], None)
