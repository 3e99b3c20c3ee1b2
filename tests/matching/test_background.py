"""What a small registry borrows, so that it does not take common words for rare ones."""

from chalicelib.matching.background import BACKGROUND, NOTHING, Background, shipped_background
from chalicelib.matching.index import Index
from chalicelib.matching.keys import key
from chalicelib.matching.matcher import Matcher
from chalicelib.matching.records import Facility, Query, Status

COMMON, RARE = key("w:sunrise"), key("w:quillon")
ALONE = Facility("f", ("Yi Chang Tai Garment Factory",), "48 Kangzheng Road, Shenzhen", "CN")


def facility(number: int, name: str) -> Facility:
    return Facility(str(number), (name,), "", "BD")


def reference() -> Background:
    """Forty factories, of which twenty are called Sunrise something."""
    names = [f"Sunrise Alpha{chr(97 + i)} Ltd." for i in range(20)]
    names += [f"Beta{chr(97 + i)} Gamma Ltd." for i in range(20)]
    return Background.of(facility(i, name) for i, name in enumerate(names))


def index(names: list[str], background: Background) -> Index:
    facilities = (facility(i, name) for i, name in enumerate(names))
    return Index.in_memory(facilities, version="1", background=background)


def test_a_word_that_is_common_elsewhere_is_not_rare_in_a_small_registry() -> None:
    small = index(["Sunrise Garments Ltd.", "Quillon Garments Ltd."], reference())
    lengths = small.lengths([COMMON, RARE])
    assert small.rarity(lengths[COMMON]) < 1.0
    assert small.rarity(lengths[RARE]) > 3.0

    alone = index(["Sunrise Garments Ltd.", "Quillon Garments Ltd."], NOTHING)
    lengths = alone.lengths([COMMON, RARE])
    assert lengths[COMMON] == lengths[RARE] == 1


def test_a_registry_as_large_as_the_reference_borrows_nothing() -> None:
    names = [f"Sunrise {chr(97 + i)}works Ltd." for i in range(26)]
    names += [f"Moon {chr(97 + i)}works Ltd." for i in range(26)]
    large, pure = index(names, reference()), index(names, NOTHING)
    keys = [COMMON, RARE, key("w:moon"), key("t:^su")]
    assert large.borrowed == 0.0
    assert large.lengths(keys) == pure.lengths(keys)
    assert large.rarity(7) == pure.rarity(7)


def test_a_small_part_of_the_reference_sees_about_what_the_reference_sees() -> None:
    part = index(["Sunrise Alphaa Ltd.", "Betaa Gamma Ltd."], reference())
    assert 19 <= part.lengths([COMMON])[COMMON] <= 20.5


def test_borrowing_changes_no_candidate() -> None:
    names = ["Sunrise Garments Ltd.", "Quillon Garments Ltd.", "Sunset Shoes Ltd."]
    weights = {COMMON: 1.0, RARE: 1.0}
    lent, pure = index(names, reference()), index(names, NOTHING)
    assert lent.pool(weights, (), "BD") == pure.pool(weights, (), "BD")


def test_a_table_is_read_as_it_was_written_and_is_always_the_same() -> None:
    packed = reference().packed()
    assert Background.read(packed).packed() == packed == reference().packed()


def test_the_shipped_table_is_small_and_loaded_once() -> None:
    assert shipped_background() is shipped_background()
    assert shipped_background().size > 10_000
    assert BACKGROUND.stat().st_size <= 300_000


def test_the_only_factory_of_a_registry_is_matched_by_its_name_and_city() -> None:
    matcher = Matcher(Index.in_memory([ALONE], version="1"))
    named = matcher.match(Query("Yi Chang Tai Garment Factory", city="Shenzhen", country="CN"))
    slip = matcher.match(Query("Yi Chang Tay Garments Factory", city="Shenzhen", country="CN"))
    assert (named.status, named.facility_id) == (Status.MATCHED, "f")
    assert slip.status in {Status.MATCHED, Status.REVIEW}
    assert slip.candidates[0].facility_id == "f"


def test_the_only_factory_of_a_registry_is_not_matched_to_another_name() -> None:
    matcher = Matcher(Index.in_memory([ALONE], version="1"))
    for name in ("Chang Tai Shoes", "Garment Factory", "Yi Feng Garment Factory", "Tai Garments"):
        assert matcher.match(Query(name, city="Shenzhen")).status is not Status.MATCHED
