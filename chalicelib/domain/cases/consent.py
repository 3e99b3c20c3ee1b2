"""What may leave, decided in one place. Every way out asks `release` and shows no more than that.

Levels and switches: `facts.Consent`. The worker's agreement is the only ground for telling a brand
(GDPR article 6(1)(a), PIPL articles 13 and 29); some jurisdictions ask for one more before anything
crosses their border (PIPL article 39).
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.rules import SEPARATE_CROSS_BORDER_CONSENT
from chalicelib.domain.vocabulary import ConsentLevel


class Way(StrEnum):
    """A way out of the service."""

    ALERT = "alert"
    BRAND_DESK = "brand_desk"
    FACTORY_DESK = "factory_desk"
    EXPORT = "export"
    STATISTICS = "statistics"


class Detail(IntEnum):
    """How much of a case is shown; each holds what the ones before it do."""

    NOTHING = 0
    COUNTED = 1  # as one of many
    ISSUE = 2  # what it is about, not where
    FACTORY = 3


_FOR_BRANDS: Mapping[ConsentLevel, Detail] = {
    ConsentLevel.C0: Detail.NOTHING,
    ConsentLevel.C1: Detail.COUNTED,
    ConsentLevel.C2: Detail.ISSUE,
    ConsentLevel.C3: Detail.FACTORY,
    ConsentLevel.C4: Detail.FACTORY,  # identity never goes out by itself: see the vault
    ConsentLevel.X: Detail.COUNTED,
}
_FOR_FACTORIES: Mapping[ConsentLevel, Detail] = {
    level: detail if detail is Detail.FACTORY else Detail.NOTHING
    for level, detail in _FOR_BRANDS.items()
}
"""A factory that hears of an issue knows where it is: it hears of none that brands know less of."""

_FOR_AUDITORS: Mapping[ConsentLevel, Detail] = {
    level: max(detail, Detail.ISSUE) for level, detail in _FOR_BRANDS.items()
}
"""An auditor sees every case as a row of codes and times; the factory only where brands may."""

_AS_A_NUMBER: Mapping[ConsentLevel, Detail] = {
    level: min(detail, Detail.COUNTED) for level, detail in _FOR_BRANDS.items()
}

AT_MOST: Mapping[Way, Mapping[ConsentLevel, Detail]] = {
    Way.ALERT: _FOR_BRANDS,
    Way.BRAND_DESK: _FOR_BRANDS,
    Way.FACTORY_DESK: _FOR_FACTORIES,
    Way.EXPORT: _FOR_AUDITORS,
    Way.STATISTICS: _AS_A_NUMBER,
}
"""What each level lets out on each way."""


_HELD = {
    ConsentLevel.C0: "consent_c0_nothing_may_be_shared",
    ConsentLevel.C1: "consent_c1_aggregates_only",
    ConsentLevel.X: "consent_x_held_in_escrow",
}
NOT_ACROSS = "cross_border_consent_missing"
IN_ESCROW = _HELD[ConsentLevel.X]


class Release(NamedTuple):
    """How much may go out, and why no more.

    `level` is what an alert says of itself: `C2`, `C3`, `C4`, or None where none may be sent.
    `summary` says whether the partner's summary may go along.
    """

    detail: Detail
    level: ConsentLevel | None = None
    held_because: str | None = None
    summary: bool = False

    @property
    def names_factory(self) -> bool:
        """Whether the factory may be named."""
        return self.detail >= Detail.FACTORY


def release(consent: Consent, way: Way, *countries: str | None) -> Release:
    """What may be shown of a case with this consent on this way.

    `countries` are all that have a say: whose rules apply, where the factory was reported to be and
    where it is. One that asks for a separate consent is enough. Numbers that are nobody's data
    cross freely (PIPL article 4 leaves anonymised information out).
    """
    detail, held = AT_MOST[way][consent.level], _HELD.get(consent.level)
    if detail > Detail.COUNTED and borders(*countries) and not consent.cross_border:
        return Release(Detail.NOTHING, None, NOT_ACROSS)
    summary = detail >= Detail.FACTORY and consent.publish_summary
    return Release(detail, None if held else consent.level, held, summary)


def borders(*countries: str | None) -> frozenset[str]:
    """The jurisdictions among these that ask for a separate consent before anything leaves them."""
    return SEPARATE_CROSS_BORDER_CONSENT.intersection(countries)


def readable_from(allowed: Detail) -> ConsentLevel:
    """The least level at which a brand may read what is written to it while this much is allowed:
    words that were for a brand that knows the factory are not for one that must forget it. What is
    written while nothing is allowed may name the factory, as far as we know."""
    return ConsentLevel.C2 if allowed is Detail.ISSUE else ConsentLevel.C3


def told_at(level: ConsentLevel) -> Detail:
    """What an alert that went out at this level has shown to its brand."""
    return AT_MOST[Way.ALERT][level]
