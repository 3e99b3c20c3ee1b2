"""Dates as people remember them, to the day, the month or the year (ISO 8601-1)."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

ONGOING = "ongoing"


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    ONGOING = "ongoing"


def _exists(value: str) -> str:
    if value == ONGOING:
        return value
    try:
        first_day(value)
    except ValueError:
        raise ValueError("is not a date of the calendar") from None
    if not value.isascii():  # the pattern's \d takes digits of every script, a schema's does not
        raise ValueError("must be written with the digits 0 to 9")
    return value


PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"),
    AfterValidator(_exists),
]
"""`2026`, `2026-10` or `2026-10-05`; the precision is in the writing itself."""

PartialDateOrOngoing = Annotated[
    str,
    StringConstraints(
        pattern=r"^(ongoing|(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)$"
    ),
    AfterValidator(_exists),
]
"""A `PartialDate`, or `ongoing`."""


def precision_of(value: str) -> Precision:
    """The precision a partial date is written with."""
    if value == ONGOING:
        return Precision.ONGOING
    return {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(value)]


def first_day(value: str) -> date:
    """The first day a partial date can mean. ValueError when the calendar has no such day."""
    year, month, day = [*(int(part) for part in value.split("-")), 1, 1][:3]
    return date(year, month, day)


def last_day(value: str) -> date:
    """The last day a partial date can mean."""
    first = first_day(value)
    if precision_of(value) is Precision.DAY:
        return first
    month = 12 if precision_of(value) is Precision.YEAR else first.month
    return date(first.year, month, calendar.monthrange(first.year, month)[1])


def timestamp(moment: datetime) -> str:
    """UTC ISO 8601 with milliseconds and `Z`: one width, so that text order is time order."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def moment(value: str) -> datetime:
    """The inverse of `timestamp`."""
    return datetime.fromisoformat(value)


def next_midnight(after: datetime) -> datetime:
    """The first midnight (UTC) after a moment."""
    return datetime.combine(after.astimezone(UTC).date(), time.min, UTC) + timedelta(days=1)
