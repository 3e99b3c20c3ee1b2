"""A brand's scorecard: what it did about the cases it was told of in a quarter, in numbers.

Computed once, when all clocks that began in the quarter have run out, and never changed: what a
brand reads of itself is what becomes public two weeks later, beside its answer. Nobody's case can
be made out: a figure over fewer than `SMALLEST` cases is withheld, and so is a share of cases that
ended in some way where those that did, or those that did not, are fewer (k-anonymity, Sweeney
2002, with complementary suppression).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Annotated, NamedTuple, Self

from pydantic import Field, StringConstraints

from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Way, release
from chalicelib.domain.cases.facts import PEOPLE_IN_BAND, band_of
from chalicelib.domain.remedies.remediation import PlannedAction, RemediationPlan
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import AlertKind, AlertStatus, Outcome, State, WorkersBand

SMALLEST = 5
"""The k of the public statistics (domain contract, §7)."""

COMPUTED_AFTER = timedelta(days=30)
"""After a quarter's end the clocks of its last alerts run for so long."""

PUBLIC_AFTER = timedelta(days=14)
"""For so long a brand alone reads its card, that its answer can stand beside it from the start."""

TELLS = frozenset({AlertKind.NEW, AlertKind.RETRO, AlertKind.RETALIATION})
"""The kinds by which a brand first hears of a case."""

_REMEDIED = frozenset({Outcome.RESOLVED, Outcome.SETTLED})

QuarterName = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}-Q[1-4]$"),
    Field(description="A calendar quarter in UTC."),
]


class Quarter(NamedTuple):
    """A calendar quarter, in UTC."""

    year: int
    number: int

    @classmethod
    def named(cls, name: str) -> Self:
        """`2026-Q3`. ValueError for anything else."""
        year, _, number = name.partition("-Q")
        if not year.isdecimal() or number not in ("1", "2", "3", "4"):
            raise ValueError(name)
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        year, month = (self.year + 1, 1) if self.number == 4 else (self.year, 3 * self.number + 1)
        return datetime(year, month, 1, tzinfo=UTC)

    @property
    def computed_from(self) -> datetime:
        """From then on its card is computed, and its brand may read it."""
        return self.ends + COMPUTED_AFTER

    @property
    def public_from(self) -> datetime:
        """From then on anybody may read it."""
        return self.computed_from + PUBLIC_AFTER


class BrandStatement(StrEnum):
    """What a brand may say to its numbers, in public: from this list, as nobody reads claims about
    a case whose people cannot answer (after the CFPB's closed list of public responses)."""

    ACTED_ON_ALL = "acted_on_all"
    STILL_AT_WORK = "still_at_work"
    DISPUTES_FACTS = "disputes_facts"
    DISPUTES_SOURCING = "disputes_sourcing"
    FACTORY_DID_NOT_COOPERATE = "factory_did_not_cooperate"
    TOLD_TOO_LATE = "told_too_late"
    NO_STATEMENT = "no_statement"


class Share(Value):
    """How many of how many, in whole percent; both null where that could point at somebody."""

    of: Annotated[
        int | None, Field(description="Of how many, rounded down to a multiple of five.")
    ] = None
    percent: int | None = None


class Figures(Value):
    """What a brand did about the cases that it first heard of in the quarter."""

    cases: Annotated[
        int | None,
        Field(description="How many, rounded down to a multiple of five; null below five."),
    ] = None
    acknowledged_in_time: Annotated[
        Share, Field(description="Of the alerts that it had to acknowledge.")
    ] = Share()
    replied_in_time: Annotated[Share, Field(description="Of those that it had to answer.")] = (
        Share()
    )
    median_days_to_acknowledge: Annotated[
        float | None, Field(description="Of those it has acknowledged, to a tenth of a day.")
    ] = None
    median_days_to_reply: Annotated[
        float | None, Field(description="Of those it has answered, to a tenth of a day.")
    ] = None
    plans_kept: Annotated[
        Share,
        Field(
            description="Of the actions of its accepted plans that were due: those done by their"
            " day, and not found otherwise by the partner."
        ),
    ] = Share()
    resolved: Annotated[
        Share, Field(description="Of the cases that were closed: resolved or settled.")
    ] = Share()
    reopened: Annotated[
        Share, Field(description="Of the cases that were ever closed: opened again.")
    ] = Share()
    workers_remedied: Annotated[
        WorkersBand | None, Field(description="In how many workers' cases, all together.")
    ] = None


class Scorecard(Value):
    """A brand's numbers of a quarter, and what it says to them."""

    brand_id: str
    quarter: QuarterName
    computed_at: Moment
    public_from: Moment
    figures: Figures
    statements: tuple[BrandStatement, ...] = ()
    stated_at: Moment | None = None
    version: int = 1

    def answered(self, statements: Iterable[BrandStatement], at: datetime) -> "Scorecard":
        """The card with what the brand says now instead of what it said before."""
        said = tuple(sorted(set(statements)))
        if said == self.statements:
            return self
        return self.model_copy(
            update={"statements": said, "stated_at": at, "version": self.version + 1}
        )


