"""What goes into the matcher and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Facility:
    """One factory of the registry, as the index is built from it."""

    id: str
    names: tuple[str, ...]  # disclosed name first, then aliases and confirmed spellings
    address: str = ""  # street, district, city, region: whatever is known
    country: str = ""  # ISO 3166-1 alpha-2, or empty
    identifiers: Mapping[str, str] = field(default_factory=dict)  # scheme ("os_id") -> value
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A factory as somebody reports it; every field may be empty or wrong."""

    name: str = ""
    address: str = ""
    city: str = ""
    country: str = ""  # ISO 3166-1 alpha-2, or empty
    identifiers: tuple[str, ...] = ()  # as written; identifiers inside the texts are found too
    latitude: float | None = None
    longitude: float | None = None


class Status(StrEnum):
    """What may happen next: an alert, a supervisor's choice, or the search for other ways."""

    MATCHED = "matched"
    REVIEW = "review"
    UNMATCHED = "unmatched"


class Reason(NamedTuple):
    """One thing that speaks for or against, with a stable code and a text for people."""

    code: str
    text: str


class Candidate(NamedTuple):
    """A factory that may be meant, best first in a `Decision`."""

    facility_id: str
    name: str  # the registry's name or alias that fits best
    score: float  # probability from 0 to 1 that this record is the same factory
    reasons: tuple[Reason, ...]
    features: Mapping[str, float]


class Decision(NamedTuple):
    """The answer, with everything a person or an auditor needs to understand it."""

    status: Status
    facility_id: str | None  # set when, and only when, the status is `matched`
    score: float  # probability that the first candidate is right, taking its rivals into account
    method: str  # "identifier", "confirmed_alias", "exact_name", "model" or "none"
    reasons: tuple[Reason, ...]
    candidates: tuple[Candidate, ...]
    matched_alias: str | None
    index_version: str
    model_version: str
