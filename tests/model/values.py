"""What the model knows: plain values, replaced when something happens. Nothing of the service."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

OPEN_PROPOSAL = timedelta(days=7)


@dataclass(frozen=True)
class Consent:
    """What the worker agrees to."""

    level: str = "C0"
    across: bool = False
    summary: bool = False

    @property
    def body(self) -> dict[str, object]:
        """As it is sent."""
        return {
            "level": self.level,
            "recipients": ["acme"] if self.level == "C4" else [],
            "cross_border": self.across,
            "publish_summary": self.summary,
            "script_version": "script-1",
        }


@dataclass(frozen=True)
class Place:
    """A factory as people report it; `factories` are those the registry means by it."""

    name: str
    country: str
    city: str
    factories: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, str]:
        """As it is sent."""
        return {"name": self.name, "country": self.country, "city": self.city}


class AlertName(NamedTuple):
    """What tells an alert apart from all others of its case."""

    brand: str
    kind: str
    round: int


@dataclass(frozen=True)
class Told:
    """An alert: what its brand was told, and what became of it."""

    name: AlertName
    level: str
    country: str
    summary: bool = False
    status: str = "pending"
    attempts: int = 0
    due_at: datetime | None = None
    left: int | None = None
    acknowledged: bool = False
    replies: int = 0
    takes_back: frozenset[AlertName] = frozenset()
    made_at: datetime | None = None
    surely_unsent: bool = False

    @property
    def is_recall(self) -> bool:
        """Whether it takes others back."""
        return self.name.kind == "recall"


@dataclass(frozen=True)
class Proposal:
    """What waits for a second person."""

    kind: str
    proposer: int
    until: datetime
    state: str
    severity: str
    goal: str


@dataclass(frozen=True)
class Case:
    """A case. `actions` are its ledger: as many as its version says."""

    key: str
    partner: str
    grievance_id: str
    public_ref: str
    words: str
    place: str
    intake: str
    category: str
    many: bool
    consent: Consent
    severity: str
    received_at: datetime
    identity: str | None = None
    texts_erased: bool = False
    written_since: bool = False
    held_with_words: bool = False
    state: str = "received"
    routing: str = "pending"
    reason: str | None = None
    due: bool = False
    factory: str | None = None
    chosen: bool = False
    settled: tuple[object, ...] | None = None
    held_from: str | None = None
    appealed: bool = False
    outcome: str | None = None
    reopened: int = 0
    consent_changes: int = 0
    closed_at: datetime | None = None
    running_since: datetime | None = None
    erases_at: datetime | None = None
    announced: bool = False
    proposal: Proposal | None = None
    told: tuple[Told, ...] = ()
    actions: tuple[str, ...] = ("received",)

    @property
    def version(self) -> int:
        """What `If-Match` takes."""
        return len(self.actions)

    @property
    def round(self) -> int:
        """Tells the alerts of one kind and level apart."""
        return self.reopened + self.consent_changes + 1

    @property
    def has_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in ("closed", "inadmissible")

    @property
    def rests_at(self) -> str:
        """Its state, on hold or not."""
        return self.held_from or self.state

    def after(self, action: str, **changes: object) -> "Case":
        """The case with one more entry in its ledger."""
        return replace(self, actions=(*self.actions, action), **changes)  # type: ignore[arg-type]

    def with_told(self, told: Told) -> "Case":
        """The case with one of its alerts replaced, or with one more."""
        others = [each for each in self.told if each.name != told.name]
        return replace(self, told=tuple(sorted((*others, told), key=lambda each: each.name)))


@dataclass(frozen=True)
class Registry:
    """Which factories are where, who sources there, and who is not engaged at the moment."""

    places: dict[str, Place]
    links: frozenset[tuple[str, str]]
    not_engaged: frozenset[str] = frozenset()

    def meant(self, place: str) -> tuple[str, ...]:
        """The factories that a report of this place may mean."""
        return self.places[place].factories

    def brands_at(self, factory: str) -> list[str]:
        """Who sources there."""
        return sorted(brand for at, brand in self.links if at == factory)

    def told_at(self, factory: str) -> list[str]:
        """Who of them may be told."""
        return [brand for brand in self.brands_at(factory) if brand not in self.not_engaged]

    def country(self, factory: str) -> str:
        """Where a factory is."""
        return next(p.country for p in self.places.values() if factory in p.factories)
