"""Rules of procedure as data: how long each step may take, and in which unit.

Anchors: directive (EU) 2019/1937 for 7 and 90 days, CFPB company portal for 15, FLA third-party
complaints for 45. None of them says "working days", so they are days as they come: in union law a
period includes holidays, Saturdays and Sundays unless it is expressed in working days (regulation
(EEC, Euratom) 1182/71, article 3(3)). A jurisdiction that differs stands in `BY_JURISDICTION`, with
the source that says so. `GET /v1/rules-of-procedure` publishes all of it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from chalicelib.domain.calendars import Allowance, Unit, deadline
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import ErasureScope, EscalationLevel, Severity

VERSION = "2026-1"


class ClockKind(StrEnum):
    """The clocks that run on a case, each named after what stops it."""

    ACKNOWLEDGE = "acknowledge"
    SCREENING = "screening"
    ALERT_BRAND = "alert_brand"
    BRAND_ACKNOWLEDGES = "brand_acknowledges"
    BRAND_FIRST_REPLY = "brand_first_reply"
    REMEDIATION_PLAN = "remediation_plan"
    FIRST_CHECK_IN = "first_check_in"
    SECOND_CHECK_IN = "second_check_in"
    THIRD_CHECK_IN = "third_check_in"
    VERIFY = "verify"
    FEEDBACK = "feedback"
    HARD_STOP = "hard_stop"


class ClockRule(Value):
    """How long a step may take; `urgent` applies to S1, `high` to S2 where it differs. `source` is
    the law or the procedure that says so; of a rule without one nobody but the service does."""

    normal: Allowance
    high: Allowance | None = None
    urgent: Allowance | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _business_days_have_a_source(self) -> Self:
        units = {each.unit for each in (self.normal, self.high, self.urgent) if each}
        if Unit.BUSINESS_DAYS in units and not self.source:
            raise ValueError("business days need a source that says so")
        return self

    def allowance(self, severity: Severity) -> Allowance:
        """The time a case of this severity has for the step."""
        if severity is Severity.S1 and self.urgent is not None:
            return self.urgent
        if severity is Severity.S2 and self.high is not None:
            return self.high
        return self.normal


def _in(unit: Unit, amount: int) -> Allowance:
    return Allowance(amount=amount, unit=unit)


def _days(normal: int, *, urgent: int | None = None, source: str | None = None) -> ClockRule:
    return ClockRule(
        normal=_in(Unit.DAYS, normal),
        urgent=None if urgent is None else _in(Unit.DAYS, urgent),
        source=source,
    )


DEFAULT: Mapping[ClockKind, ClockRule] = {
    ClockKind.ACKNOWLEDGE: _days(7, urgent=1, source="Directive (EU) 2019/1937, article 9(1)(b)"),
    ClockKind.SCREENING: _days(10),
    ClockKind.ALERT_BRAND: ClockRule(
        normal=_in(Unit.DAYS, 3), high=_in(Unit.HOURS, 24), urgent=_in(Unit.HOURS, 1)
    ),
    ClockKind.BRAND_ACKNOWLEDGES: _days(5, urgent=1),
    ClockKind.BRAND_FIRST_REPLY: _days(15, source="CFPB company portal"),
    ClockKind.REMEDIATION_PLAN: _days(45, source="FLA third-party complaint procedure"),
    ClockKind.FIRST_CHECK_IN: _days(5),
    ClockKind.SECOND_CHECK_IN: _days(30),
    ClockKind.THIRD_CHECK_IN: _days(90),
    ClockKind.VERIFY: _days(30),
    ClockKind.FEEDBACK: _days(90, source="Directive (EU) 2019/1937, article 9(1)(f)"),
    ClockKind.HARD_STOP: _days(180),
}

BY_JURISDICTION: Mapping[str, Mapping[ClockKind, ClockRule]] = {}

SEPARATE_CROSS_BORDER_CONSENT: frozenset[str] = frozenset({"CN"})
"""Jurisdictions whose law asks for a separate consent before data leave them (PIPL article 39)."""

REOPEN_WINDOW = timedelta(days=30)


class ExtensionRule(Value):
    """How much longer a clock may be made to run in writing: so many days at a time, so often."""

    longest_days: int
    most: int
    source: str | None = None


EXTENSIONS: Mapping[ClockKind, ExtensionRule] = {
    ClockKind.BRAND_FIRST_REPLY: ExtensionRule(
        longest_days=15, most=3, source="CFPB company portal: 60 days in all"
    ),
    ClockKind.REMEDIATION_PLAN: ExtensionRule(longest_days=30, most=2),
    ClockKind.HARD_STOP: ExtensionRule(longest_days=90, most=2),
}
"""The clocks that a brand may ask to have extended. Who asks about a case has seen it, and what
partners owe workers is no brand's to put off."""


