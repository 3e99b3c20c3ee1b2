"""What became of what a brand's topic delivered, as far as SNS tells: numbers a day, of all of its
subscriptions together."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Value

DAYS_SHOWN = 14


class Counted(StrEnum):
    """What is counted. Each notification is one message to one subscription."""

    DELIVERED = "delivered"
    FAILED = "failed"
    FILTERED_OUT = "filtered_out"
    KEPT = "kept"
    NOT_KEPT = "not_kept"


class DayOfDeliveries(Value):
    """What was counted on a day."""

    day: Annotated[str, Field(description="In UTC, as `2026-11-22`. Of today: until now.")]
    delivered: Annotated[
        int,
        Field(description="SNS has handed it over. Of a mailbox that is all that anybody knows."),
    ]
    failed: Annotated[int, Field(description="SNS has given up, after all its attempts.")]
    filtered_out: Annotated[int, Field(description="A filter held it back, as it is meant to.")]
    kept: Annotated[
        int, Field(description="Of what failed: it waits for the operator, who has it sent again.")
    ]
    not_kept: Annotated[int, Field(description="Of what failed: it could not be kept either.")]


def by_day(
    counted: Mapping[date, Mapping[Counted, int]], first: date
) -> tuple[DayOfDeliveries, ...]:
    """Each of the days that are shown, oldest first, also those on which nothing was counted."""
    days = (first + timedelta(days=number) for number in range(DAYS_SHOWN))
    return tuple(
        DayOfDeliveries.model_validate(
            {"day": f"{day:%Y-%m-%d}", **{c: counted.get(day, {}).get(c, 0) for c in Counted}}
        )
        for day in days
    )
