"""The rules of procedure as anybody may read them: all that stands in `domain/rules.py`, and the
steps of `domain/cases/transitions.py`."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain import rules
from chalicelib.domain.calendars import DEFAULT_ZONE, ZONES, Allowance
from chalicelib.domain.cases.transitions import ways_from
from chalicelib.domain.rules import ClockKind, ClockRule, RetentionRule
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import ErasureScope, EscalationLevel, State

Jurisdiction = Annotated[
    str | None, Field(description="Where it holds; null: where nothing else is said.")
]


class ClockRuleView(Value):
    """How long a step may take."""

    clock: ClockKind
    jurisdiction: Jurisdiction
    normal: Allowance
    high: Annotated[Allowance | None, Field(description="For severity S2, where it differs.")]
    urgent: Annotated[Allowance | None, Field(description="For severity S1, where it differs.")]
    source: Annotated[str | None, Field(description="The law or the procedure that says so.")]


class LevelView(Value):
    """When a clock that nobody stops reaches a level, and so whom it is told."""

    clock: ClockKind
    level: EscalationLevel
    percent: Annotated[
        int,
        Field(
            description="So much of the time the clock allows after it is due; before, if negative."
        ),
    ]


class StepView(Value):
    """A step that a case may take. From `on_hold` it may also go back to where it was held."""

    state: State
    to: State
    by: Annotated[tuple[str, ...], Field(description="Roles; `system` is the service itself.")]


class CalendarView(Value):
    """In whose dates the days of a jurisdiction's clocks are counted."""

    jurisdiction: Jurisdiction
    zone: Annotated[str, Field(description="IANA time zone. The end of a day is its midnight.")]
    business_days: Annotated[
        Literal["national", "monday_to_friday"],
        Field(
            description="`national`: without its weekend and nationwide public holidays, with the"
            " weekend days that are worked in exchange. `monday_to_friday`: no holidays are known."
        ),
    ]


class RetentionRuleView(Value):
    """How long after the end of a case what is kept of it."""

    rule_id: str
    jurisdiction: Jurisdiction
    erases: ErasureScope
    after_days: int
    after_withdrawal_days: Annotated[
        int | None, Field(description="Where consent was withdrawn, if it differs.")
    ]


class ExtensionRuleView(Value):
    """How much longer a clock may be made to run in writing."""

    clock: ClockKind
    longest_days: Annotated[int, Field(description="That may be asked for at a time.")]
    most: Annotated[int, Field(description="How often it may be granted in a case.")]
    source: Annotated[str | None, Field(description="The law or the procedure that says so.")]


class FactoryRuleView(Value):
    """How long a factory has to answer what a brand asks it."""

    answers: Annotated[
        Allowance, Field(description="It stops no clock of the case, and starts none.")
    ]


class CoalitionRuleView(Value):
    """When cases of several partners about one factory and category raise an alert."""

    workers: Annotated[int, Field(description="Distinct workers, over all partners.")]
    partners: int
    workers_each: Annotated[int, Field(description="Of each of so many partners at least.")]
    within_days: int


class SilenceRuleView(Value):
    """When a partner is told that it hears far less of a factory than before."""

    months_before: Annotated[
        int, Field(description="With so many the last month that is over is compared.")
    ]
    usual_at_least: Annotated[int, Field(description="Cases, in half of those months.")]
    chance: Annotated[
        float, Field(description="Of so few cases by accident: at most this, by an exact test.")
    ]


class Rules(Value):
    """The rules of procedure, by jurisdiction."""

    version: str
    steps: tuple[StepView, ...]
    clocks: tuple[ClockRuleView, ...]
    levels: tuple[LevelView, ...]
    extensions: Annotated[
        tuple[ExtensionRuleView, ...],
        Field(description="The clocks that a brand may ask to have extended; no other can be."),
    ]
    factory: FactoryRuleView
    calendars: tuple[CalendarView, ...]
    retention: tuple[RetentionRuleView, ...]
    coalition: CoalitionRuleView
    silence: SilenceRuleView
    reopen_days: Annotated[int, Field(description="How long a closed case may be reopened.")]


def rules_view() -> Rules:
    """The table as it is now."""
    return Rules(
        version=rules.VERSION,
        steps=tuple(
            StepView(state=state, to=to, by=tuple(sorted(who)))
            for state in State
            for to, who in ways_from(state).items()
        ),
        clocks=tuple(
            _clock(place, kind, rule)
            for place, table in ((None, rules.DEFAULT), *sorted(rules.BY_JURISDICTION.items()))
            for kind, rule in table.items()
        ),
        levels=tuple(
            LevelView(clock=kind, **dict(rule))
            for kind, reached in rules.LEVELS.items()
            for rule in reached
        ),
        extensions=tuple(
            ExtensionRuleView(clock=kind, **dict(rule)) for kind, rule in rules.EXTENSIONS.items()
        ),
        factory=FactoryRuleView(**dict(rules.FACTORY)),
        calendars=(
            CalendarView(jurisdiction=None, zone=DEFAULT_ZONE, business_days="monday_to_friday"),
            *(
                CalendarView(jurisdiction=place, zone=zone, business_days="national")
                for place, zone in sorted(ZONES.items())
            ),
        ),
        retention=tuple(
            _retention(place, rule)
            for place, table in (
                (None, rules.RETENTION),
                *sorted(rules.RETENTION_BY_JURISDICTION.items()),
            )
            for rule in table.values()
        ),
        coalition=CoalitionRuleView(
            workers=rules.COALITION.workers,
            partners=rules.COALITION.partners,
            workers_each=rules.COALITION.workers_each,
            within_days=rules.COALITION.within.days,
        ),
        silence=SilenceRuleView(**dict(rules.SILENCE)),
        reopen_days=rules.REOPEN_WINDOW.days,
    )


def _clock(jurisdiction: str | None, kind: ClockKind, rule: ClockRule) -> ClockRuleView:
    return ClockRuleView(jurisdiction=jurisdiction, clock=kind, **dict(rule))


def _retention(jurisdiction: str | None, rule: RetentionRule) -> RetentionRuleView:
    withdrawn = rule.after_withdrawal
    return RetentionRuleView(
        rule_id=rule.rule_id,
        jurisdiction=jurisdiction,
        erases=rule.erases,
        after_days=rule.after.days,
        after_withdrawal_days=None if withdrawn is None else withdrawn.days,
    )
