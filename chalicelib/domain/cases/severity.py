"""How bad it is: scale, scope and irremediability (UNGP principle 14), as a pure function."""

from collections.abc import Collection

from chalicelib.domain.vocabulary import Category, IloIndicator, IntakeType, Severity, WorkersBand

CRITICAL_INDICATORS = frozenset(
    {
        IloIndicator.RESTRICTION_OF_MOVEMENT,
        IloIndicator.PHYSICAL_SEXUAL_VIOLENCE,
        IloIndicator.RETENTION_OF_DOCUMENTS,
        IloIndicator.DEBT_BONDAGE,
    }
)
"""Each of these alone makes a case S1."""

_CRITICAL = frozenset(
    {
        Category.CHILD_LABOUR,
        Category.FORCED_LABOUR,
        Category.HARASSMENT_VIOLENCE,
        Category.RETALIATION,
    }
)
_SERIOUS = frozenset(
    {
        Category.SAFETY_HEALTH,
        Category.FREEDOM_OF_ASSOCIATION,
        Category.DISCRIMINATION,
        Category.RECRUITMENT_FEES,
    }
)
_MATERIAL = frozenset(
    {
        Category.COMPENSATION,
        Category.WORKING_TIME,
        Category.SOCIAL_INSURANCE,
        Category.LIVING_CONDITIONS,
    }
)
_MANY = frozenset({WorkersBand.UP_TO_250, WorkersBand.UP_TO_1000, WorkersBand.OVER_1000})


def assess(
    intake_type: IntakeType,
    categories: Collection[Category],
    indicators: Collection[IloIndicator],
    workers: WorkersBand | None,
) -> Severity:
    """The severity a case has by its facts. More than fifty workers raise it by one step, to S2."""
    if intake_type is IntakeType.RETALIATION or CRITICAL_INDICATORS & set(indicators):
        return Severity.S1
    if _CRITICAL & set(categories):
        return Severity.S1
    if indicators or _SERIOUS & set(categories):
        return Severity.S2
    if _MATERIAL & set(categories):
        return Severity.S2 if workers in _MANY else Severity.S3
    return Severity.S3 if workers in _MANY else Severity.S4


def worse(one: Severity, other: Severity) -> Severity:
    """The more severe of two."""
    return min(one, other)
