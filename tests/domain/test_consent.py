"""What may leave: by level, by jurisdiction, by the switch for crossing a border."""

from itertools import product

import pytest

from chalicelib.domain.consent import Release, release
from chalicelib.domain.facts import Consent
from chalicelib.domain.vocabulary import ConsentLevel

HELD = {
    "C0": "consent_c0_nothing_may_be_shared",
    "C1": "consent_c1_aggregates_only",
    "X": "consent_x_held_in_escrow",
}
RELEASED = {"C2": False, "C3": True, "C4": True}  # whether the factory may be named


def test_the_default_is_nothing() -> None:
    assert Consent() == Consent(
        level=ConsentLevel.C0,
        publish_summary=False,
        cross_border=False,
        contact_back=False,
        share_with_union=False,
        script_version=None,
    )
    assert release(Consent(), None) == Release(None, HELD["C0"])


def test_the_expectations_name_every_level() -> None:
    assert {*HELD, *RELEASED} == set(ConsentLevel)


@pytest.mark.parametrize("level", HELD)
def test_a_level_that_shares_nothing_holds_the_case_and_says_why(level: str) -> None:
    for cross_border, jurisdiction in product((False, True), (None, "BD", "CN")):
        consent = Consent(level=ConsentLevel(level), cross_border=cross_border)

        held = release(consent, jurisdiction)

        assert held == Release(None, HELD[level])
        assert not held.names_factory


@pytest.mark.parametrize(("level", "names_factory"), RELEASED.items())
def test_the_factory_is_named_from_c3_on(level: str, names_factory: bool) -> None:
    released = release(Consent(level=ConsentLevel(level)), "BD")

    assert released == Release(ConsentLevel(level), None)
    assert released.names_factory is names_factory


@pytest.mark.parametrize("level", RELEASED)
def test_nothing_leaves_china_without_a_consent_for_it(level: str) -> None:
    within = Consent(level=ConsentLevel(level))
    across = Consent(level=ConsentLevel(level), cross_border=True)

    assert release(within, "CN") == Release(None, "cross_border_consent_missing")
    assert release(across, "CN") == Release(ConsentLevel(level), None)
    assert release(within, None) == release(within, "TW") == Release(ConsentLevel(level), None)
