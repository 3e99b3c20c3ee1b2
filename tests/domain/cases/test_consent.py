"""What may leave: by way, by level, by jurisdiction, by the switch for crossing a border."""

from itertools import product

import pytest
from pydantic import ValidationError

from chalicelib.domain.cases.consent import Detail, Release, Way, borders, release, told_at
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.vocabulary import ConsentLevel

TABLE = """
             C0       C1       C2     C3       C4       X
alert        nothing  counted  issue  factory  factory  counted
brand_desk   nothing  counted  issue  factory  factory  counted
factory_desk nothing  nothing  nothing factory factory  nothing
export       issue    issue    issue  factory  factory  issue
statistics   nothing  counted  counted  counted  counted  counted
"""
HELD = {
    "C0": "consent_c0_nothing_may_be_shared",
    "C1": "consent_c1_aggregates_only",
    "X": "consent_x_held_in_escrow",
}
EXPECTED = {
    (way, level): Detail[detail.upper()]
    for line in TABLE.strip().splitlines()[1:]
    for way, *details in [line.split()]
    for level, detail in zip(TABLE.split("\n")[1].split(), details, strict=True)
}


def agreed(level: str, *, cross_border: bool = False, publish_summary: bool = False) -> Consent:
    return Consent(
        level=ConsentLevel(level),
        cross_border=cross_border,
        publish_summary=publish_summary,
        script_version="helpline-zh-3",
    )


def test_the_default_is_nothing() -> None:
    assert Consent() == Consent(
        level=ConsentLevel.C0,
        publish_summary=False,
        cross_border=False,
        contact_back=False,
        share_with_union=False,
        script_version=None,
    )
    assert release(Consent(), Way.ALERT) == Release(Detail.NOTHING, None, HELD["C0"])


def test_the_table_names_every_way_and_every_level() -> None:
    assert set(EXPECTED) == set(product(map(str, Way), map(str, ConsentLevel)))


@pytest.mark.parametrize(("way", "level"), EXPECTED)
def test_a_way_lets_out_what_the_table_says(way: str, level: str) -> None:
    """Where no border has a say, the switch for crossing one changes nothing."""
    for cross_border, country in product((False, True), (None, "BD", "TW")):
        released = release(agreed(level, cross_border=cross_border), Way(way), country)

        assert released.detail is EXPECTED[way, level]
        assert released.names_factory is (EXPECTED[way, level] is Detail.FACTORY)
        assert released.held_because == HELD.get(level)
        assert released.level == (None if level in HELD else level)


@pytest.mark.parametrize(("way", "level"), EXPECTED)
def test_nothing_leaves_china_without_a_consent_for_it(way: str, level: str) -> None:
    """But for numbers, which are nobody's data."""
    allowed = release(agreed(level), Way(way))
    for countries in (("CN",), ("BD", "CN"), (None, None, "CN")):
        within = release(agreed(level), Way(way), *countries)

        assert release(agreed(level, cross_border=True), Way(way), *countries) == allowed
        if allowed.detail > Detail.COUNTED:
            assert within == Release(Detail.NOTHING, None, "cross_border_consent_missing")
        else:
            assert within == allowed


@pytest.mark.parametrize("level", ["C0", "C1", "C2", "C3", "C4", "X"])
def test_a_summary_goes_along_only_with_the_factory_and_only_if_it_may_be_published(
    level: str,
) -> None:
    for publish_summary in (False, True):
        released = release(agreed(level, publish_summary=publish_summary), Way.ALERT)

        assert released.summary is (publish_summary and level in ("C3", "C4"))


def test_borders_are_those_that_ask_for_a_separate_consent() -> None:
    assert borders("CN", "BD", None) == {"CN"}
    assert borders("BD", None) == borders() == frozenset()


def test_what_an_alert_has_told_is_what_its_level_lets_out() -> None:
    assert {level: told_at(level) for level in ConsentLevel} == {
        ConsentLevel(level): EXPECTED["alert", level] for level in map(str, ConsentLevel)
    }


@pytest.mark.parametrize(
    "yes",
    [
        {"level": "C1"},
        {"level": "X"},
        {"publish_summary": True},
        {"cross_border": True},
        {"contact_back": True},
        {"share_with_union": True},
    ],
)
def test_a_yes_names_the_script_it_was_given_to(yes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="script_version is needed"):
        Consent.model_validate(yes)
    assert Consent.model_validate({**yes, "script_version": "helpline-zh-3"}).agrees


@pytest.mark.parametrize("label", ["", "-3", "read to Ms Li", "v" * 41, "v\n3"])
def test_a_scripts_version_is_a_label_that_can_hold_nobodys_words(label: str) -> None:
    with pytest.raises(ValidationError):
        Consent(script_version=label)
