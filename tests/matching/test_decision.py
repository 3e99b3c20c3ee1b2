"""When a name and a place are enough by themselves, whatever the models say."""

import pytest

from chalicelib.matching.decision import ranked_by_facility, same_name_and_place
from chalicelib.matching.index import Index
from chalicelib.matching.model import shipped_model
from chalicelib.matching.records import Facility, Query
from chalicelib.matching.search import find

ADDRESS = "Plot 4, Industrial Growth Centre, Kheda, Pithampur, Dist. Dhar"
SYNTEX = Facility("syntex", ("Prathima Syntex Ltd",), ADDRESS, "IN")
FAR_AWAY = Facility("far", ("Prathima Syntex Ltd",), "12 Anna Salai, Guindy, Chennai", "IN")
SECOND_PLANT = Facility("second", ("Prathima Syntex Ltd Unit-2",), ADDRESS, "IN")
OTHER_TRADE = Facility(
    "shoes", ("Prathima Syntex Shoes Ltd",), "Plot 9, Pithampur, Dist. Dhar", "IN"
)


def holds(query: Query, *others: Facility) -> bool:
    index = Index.in_memory([SYNTEX, *others], version="1")
    _, found = find((index,), query)
    scores = shipped_model().pair.scores([one.features for one in found])
    return same_name_and_place(ranked_by_facility(found, scores))


def test_with_its_legal_form_a_name_and_a_town_are_enough() -> None:
    assert holds(Query("PRATHIMA SYNTEX LTD.", city="Pithampur", country="IN"))


@pytest.mark.parametrize("name", ["Prathima Syntex", "Prathima Syntex Pvt Ltd"])
def test_without_its_legal_form_a_name_needs_an_address(name: str) -> None:
    assert not holds(Query(name, city="Pithampur", country="IN"))
    assert holds(Query(name, "Kheda, Pithampur, Dhar", "", "IN"))


@pytest.mark.parametrize(
    "query",
    [
        Query("Prathima Syntex", "Kheda, Pithampur, Indore", "", "IN"),
        Query("Prathima Syntex", "Kheda, Pithampur, Dhar", "", "BD"),
        Query("Prathima Syntax", "Kheda, Pithampur, Dhar", "", "IN"),
        Query("Prathima Syntex Unit 3", "Kheda, Pithampur, Dhar", "", "IN"),
    ],
    ids=["a word of the place is another", "another country", "a slip", "a unit"],
)
def test_whatever_differs_leaves_it_to_the_models(query: Query) -> None:
    assert not holds(query)


@pytest.mark.parametrize("other", [SECOND_PLANT, OTHER_TRADE], ids=["plant", "trade"])
def test_another_plant_or_trade_of_the_name_at_the_place_leaves_it_to_the_models(
    other: Facility,
) -> None:
    assert not holds(Query("Prathima Syntex", "Kheda, Pithampur, Dhar", "", "IN"), other)


def test_the_same_name_elsewhere_is_no_rival_of_an_address() -> None:
    assert holds(Query("Prathima Syntex", "Kheda, Pithampur, Dhar", "", "IN"), FAR_AWAY)
    assert not holds(Query("Prathima Syntex Ltd", city="Pithampur", country="IN"), FAR_AWAY)
