"""Values in and out of DynamoDB items, unchanged."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.record.ledger import GENESIS, Action, Entry, append, first_bad_entry
from chalicelib.domain.values import Moment, Value
from chalicelib.store.codec import decode, dump, encode, load, readable
from tests.domain.values import AT, case, factory, opened

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
FLOATS = st.floats(-(2.0**52), 2.0**52, allow_subnormal=False).filter(
    lambda number: number == 0 or abs(number) > 1e-100
)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(min_size=1), JSON, max_size=4)


class Sample(Value):
    at: Moment
    maybe: str | None = None
    number: float = 0.0
    data: dict[str, Any] = {}


@given(OBJECTS)
def test_json_comes_back_as_it_was(plain: dict[str, Any]) -> None:
    exact = json.loads(json.dumps(plain), parse_float=Decimal)

    kept = {name: value for name, value in plain.items() if value is not None}
    assert decode(encode(exact)) == kept


@given(OBJECTS, FLOATS, st.none() | st.text())
def test_a_value_comes_back_as_it_was(
    data: dict[str, Any], number: float, maybe: str | None
) -> None:
    value = Sample(at=AT, maybe=maybe, number=number, data=data)

    assert load(Sample, encode(dump(value))) == value


@given(OBJECTS)
def test_a_ledger_entry_still_verifies_when_it_comes_back(data: dict[str, Any]) -> None:
    entry = append(GENESIS, 1, at=AT, actor="system", action=Action.ROUTED, data=data)

    assert first_bad_entry([load(Entry, encode(dump(entry)))]) is None


def test_an_empty_list_map_and_text_come_back_and_an_absent_value_stays_away() -> None:
    item = encode({"list": [], "map": {}, "text": "", "no": False, "zero": 0, "none": None})

    assert "none" not in item
    assert decode(item) == {"list": [], "map": {}, "text": "", "no": False, "zero": 0}


def test_whole_numbers_come_back_whole_and_others_as_floats() -> None:
    plain = decode(encode({"whole": Decimal("1.0"), "part": Decimal("0.97"), "big": 10**15}))

    assert [(type(v), v) for v in plain.values()] == [(int, 1), (float, 0.97), (int, 10**15)]


def test_a_moment_is_stored_as_text_of_one_width() -> None:
    late = datetime(2026, 11, 22, 8, 0, 0, 999_999, tzinfo=UTC)

    assert encode(dump(Sample(at=late)))["at"] == {"S": "2026-11-22T08:00:00.999Z"}


@pytest.mark.parametrize("value", [opened(narrative="工\n👩‍🏭"), case(attempts=3), factory()])
def test_values_of_the_domain_come_back_equal(value: Value) -> None:
    assert load(type(value), encode(dump(value))) == value


def test_attributes_that_a_model_does_not_know_are_passed_over() -> None:
    item = encode({**dump(factory()), "pk": "FACTORY#1", "listing": "factory#0"})

    assert load(Factory, item) == factory()


def test_a_broken_item_does_not_hide_its_neighbours() -> None:
    good = encode(dump(factory()))
    items = [good, {}, {**good, "country": {"S": "Bangladesh"}}, good]

    assert list(readable(lambda item: load(Factory, item), items)) == [factory()] * 2
    with pytest.raises(ValidationError):
        load(Factory, items[2])
