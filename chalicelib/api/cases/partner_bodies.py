"""What partners send: queries and bodies."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from chalicelib.api.listing import Paging
from chalicelib.domain.cases.facts import FactoryReported, Facts, Filing
from chalicelib.domain.dates import PartialDate, PartialDateOrOngoing
from chalicelib.domain.factories.registry import FactoryId
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.text import CountryCode, LanguageTag, Line, Prose
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    Category,
    IloIndicator,
    IntakeType,
    OpeningReason,
    Severity,
    State,
    Visibility,
    WorkersBand,
)


class GrievanceQuery(Paging):
    """Narrows a list of grievances."""

    state: State | None = None
    severity: Severity | None = None
    category: Category | None = None
    factory_id: FactoryId | None = None
    received_from: Annotated[Moment | None, Field(description="Inclusive, RFC 3339.")] = None
    received_to: Annotated[Moment | None, Field(description="Inclusive, RFC 3339.")] = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        # DynamoDB refuses such a BETWEEN
        if self.received_from and self.received_to and self.received_to < self.received_from:
            raise ValueError("received_to must not lie before received_from")
        return self


class NewGrievance(Filing):
    """A grievance as posted, with or without who the worker is."""

    worker: Annotated[
        WorkerIdentity | None,
        Field(
            description="Who the worker is. Kept encrypted in the vault, apart from the case: in "
            "no list, alert, export or log. Leave it out unless you need to reach her."
        ),
    ] = None

    def filing(self) -> Filing:
        """All but the worker's identity."""
        return Filing.model_construct(**{n: getattr(self, n) for n in Filing.model_fields})


class IdentityOpening(Value):
    """Why an identity is opened. The ledger keeps the reason, and of the note a keyed hash."""

    reason: OpeningReason
    note: Annotated[
        Line | None, Field(description="For your own records; the ledger holds a keyed hash.")
    ] = None


_SEVERITY = {"severity", "severity_reason"}


class Correction(Value):
    """Fields to replace, as in JSON merge patch: what is left out stays, `null` clears.

    `factory_reported` is replaced as a whole; consent has a route of its own. A supervisor can
    raise `severity`, and lower it with a `severity_reason` and no other field; lowering it from
    `S1` takes a second one.
    """

    intake_type: Annotated[
        Literal[IntakeType.GRIEVANCE, IntakeType.RETALIATION] | None,
        Field(description="What an enquiry or a suggestion turned out to be."),
    ] = None
    workers_affected: (
        Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | WorkersBand | None
    ) = None
    factory_reported: FactoryReported | None = None
    incident_from: PartialDate | None = None
    incident_to: PartialDateOrOngoing | None = None
    categories: Annotated[tuple[Category, ...] | None, Field(min_length=1, max_length=10)] = None
    sub_codes: Annotated[tuple[str, ...] | None, Field(max_length=20)] = None
    ilo_indicators: Annotated[tuple[IloIndicator, ...] | None, Field(max_length=11)] = None
    narrative: Prose | None = None
    summary: Prose | None = None
    requested_remedy: Prose | None = None
    language: LanguageTag | None = None
    jurisdiction: CountryCode | None = None
    severity: Severity | None = None
    severity_reason: Annotated[
        Line | None, Field(description="Why `severity` changes; needed to lower it.")
    ] = None

    def corrections(self) -> dict[str, Any]:
        """Fields by name; one that was sent as null gets its default."""
        given = {name: getattr(self, name) for name in self.model_fields_set - _SEVERITY}
        defaults = {
            name: Facts.model_fields[name].get_default()
            for name, value in given.items()
            if value is None and not Facts.model_fields[name].is_required()
        }
        raised = {"severity_raised_to": self.severity} if self.severity else {}
        return {**given, **defaults, **raised}


class NewMessage(Value):
    """A note or a message to add to a case."""

    text: Prose
    visibility: Annotated[
        Visibility,
        Field(
            description="`partner`: only your organisation reads it. `brand`: the brands that were"
            " told of the case read it, too, as long as the worker agrees to as much as she does"
            " now. Name nobody, and no factory that they do not know. `worker`: it is sent to the"
            " worker, in 1,500 characters at most."
        ),
    ] = Visibility.PARTNER
    speaks_for: Annotated[
        Literal["partner", "worker"],
        Field(description="Whose statement it is: your organisation's, or the worker's own."),
    ] = "partner"


class FactoryChoice(Value):
    """Which factory is meant."""

    factory_id: FactoryId
    remember_spelling: Annotated[
        bool,
        Field(
            description="Let the factory as it was reported mean this one from now on, for every "
            "partner. Name and place as reported become part of the registry."
        ),
    ] = True


class FactoryRefusal(Value):
    """Which factories are not meant."""

    factory_ids: Annotated[tuple[FactoryId, ...], Field(min_length=1, max_length=20)]
    remember_spelling: Annotated[
        bool,
        Field(
            description="Never again match this name with them without a person. Name and place "
            "as reported become part of the registry."
        ),
    ] = True
