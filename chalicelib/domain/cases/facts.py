"""What a partner tells about a grievance: the part of a case that comes from outside."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from chalicelib.domain import taxonomy
from chalicelib.domain.cases.case_link import MOST_FILED, FiledLink
from chalicelib.domain.dates import (
    ONGOING,
    PartialDate,
    PartialDateOrOngoing,
    first_day,
    last_day,
)
from chalicelib.domain.factories.registry import BrandId
from chalicelib.domain.text import CountryCode, LanguageTag, Line, Prose
from chalicelib.domain.values import Latitude, Longitude, Value
from chalicelib.domain.vocabulary import (
    Category,
    Channel,
    ConsentLevel,
    FiledBy,
    IloIndicator,
    IntakeType,
    LinkType,
    WorkersBand,
)

_BAND_LIMITS = (
    (1, WorkersBand.ONE),
    (10, WorkersBand.UP_TO_10),
    (50, WorkersBand.UP_TO_50),
    (250, WorkersBand.UP_TO_250),
    (1000, WorkersBand.UP_TO_1000),
)

PEOPLE_IN_BAND: Mapping[WorkersBand, int] = {
    **{band: limit for limit, band in _BAND_LIMITS},
    WorkersBand.OVER_1000: 1001,
}
"""The upper end of each band; of the open one its lower end, all that is known."""


def band_of(workers: int | WorkersBand | None) -> WorkersBand | None:
    """The published band for a count, or the band itself."""
    if workers is None or isinstance(workers, WorkersBand):
        return workers
    return next((band for limit, band in _BAND_LIMITS if workers <= limit), WorkersBand.OVER_1000)


class FactoryReported(Value):
    """The factory exactly as the worker or the officer named it."""

    name: Annotated[Line | None, Field(description="As heard or written, in any script.")] = None
    address: Line | None = None
    city: Line | None = None
    country: Annotated[CountryCode | None, Field(description="ISO 3166-1 alpha-2.")] = None
    identifiers: Annotated[
        tuple[Line, ...],
        Field(
            max_length=10, description="OS ID, USCC, LEI, GLN, as given; checked, never trusted."
        ),
    ] = ()
    latitude: Annotated[Latitude | None, Field(description="Of the factory; with `longitude`.")] = (
        None
    )
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _both_coordinates_or_none(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude are given together or not at all")
        return self


ScriptVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
"""A label like `helpline-zh-3`: it enters the ledger as it is, so it can hold nobody's words."""


class Consent(Value):
    """What the worker agreed to. The default is nothing (`C0`, every switch off)."""

    level: Annotated[
        ConsentLevel,
        Field(
            description="C0 nothing · C1 aggregates · C2 the issue without the factory · C3 issue "
            "and factory · C4 identity for named recipients · X escrow."
        ),
    ] = ConsentLevel.C0
    recipients: Annotated[
        tuple[BrandId, ...],
        Field(
            max_length=10,
            description="Needed at C4, and for no other level: the brands that may be told who the "
            "worker is, by `brand_id`, each once.",
        ),
    ] = ()
    publish_summary: bool = False
    cross_border: Annotated[
        bool,
        Field(description="Needed before anything leaves a jurisdiction that asks for it (CN)."),
    ] = False
    contact_back: bool = False
    share_with_union: bool = False
    script_version: Annotated[
        ScriptVersion | None,
        Field(description="Which consent script was read to the worker. Needed for any yes."),
    ] = None

    @model_validator(mode="after")
    def _a_yes_names_its_script(self) -> Self:
        if self.agrees and self.script_version is None:
            raise ValueError("script_version is needed: which script did the worker agree to?")
        return self

    @model_validator(mode="after")
    def _recipients_are_named_for_who_she_is(self) -> Self:
        """That C4 names some is asked of what is new alone: what was stored before still reads."""
        if self.recipients and self.level is not ConsentLevel.C4:
            raise ValueError("recipients are named at level C4 only")
        if len(set(self.recipients)) != len(self.recipients):
            raise ValueError("recipients must not name a brand twice")
        return self

    @property
    def agrees(self) -> bool:
        """Whether the worker has agreed to anything at all."""
        switches = (
            self.publish_summary, self.cross_border, self.contact_back, self.share_with_union,
        )  # fmt: skip
        return self.level is not ConsentLevel.C0 or any(switches)