class Told(NamedTuple):
    """A case that a brand was told of: by which alert, and what it planned."""

    alert: Alert
    case: Case
    plans: Sequence[RemediationPlan] = ()

    @property
    def counts(self) -> bool:
        """Whether it may be counted, and was the first that the brand heard of the case."""
        case, country = self.case, self.alert.payload.country
        countries = (case.law, case.factory_reported.country, country)
        allowed = release(case.agreed, Way.STATISTICS, *countries).detail >= Detail.COUNTED
        heard = self.alert.payload.kind in TELLS and self.alert.status is AlertStatus.SENT
        return allowed and heard


def scorecard_of(
    brand_id: str, quarter: Quarter, told: Iterable[Told], *, at: datetime
) -> Scorecard:
    """The card of what a brand was told in a quarter, as things stand at `at`."""
    return Scorecard(
        brand_id=brand_id,
        quarter=str(quarter),
        computed_at=at,
        public_from=quarter.public_from,
        figures=_figures([each for each in told if each.counts], at),
    )


def _figures(told: Sequence[Told], at: datetime) -> Figures:
    if len(told) < SMALLEST:
        return Figures()
    closed = [each.case for each in told if each.case.state is State.CLOSED]
    ever_closed = [
        each.case for each in told if each.case.closed_at is not None or each.case.reopened_count
    ]
    return Figures(
        cases=_rounded(len(told)),
        acknowledged_in_time=_in_time(told, lambda a: a.payload.acknowledge_by, _acknowledged, at),
        replied_in_time=_in_time(told, lambda a: a.payload.respond_by, _replied, at),
        median_days_to_acknowledge=_median_days(told, _acknowledged),
        median_days_to_reply=_median_days(told, _replied),
        plans_kept=_plans_kept(told, at.date()),
        resolved=_of_cases([case.outcome in _REMEDIED for case in closed]),
        reopened=_of_cases([case.reopened_count > 0 for case in ever_closed]),
        workers_remedied=_workers([case for case in closed if case.outcome in _REMEDIED]),
    )


def _acknowledged(alert: Alert) -> datetime | None:
    return alert.acknowledged_at


def _replied(alert: Alert) -> datetime | None:
    return alert.first_reply_at


def _in_time(
    told: Sequence[Told],
    due: Callable[[Alert], datetime],
    done: Callable[[Alert], datetime | None],
    at: datetime,
) -> Share:
    """A deed of the brand's own: only how many there were says anything about anybody else."""
    clocks = [(due(each.alert), done(each.alert)) for each in told]
    over = [(limit, when) for limit, when in clocks if when is not None or limit <= at]
    return _share([when is not None and when <= limit for limit, when in over])


def _median_days(told: Sequence[Told], done: Callable[[Alert], datetime | None]) -> float | None:
    took = [
        (when - each.alert.alerted_at) / timedelta(days=1)
        for each in told
        if (when := done(each.alert)) is not None
    ]
    return round(median(took), 1) if len(took) >= SMALLEST else None


def _plans_kept(told: Sequence[Told], today: date) -> Share:
    due = [
        action
        for each in told
        for plan in each.plans
        if plan.accepted_at is not None and plan.returned_at is None
        for action in plan.actions
        if action.due_on < today
    ]
    return _share([_kept(action) for action in due])


def _kept(action: PlannedAction) -> bool:
    latest = action.latest
    return action.is_reported and latest is not None and latest.done_on <= action.due_on


def _share(which: Sequence[bool]) -> Share:
    if len(which) < SMALLEST:
        return Share()
    return Share(of=_rounded(len(which)), percent=round(100 * sum(which) / len(which)))


def _of_cases(which: Sequence[bool]) -> Share:
    """A share of cases that ended in some way: neither they nor the others may be a few."""
    few = range(1, SMALLEST)
    if sum(which) in few or len(which) - sum(which) in few:
        return Share()
    return _share(which)


def _workers(cases: Sequence[Case]) -> WorkersBand | None:
    if len(cases) < SMALLEST:
        return None
    return band_of(sum(_people(case) for case in cases))


def _people(case: Case) -> int:
    """At least how many workers a case is about; a band's lower end lies above the one below's."""
    affected = case.workers_affected
    if isinstance(affected, WorkersBand):
        below = [limit for limit in PEOPLE_IN_BAND.values() if limit < PEOPLE_IN_BAND[affected]]
        return max(below, default=0) + 1 if affected is not WorkersBand.OVER_1000 else 1001
    return affected or 1


def _rounded(count: int) -> int:
    return count - count % 5