class FactoryRule(Value):
    """How long a factory has to answer what a brand asks it. Whatever it does, every clock of the
    case runs on: it is the brand that answers for its supply chain."""

    answers: Allowance


FACTORY = FactoryRule(answers=_in(Unit.DAYS, 10))
"""Within what a brand has for its first reply, so that the answer can be part of that."""


def factory_answers_by(asked_at: datetime, country: str | None) -> datetime:
    """Until when a factory in this country is to answer what it is asked now."""
    return deadline(asked_at, FACTORY.answers.amount, FACTORY.answers.unit, country)


LONGEST_PLAN = timedelta(days=730)
"""How far ahead the last action of a remediation plan may be due."""


def due(kind: ClockKind, start: datetime, severity: Severity, jurisdiction: str | None) -> datetime:
    """When a clock that starts at `start` runs out."""
    allowed = _allowance(kind, severity, jurisdiction)
    return deadline(start, allowed.amount, allowed.unit, jurisdiction)


def _allowance(kind: ClockKind, severity: Severity, jurisdiction: str | None) -> Allowance:
    rules = {**DEFAULT, **BY_JURISDICTION.get(jurisdiction or "", {})}
    return rules[kind].allowance(severity)


BRAND_CLOCKS = frozenset(
    {ClockKind.BRAND_ACKNOWLEDGES, ClockKind.BRAND_FIRST_REPLY, ClockKind.REMEDIATION_PLAN}
)
"""The clocks that a brand stops; all others are the partner's."""


CHECK_INS = (ClockKind.FIRST_CHECK_IN, ClockKind.SECOND_CHECK_IN, ClockKind.THIRD_CHECK_IN)
"""How the worker is, asked after the first alert to a brand, whatever becomes of the case, because
reprisals come late. One that is missed is no breach of the procedure that an export counts."""


class LevelRule(Value):
    """When a clock that nobody stops reaches a level: so much of the time it allows after it is
    due, in percent; before it is due where that is negative."""

    level: EscalationLevel
    percent: int


_REMINDER = LevelRule(level=EscalationLevel.REMINDER, percent=-20)

OF_BRANDS = (
    _REMINDER,
    LevelRule(level=EscalationLevel.ESCALATION_CONTACT, percent=0),
    LevelRule(level=EscalationLevel.SUPERVISOR, percent=20),
    LevelRule(level=EscalationLevel.COUNTED, percent=40),
)
"""The brand is reminded; its escalation contact is told; the partner's supervisor is; it counts."""

OF_PARTNERS = (
    _REMINDER,
    LevelRule(level=EscalationLevel.SUPERVISOR, percent=0),
    LevelRule(level=EscalationLevel.COUNTED, percent=20),
)
"""The partner is reminded; its supervisor is told; it counts."""

LEVELS: Mapping[ClockKind, tuple[LevelRule, ...]] = {
    **{kind: OF_BRANDS if kind in BRAND_CLOCKS else OF_PARTNERS for kind in ClockKind},
    ClockKind.ALERT_BRAND: OF_PARTNERS[1:],  # until then it is the service that is at work
}
"""What each clock reaches, in this order."""


