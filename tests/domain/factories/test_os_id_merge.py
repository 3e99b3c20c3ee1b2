"""What an OS ID is now, and which of several factories stands for all."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.factories.os_id_merge import settled, way_of
from tests.domain.values import factory

IDS = [f"CN20190{n:02}BQ3FZP" for n in range(6)]
MERGES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS))
HELD = st.dictionaries(st.sampled_from([f"f_{c * 26}" for c in "abcdef"]), st.sampled_from(IDS))


def test_the_way_is_each_step_to_what_the_id_is_now() -> None:
    into = {"A": "B", "B": "C", "D": "C"}
    assert way_of("A", into) == ("A", "B", "C")
    assert way_of("C", into) == ("C",)


@given(MERGES)
def test_a_way_ends_whatever_the_merges_say(into: dict[str, str]) -> None:
    for os_id in IDS:
        way = way_of(os_id, into)
        assert len(set(way)) == len(way)


@given(MERGES, HELD)
def test_factories_are_one_if_and_only_if_their_ids_are(
    into: dict[str, str], held: dict[str, str]
) -> None:
    """Of a set that is one, all lead to one of its own that leads to none; and that one says so."""
    before = [factory(factory_id=i, os_id=os_id) for i, os_id in held.items()]
    after = settled(before, into)
    for factory_id, one in after.items():
        assert one.current_os_id in (None, way_of(held[factory_id], into)[-1])
        assert (one.os_id, one.name) == (held[factory_id], before[0].name)
        heir = after[one.id_now]
        assert heir.merged_into is None
        assert one is heir or factory_id in heir.merged_from
        assert way_of(held[heir.factory_id], into)[-1] == way_of(held[factory_id], into)[-1]
        assert all(after[each].merged_into == factory_id for each in one.merged_from)


@given(MERGES, HELD)
def test_settling_again_changes_nothing_and_taking_all_merges_back_undoes_it(
    into: dict[str, str], held: dict[str, str]
) -> None:
    before = {i: factory(factory_id=i, os_id=os_id) for i, os_id in held.items()}
    after = settled(before.values(), into)
    assert settled(after.values(), into) == after
    distinct = len(set(held.values())) == len(held)
    assert not distinct or settled(after.values(), {}) == before


def test_a_factory_without_an_id_is_none_but_itself() -> None:
    alone = factory(os_id=None, merged_into=None)
    assert settled([alone], {}) == {alone.factory_id: alone}
