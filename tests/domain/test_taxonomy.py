"""What a grievance is about, and what other standards call it."""

from collections import Counter

from chalicelib.domain.taxonomy import ENTRIES, SUB_CODES, VERSION
from chalicelib.domain.vocabulary import Category

FAIR_WEAR_STANDARDS = {
    "Employment is freely chosen",
    "Freedom of association and the right to collective bargaining",
    "No discrimination in employment",
    "No exploitation of child labour",
    "Payment of a living wage",
    "Reasonable hours of work",
    "Safe and healthy working conditions",
    "Legally binding employment relationship",
}


def test_every_category_has_one_entry_in_the_order_of_the_vocabulary() -> None:
    assert [entry.category for entry in ENTRIES] == list(Category)


def test_every_category_has_sub_codes_that_start_with_its_name() -> None:
    for entry in ENTRIES:
        assert entry.sub_codes
        assert all(code.startswith(f"{entry.category}.") for code in entry.sub_codes)


def test_sub_codes_are_unique_and_there_are_no_others() -> None:
    codes = Counter(code for entry in ENTRIES for code in entry.sub_codes)

    assert set(codes.values()) == {1}
    assert set(codes) == SUB_CODES


def test_every_category_but_other_is_mapped_to_fair_wear_and_amfori() -> None:
    unmapped = [e.category for e in ENTRIES if "–" in (e.fair_wear, e.amfori_bsci)]

    assert unmapped == [Category.OTHER]
    assert all(e.fair_wear and e.amfori_bsci for e in ENTRIES)


def test_the_crosswalk_reaches_each_of_the_eight_fair_wear_standards() -> None:
    assert {e.fair_wear for e in ENTRIES} - {"–"} == FAIR_WEAR_STANDARDS


def test_the_taxonomy_has_a_version() -> None:
    assert VERSION == "2026-1"
