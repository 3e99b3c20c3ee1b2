"""What may leave, decided in one place. Every path towards a brand asks here."""

from typing import NamedTuple

from chalicelib.domain.facts import Consent
from chalicelib.domain.rules import SEPARATE_CROSS_BORDER_CONSENT
from chalicelib.domain.vocabulary import ConsentLevel

_HELD = {
    ConsentLevel.C0: "consent_c0_nothing_may_be_shared",
    ConsentLevel.C1: "consent_c1_aggregates_only",
    ConsentLevel.X: "consent_x_held_in_escrow",
}


class Release(NamedTuple):
    """How much may go out: a level (`C2`, `C3`, `C4`), or nothing and the reason."""

    level: ConsentLevel | None
    held_because: str | None

    @property
    def names_factory(self) -> bool:
        """Whether the factory may be named."""
        return self.level in (ConsentLevel.C3, ConsentLevel.C4)


def release(consent: Consent, *countries: str | None) -> Release:
    """What a brand may be told of a case with this consent.

    `countries` are all that have a say: whose rules apply, where the factory was reported to be and
    where it is. One that asks for a separate consent is enough.
    """
    if (why := _HELD.get(consent.level)) is not None:
        return Release(None, why)
    if SEPARATE_CROSS_BORDER_CONSENT.intersection(countries) and not consent.cross_border:
        return Release(None, "cross_border_consent_missing")
    return Release(consent.level, None)
