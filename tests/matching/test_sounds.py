"""What ears and other alphabets confuse falls together; what they tell apart stays apart."""

import pytest

from chalicelib.matching.geography import distance_km
from chalicelib.matching.sounds import skeleton, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [("fashion", "fasion"), ("pegatron", "pegattron"), ("composite", "komposite"),
     ("vintage", "bintage"), ("wanda", "uanda"), ("shaya", "shaia"), ("philips", "filips")],
)  # fmt: skip
def test_confused_spellings_sound_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("nadia", "sadia"), ("momin", "manik"), ("", "a")])
def test_different_names_sound_different(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_a_skeleton_keeps_the_consonants_and_a_leading_vowel() -> None:
    assert skeleton("clifton") == skeleton("kliftn") == "klftn"
    assert skeleton("apex") == "apx"
    assert skeleton("") == ""


def test_a_distance_needs_both_points() -> None:
    assert distance_km(10.0, 106.0, None, 106.0) is None
    assert distance_km(23.8103, 90.4125, 22.3569, 91.7832) == pytest.approx(214, abs=3)
    assert distance_km(1.0, 1.0, 1.0, 1.0) == 0.0
