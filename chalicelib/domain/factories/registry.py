"""Brands, factories, and who sources where: the map from a factory to those who must be told."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from chalicelib.domain.dates import ONGOING, first_day, last_day
from chalicelib.domain.text import CountryCode, LanguageTag, Line
from chalicelib.domain.values import Latitude, Longitude, Moment, Share, Value
from chalicelib.domain.vocabulary import Category

BrandId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""A slug the operator chooses; it becomes part of the topic's name."""

FactoryId = Annotated[str, StringConstraints(pattern=r"^f_[0-9a-z]{26}$")]


class CodeClause(Value):
    """A clause of the brand's own code of conduct that covers a category."""

    category: Category
    clause: Line


class CodeOfConduct(Value):
    """The brand's own promises, by version."""

    version: Line
    clauses: Annotated[tuple[CodeClause, ...], Field(max_length=100)] = ()

    def clause_for(self, category: Category) -> str | None:
        """The clause that covers a category, if the code has one."""
        return next((c.clause for c in self.clauses if c.category is category), None)


class BrandFields(Value):
    """What an operator says about a brand."""

    name: Line
    lei: Annotated[Line | None, Field(description="ISO 17442.")] = None
    language: Annotated[LanguageTag, Field(description="Of its alerts.")] = "en"
    code_of_conduct: CodeOfConduct | None = None
    aws_account_id: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9]{12}$",
            description="May subscribe its own queues and functions to the brand's topic."
            " Shown to operators alone.",
        ),
    ] = None


class Brand(BrandFields):
    """A brand that discloses factories and is told about grievances in them."""

    brand_id: BrandId
    updated_at: Moment
    version: int = 1


class FactoryFields(Value):
    """What is known about a factory, from a disclosure or an operator."""

    name: Line
    aliases: Annotated[
        tuple[Line, ...], Field(max_length=50, description="Other names, any language, any script.")
    ] = ()
    address: Line | None = None
    city: Line | None = None
    admin_area: Line | None = None
    country: CountryCode
    os_id: Annotated[Line | None, Field(description="Open Supply Hub id.")] = None
    uscc: Annotated[Line | None, Field(description="GB 32100-2015.")] = None
    lei: Line | None = None
    gln: Line | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    parent: Line | None = None
    processing_types: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    workers: Annotated[int | None, Field(ge=0, le=10_000_000)] = None


class Factory(FactoryFields):
    """A place of work."""

    factory_id: FactoryId
    updated_at: Moment
    version: int = 1
    current_os_id: Annotated[
        str | None, Field(description="What `os_id` is now, where it was merged into another.")
    ] = None
    merged_into: Annotated[
        FactoryId | None,
        Field(description="The factory that this one is, by their OS IDs: cases go there."),
    ] = None
    merged_from: Annotated[
        tuple[FactoryId, ...],
        Field(description="The factories that are this one, by their OS IDs."),
    ] = ()

    @property
    def id_now(self) -> str:
        """The id of the factory that this one is now."""
        return self.merged_into or self.factory_id

    @property
    def all_ids(self) -> tuple[str, ...]:
        """Its id, and those of the factories that are this one."""
        return (self.factory_id, *self.merged_from)

    @property
    def identifiers(self) -> dict[str, str]:
        """The identifiers that are known, by kind."""
        known = {kind: getattr(self, kind) for kind in ("os_id", "uscc", "lei", "gln")}
        return {kind: value for kind, value in known.items() if value}


class LinkFields(Value):
    """That a brand sources from a factory, since when, until when, and who says so.

    A date that is not known is left out; an unknown date counts as covering.
    """

    tier: Annotated[int, Field(ge=1, le=9)] = 1
    valid_from: date | None = None
    valid_to: date | None = None
    source: Annotated[Line, Field(description="The disclosure this was read from.")]
    disclosed_at: date
    confidence: Share = 1.0

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to must not lie before valid_from")
        return self


class SourcingLink(LinkFields):
    """A sourcing link; one for each brand and factory."""

    brand_id: BrandId
    factory_id: FactoryId
    updated_at: Moment
    version: int = 1

    def covers(self, incident_from: str | None, incident_to: str | None, received: date) -> bool:
        """Whether the brand sourced there at any time of the incident.

        An incident without dates is taken to have happened when it was received; one without an
        end lasts until then. A date known to the month or the year covers all it can mean.
        """
        start = first_day(incident_from) if incident_from else None
        end = received if incident_to in (None, ONGOING) else last_day(incident_to or "")
        if start is None and incident_to not in (None, ONGOING):
            start = first_day(incident_to or "")
        start = min(start or received, end)
        return (self.valid_to is None or self.valid_to >= start) and (
            self.valid_from is None or self.valid_from <= end
        )

    def dates_known(self) -> bool:
        """Whether the link says from when it holds."""
        return self.valid_from is not None


def covering(
    links: Iterable[SourcingLink],
    incident_from: str | None,
    incident_to: str | None,
    received: date,
) -> list[SourcingLink]:
    """The links whose brands must be told, in the order of the brands' ids."""
    return one_each(link for link in links if link.covers(incident_from, incident_to, received))


def one_each(links: Iterable[SourcingLink]) -> list[SourcingLink]:
    """The first link of each brand, in the order of the brands' ids. A brand has several where
    factories that it sources from are one."""
    first: dict[str, SourcingLink] = {}
    for link in links:
        first.setdefault(link.brand_id, link)
    return [first[brand_id] for brand_id in sorted(first)]