def reached_at(
    rule: LevelRule,
    kind: ClockKind,
    due_at: datetime,
    severity: Severity,
    jurisdiction: str | None,
) -> datetime:
    """When a clock that is due at `due_at` reaches a level. A business day counts as a day."""
    allowed = _allowance(kind, severity, jurisdiction)
    one = timedelta(hours=1) if allowed.unit is Unit.HOURS else timedelta(days=1)
    return due_at + allowed.amount * one * rule.percent / 100


class CoalitionRule(Value):
    """When cases of several partners about one factory and category are a coalition: so many
    distinct workers within this time, of so many partners, of each of whom at least so many."""

    workers: Annotated[int, Field(ge=5)]
    partners: Annotated[int, Field(ge=2)]
    workers_each: Annotated[int, Field(ge=1)]
    within: timedelta


COALITION = CoalitionRule(workers=5, partners=2, workers_each=2, within=timedelta(days=90))
"""Fewer than the k of the public statistics could be counted down to one; a partner that one worker
happened to call is no witness for another one that has many."""


class SilenceRule(Value):
    """When a partner is told that a factory has gone silent: the last month that is over, by so
    many before it, of which half had at least so many filings, had so few that this would happen by
    accident in no more than this share of months."""

    months_before: Annotated[int, Field(ge=3)]
    usual_at_least: Annotated[int, Field(ge=3)]
    chance: Annotated[float, Field(gt=0, le=0.05)]


SILENCE = SilenceRule(months_before=6, usual_at_least=3, chance=0.005)


class RetentionRule(Value):
    """How long after its end what is kept of a case; then it is erased."""

    rule_id: str
    erases: ErasureScope
    after: timedelta
    after_withdrawal: timedelta | None = None

    def period(self, *, withdrawn: bool) -> timedelta:
        """From the end of the case until the rule falls due."""
        return self.after_withdrawal if withdrawn and self.after_withdrawal else self.after


NOTICE = timedelta(days=7)
"""What retention will erase is announced this long before it is."""

HELD_FOR = timedelta(days=30)
"""A case on a retention hold is looked at again after so long."""

_YEAR = timedelta(days=365)


def _identity(place: str, days: int) -> RetentionRule:
    return RetentionRule(
        rule_id=f"{place}.identity",
        erases=ErasureScope.IDENTITY,
        after=timedelta(days=days),
        after_withdrawal=timedelta(days=30),
    )


def _texts(place: str, after: timedelta) -> RetentionRule:
    return RetentionRule(rule_id=f"{place}.texts", erases=ErasureScope.TEXTS, after=after)


RETENTION: Mapping[ErasureScope, RetentionRule] = {
    ErasureScope.IDENTITY: _identity("default", 90),
    ErasureScope.TEXTS: _texts("default", 3 * _YEAR),
}
"""Where nothing else is said. No law fixes these days: as little as possible (GDPR article 5(1)(e),
directive (EU) 2019/1937 article 18(1)), and longer than a case can be reopened (`REOPEN_WINDOW`)
and the worker be asked how it went (day 90)."""

RETENTION_BY_JURISDICTION: Mapping[str, Mapping[ErasureScope, RetentionRule]] = {
    # PIPL article 19: the shortest period that the purpose needs; article 47: delete, unasked, once
    # the purpose is achieved or consent is withdrawn.
    "CN": {ErasureScope.IDENTITY: _identity("cn", 60)},
    # HinSchG section 11(5): documentation is deleted three years after the procedure has ended.
    "DE": {ErasureScope.TEXTS: _texts("de", 3 * _YEAR)},
}

RECORD_KEPT_YEARS: Mapping[str, int] = {"DE": 7}
"""The pseudonymous case and its ledger are never erased by a rule. LkSG section 10(1) asks for
seven years at least."""


def retention_rules(jurisdiction: str | None) -> list[RetentionRule]:
    """The rules that hold where this law applies."""
    return list({**RETENTION, **RETENTION_BY_JURISDICTION.get(jurisdiction or "", {})}.values())
