"""What retention does to a case that has ended: which rule is next, and whether it may act."""

from datetime import datetime
from enum import StrEnum

from chalicelib.domain import rules
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.identities.erasure import is_erased
from chalicelib.domain.rules import RetentionRule
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ErasureScope, IdentityState, Outcome


class Outlook(StrEnum):
    """What retention would do with a case now, or did."""

    ANNOUNCED = "announced"
    ERASE = "erase"
    ERASED = "erased"
    HELD = "held"
    DROPPED = "dropped"


class Scheduled(Value):
    """What the rules will do next to a case that has ended."""

    grievance_id: str
    ended_at: Moment
    rule_id: str
    erases: ErasureScope
    due_at: Moment
    """When it is looked at next: when the rule falls due, or when it is carried out."""
    plan_id: str | None = None
    attempts: int = 0


class Plan(Value):
    """What one rule will do on one day: announced, then carried out; and how far that has come."""

    plan_id: str
    rule_id: str
    erases: ErasureScope
    announced_at: Moment
    carry_out_at: Moment
    planned: int = 0
    erased: int = 0
    held: int = 0
    dropped: int = 0


class PlanLine(Value):
    """One case of a plan, and what became of it."""

    grievance_id: str
    plan_id: str
    outcome: Outlook = Outlook.ANNOUNCED
    at: Moment


def plan_id_for(rule_id: str, day: datetime) -> str:
    """`2026-11-22.default.identity`."""
    return f"{day:%Y-%m-%d}.{rule_id}"


def next_scheduled(
    case: Case, ended_at: datetime, *, done: ErasureScope | None = None
) -> Scheduled | None:
    """What the rules do next to a case that ended then; `done` is what is being erased right now.

    None where nothing is left to erase: the pseudonymous case is kept.
    """
    withdrawn = case.outcome is Outcome.WITHDRAWN
    if case.state not in ENDED or done is ErasureScope.TEXTS:
        return None
    open_rules = [
        rule
        for rule in rules.retention_rules(case.law)
        if rule.erases is not done and _something_left(case, rule.erases)
    ]
    if not open_rules:
        return None
    rule = min(open_rules, key=lambda rule: rule.period(withdrawn=withdrawn))
    return _scheduled(case, ended_at, rule, withdrawn=withdrawn)


def _scheduled(
    case: Case, ended_at: datetime, rule: RetentionRule, *, withdrawn: bool
) -> Scheduled:
    return Scheduled(
        grievance_id=case.grievance_id,
        ended_at=ended_at,
        rule_id=rule.rule_id,
        erases=rule.erases,
        due_at=ended_at + rule.period(withdrawn=withdrawn),
    )


def outlook(case: Case, scheduled: Scheduled) -> Outlook:
    """What carrying it out would do now: the dry run and the run ask the same."""
    if case.state not in ENDED or not _something_left(case, scheduled.erases):
        return Outlook.DROPPED
    return Outlook.HELD if case.retention_hold is not None else Outlook.ERASE


def _something_left(case: Case, scope: ErasureScope) -> bool:
    if scope is ErasureScope.IDENTITY:
        return case.identity is IdentityState.HELD
    return not is_erased(case, scope)