class Facts(Value):
    """The facts of a case as the partner states them, and may correct them."""

    intake_type: IntakeType = IntakeType.GRIEVANCE
    channel: Channel = Channel.PARTNER_API
    filed_by: FiledBy = FiledBy.INDIVIDUAL
    workers_affected: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | WorkersBand | None,
        Field(description="A count, or a band where the count is not known."),
    ] = None
    factory_reported: FactoryReported = FactoryReported()
    incident_from: Annotated[
        PartialDate | None, Field(description="`2026`, `2026-10` or `2026-10-05`.")
    ] = None
    incident_to: Annotated[
        PartialDateOrOngoing | None, Field(description="Like `incident_from`, or `ongoing`.")
    ] = None
    categories: Annotated[
        tuple[Category, ...], Field(min_length=1, max_length=10, description="Worst first.")
    ]
    sub_codes: Annotated[
        tuple[str, ...], Field(max_length=20, description="See GET /v1/taxonomy.")
    ] = ()
    ilo_indicators: Annotated[tuple[IloIndicator, ...], Field(max_length=11)] = ()
    narrative: Annotated[
        Prose | None, Field(description="Restricted: never leaves the partner.")
    ] = None
    summary: Annotated[
        Prose | None, Field(description="Safe to share: no names, no way to recognise anybody.")
    ] = None
    requested_remedy: Prose | None = None
    language: Annotated[
        LanguageTag, Field(description="BCP 47; the worker reads her progress in it.")
    ] = "en"
    jurisdiction: Annotated[
        CountryCode | None,
        Field(description="Whose rules apply; the factory's country where it is not given."),
    ] = None
    consent: Consent = Consent()

    @field_validator("sub_codes")
    @classmethod
    def _known_sub_codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if not taxonomy.SUB_CODES.issuperset(codes):
            raise ValueError("must be sub-codes from GET /v1/taxonomy")
        return codes

    @field_validator("categories", "sub_codes", "ilo_indicators")
    @classmethod
    def _no_repeats(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(values)) != len(values):
            raise ValueError("must not repeat a value")
        return values

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.incident_to is None or self.incident_to == ONGOING or self.incident_from is None:
            return self
        if last_day(self.incident_to) < first_day(self.incident_from):
            raise ValueError("incident_to must not lie before incident_from")
        return self

    @property
    def law(self) -> str | None:
        """The country whose rules apply."""
        return self.jurisdiction or self.factory_reported.country


class Filing(Facts):
    """A grievance as posted."""

    partner_ref: Annotated[
        Annotated[Line, Field(max_length=200)] | None,
        Field(description="Your own number for it; unique among your grievances."),
    ] = None
    links: Annotated[
        tuple[FiledLink, ...],
        Field(max_length=MOST_FILED, description="Cases of yours that it belongs to, each once."),
    ] = ()

    @field_validator("links")
    @classmethod
    def _each_case_once(cls, links: tuple[FiledLink, ...]) -> tuple[FiledLink, ...]:
        if len({link.grievance_id for link in links}) != len(links):
            raise ValueError("must not name a case twice")
        return links

    @field_validator("links")
    @classmethod
    def _reprisals_are_filed_as_such(
        cls, links: tuple[FiledLink, ...], others: ValidationInfo
    ) -> tuple[FiledLink, ...]:
        filed_as = others.data.get("intake_type", IntakeType.RETALIATION)
        of_reprisals = any(link.type is LinkType.RETALIATION_OF for link in links)
        if of_reprisals and filed_as is not IntakeType.RETALIATION:
            raise ValueError("`retaliation_of` takes the intake_type `retaliation`")
        return links
