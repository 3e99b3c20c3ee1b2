"""What an auditor or a brand was engaged for: until when, about which cases, and why.

Outside of an engagement neither sees anything. A limit that is None is one that somebody has
decided not to set; leaving it out is refused.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from chalicelib.domain.admission.access import OrganisationId
from chalicelib.domain.factories.registry import BrandId
from chalicelib.domain.text import CountryCode, Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import EngagementPurpose

LONGEST_DAYS = 1100
"""Three years; then somebody has to decide again."""


_Brands = Annotated[
    tuple[BrandId, ...] | None,
    Field(min_length=1, max_length=50, description="null: whatever brand was told, or none."),
]
_Countries = Annotated[
    tuple[CountryCode, ...] | None,
    Field(min_length=1, max_length=50, description="null: every country."),
]


class EngagementScope(Value):
    """Which cases."""

    brands: _Brands
    countries: _Countries
    received_from: Annotated[
        date, Field(description="First UTC day of the cases; of the alerts, for a brand.")
    ]
    received_to: Annotated[date, Field(description="Last UTC day, inclusive.")]


class EngagementFields(EngagementScope):
    """What an operator says of an engagement."""

    purpose: EngagementPurpose
    purpose_text: Annotated[Line, Field(description="In a sentence, for who reads the log.")]
    valid_from: Moment
    valid_until: Moment

    @model_validator(mode="after")
    def _sensible_spans(self) -> Self:
        if self.received_to < self.received_from:
            raise ValueError("received_to must not lie before received_from")
        if not 0 <= (self.valid_until - self.valid_from).days <= LONGEST_DAYS:
            raise ValueError("valid_until must lie after valid_from, three years at most")
        return self


class Engagement(EngagementFields):
    """An engagement of an organisation."""

    brands: _Brands = None  # what is None is not stored
    countries: _Countries = None
    engagement_id: str
    organisation: OrganisationId
    made_by: Annotated[str, Field(description="The `user_id` of who made it.")]
    made_at: Moment
    ended_at: Moment | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it has begun and has neither run out nor been ended."""
        return self.ended_at is None and self.valid_from <= now < self.valid_until

    def covers_day(self, day: date) -> bool:
        """Whether a day lies in its period."""
        return self.received_from <= day <= self.received_to

    def covers_country(self, country: str | None) -> bool:
        """Whether a country is one of its own."""
        return self.countries is None or country in self.countries

    def covers_alert(self, alerted_at: datetime, country: str | None) -> bool:
        """Whether a brand may read an alert under it."""
        return self.covers_day(alerted_at.date()) and self.covers_country(country)


def may_be_alerted(engagements: Sequence[Engagement], at: datetime, country: str | None) -> bool:
    """Whether an alert may go to a brand's topic now: whether its desk could read it now. A brand
    that nobody has engaged is told nothing."""
    active = (engagement for engagement in engagements if engagement.is_active(at))
    return any(engagement.covers_alert(at, country) for engagement in active)
