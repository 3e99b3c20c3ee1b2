"""When a time runs out, in the dates of a place. The slow second implementation only ever asks
which local time a moment of UTC is, minute by minute; the fast one goes the other way."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.domain.calendars import (
    ZONES,
    Allowance,
    Calendar,
    Unit,
    calendar_of,
    deadline,
    deadline_in,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AS_A_RULE = settings(max_examples=60)

DISPUTED_ZONES = [
    "America/Santiago",  # midnight is left out in spring
    "Europe/Berlin",
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Tehran",  # midnight, until 2022
    "Africa/Casablanca",  # twice a year around Ramadan, the other way round
    "America/New_York",
    "Asia/Amman",  # midnight came twice, until 2022
    "Pacific/Apia",  # had no 30 December 2011
]
HELPLINE_COUNTRIES = ["BD", "CN", "IN", "KH", "LK", "MM", "NP", "PK", "TR", "VN"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# The slow second implementation


def shown_in(zone: str, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def minutes_around(wall: datetime) -> Iterator[datetime]:
    """Every minute of UTC at which some place on earth may show this time."""
    first = wall.replace(tzinfo=UTC) - 16 * HOUR
    return (first + n * MINUTE for n in range(32 * 60))


def slow_moment(wall: datetime, zone: str) -> datetime:
    """When the clocks show this time, the last time that they do; where they leap over it, as long
    after the leap as the time is into what they leap over."""
    minute = wall.replace(second=0, microsecond=0)
    shown = [(moment, shown_in(zone, moment)) for moment in minutes_around(minute)]
    hits = [moment for moment, time in shown if time == minute]
    if hits:
        return hits[-1] + (wall - minute)
    (before,) = [
        (moment, time) for (moment, time), (_, after) in pairwise(shown) if time < minute < after
    ]
    return before[0] + (wall - before[1])


def slow_deadline(calendar: Calendar, start: datetime, amount: int, unit: Unit) -> datetime:
    if unit is Unit.HOURS:
        return start + sum((HOUR for _ in range(amount)), timedelta())
    began = shown_in(calendar.zone, start)
    if unit is Unit.DAYS:
        on = date.fromordinal(began.toordinal() + amount)
        return slow_moment(datetime.combine(on, began.time()), calendar.zone)
    day = began.date()
    while amount:
        day = date.fromordinal(day.toordinal() + 1)
        amount -= calendar.is_business_day(day)
    return slow_moment(datetime.fromordinal(day.toordinal() + 1), calendar.zone)


@cache
def changes_of_the_clocks(zone: str) -> list[datetime]:
    """The days on which the clocks of a place are changed, to the hour."""
    hours = (at("1990-01-01T00:00Z") + n * 6 * HOUR for n in range(48 * 365 * 4))
    offsets = [(hour, hour.astimezone(ZoneInfo(zone)).utcoffset()) for hour in hours]
    return [hour for (_, old), (hour, new) in pairwise(offsets) if old != new]


@st.composite
def begun(draw: st.DrawFn) -> tuple[str, datetime, int]:
    """A zone, a beginning, and a number of days that ends on or about a change of the clocks."""
    zone = draw(st.sampled_from(DISPUTED_ZONES))
    days = draw(st.integers(1, 40))
    change = draw(st.sampled_from(changes_of_the_clocks(zone)))
    aside = draw(st.integers(-40 * 3600_000, 40 * 3600_000))
    return zone, change - days * DAY + timedelta(milliseconds=aside), days


def worked(weekend: set[int]) -> Callable[[date], bool]:
    return lambda day: day.weekday() not in weekend and day.day not in (1, 17)


@AS_A_RULE
@given(begun(), st.sampled_from(Unit), st.sampled_from([{5, 6}, {4, 5}, {4}]))
def test_it_runs_out_when_a_slow_clock_says_so(
    given_: tuple[str, datetime, int], unit: Unit, weekend: set[int]
) -> None:
    zone, start, amount = given_
    calendar = Calendar(zone, worked(weekend))

    assert deadline_in(calendar, start, amount, unit) == slow_deadline(
        calendar, start, amount, unit
    )


def is_worked_by_the_list(jurisdiction: str) -> Callable[[date], bool]:
    """The same question asked of the library's lists."""

    def answer(day: date) -> bool:
        listed = holidays.country_holidays(jurisdiction, years=[day.year, day.year + 1])
        if day.weekday() in listed.weekend:
            return day in listed.weekend_workdays
        return listed.get(day) is None

    return answer


@settings(max_examples=25)
@given(
    st.sampled_from(HELPLINE_COUNTRIES),
    st.dates(date(2019, 1, 1), date(2034, 1, 1)),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 15),
)
def test_business_days_of_a_helplines_country(
    jurisdiction: str, day: date, minute: int, amount: int
) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + minute * MINUTE
    slow = Calendar(ZONES[jurisdiction], is_worked_by_the_list(jurisdiction))

    due = deadline(start, amount, Unit.BUSINESS_DAYS, jurisdiction)

    assert due == slow_deadline(slow, start, amount, Unit.BUSINESS_DAYS)


@AS_A_RULE
@given(begun(), st.sampled_from(Unit), st.integers(0, 48 * 60))
def test_who_begins_later_is_not_due_earlier_but_by_the_hour_that_came_twice(
    given_: tuple[str, datetime, int], unit: Unit, minutes: int
) -> None:
    zone, start, amount = given_
    calendar = Calendar(zone, worked({5, 6}))
    one, other = (
        deadline_in(calendar, begins, amount, unit) for begins in (start, start + minutes * MINUTE)
    )

    assert other >= one - (HOUR if unit is Unit.DAYS else timedelta())


@AS_A_RULE
@given(begun(), st.sampled_from(Unit))
def test_it_never_runs_out_before_it_begins(given_: tuple[str, datetime, int], unit: Unit) -> None:
    zone, start, amount = given_

    assert deadline_in(Calendar(zone, worked({5, 6})), start, amount, unit) > start


# What the rule says, one by one


@pytest.mark.parametrize(
    ("start", "days", "jurisdiction", "due"),
    [
        ("2026-03-28T02:30+01:00", 1, "DE", "2026-03-29T03:30+02:00"),  # 02:30 was left out
        ("2026-10-24T02:30+02:00", 1, "DE", "2026-10-25T02:30+01:00"),  # the second 02:30
        ("2026-03-23T10:00+01:00", 7, "DE", "2026-03-30T10:00+02:00"),  # an hour less than a week
        ("2026-11-22T16:00+08:00", 7, "CN", "2026-11-29T16:00+08:00"),
        ("2028-02-28T09:00+06:00", 1, "BD", "2028-02-29T09:00+06:00"),
        ("2028-02-29T09:00+06:00", 365, "BD", "2029-02-28T09:00+06:00"),
        ("2026-12-31T23:59+07:00", 1, "VN", "2027-01-01T23:59+07:00"),
        ("2026-11-22T08:00+00:00", 7, None, "2026-11-29T08:00+00:00"),
        ("2026-11-22T08:00+00:00", 7, "ZZ", "2026-11-29T08:00+00:00"),
    ],
)
def test_days_are_dates_of_the_place_at_the_same_time_of_day(
    start: str, days: int, jurisdiction: str | None, due: str
) -> None:
    assert deadline(at(start), days, Unit.DAYS, jurisdiction) == at(due)


@pytest.mark.parametrize(
    ("start", "days", "jurisdiction", "due"),
    [
        ("2026-11-23T10:00+01:00", 1, "DE", "2026-11-25T00:00+01:00"),
        ("2026-11-27T10:00+01:00", 1, "DE", "2026-12-01T00:00+01:00"),  # from Friday to Monday
        ("2026-11-26T10:00+06:00", 1, "BD", "2026-11-30T00:00+06:00"),  # Friday, Saturday are off
        ("2026-11-27T10:00+06:00", 5, "BD", "2026-12-04T00:00+06:00"),
        ("2026-01-02T10:00+08:00", 1, "CN", "2026-01-05T00:00+08:00"),  # Sunday the 4th is worked
        ("2026-09-30T10:00+08:00", 2, "CN", "2026-10-10T00:00+08:00"),  # 8 and 9 October
        ("2026-10-09T10:00+08:00", 1, "CN", "2026-10-11T00:00+08:00"),  # Saturday the 10th, too
        ("2026-12-23T10:00+01:00", 2, "DE", "2026-12-29T00:00+01:00"),  # over Christmas
        ("2026-12-31T23:59+01:00", 1, "DE", "2027-01-05T00:00+01:00"),  # over the year's end
        ("2026-11-22T23:30+00:00", 1, "CN", "2026-11-25T00:00+08:00"),  # there it was Monday
        ("2022-09-09T10:00-04:00", 1, "CL", "2022-09-13T00:00-03:00"),
        ("2022-10-27T10:00+03:00", 1, "JO", "2022-10-31T00:00+03:00"),
        ("2026-11-27T10:00+00:00", 1, None, "2026-12-01T00:00+00:00"),
        ("2026-12-24T10:00+00:00", 1, "ZZ", "2026-12-26T00:00+00:00"),  # holidays are not known
    ],
)
def test_business_days_end_with_the_last_day_of_the_place(
    start: str, days: int, jurisdiction: str | None, due: str
) -> None:
    assert deadline(at(start), days, Unit.BUSINESS_DAYS, jurisdiction) == at(due)


def test_a_midnight_that_the_clocks_leave_out_is_when_they_leap() -> None:
    every_day = Calendar("America/Santiago", lambda day: True)

    due = deadline_in(every_day, at("2022-09-09T10:00-04:00"), 1, Unit.BUSINESS_DAYS)

    assert due == at("2022-09-11T01:00-03:00")


def test_hours_do_not_mind_the_clocks_of_the_place() -> None:
    start = at("2026-03-28T22:00+01:00")

    assert deadline(start, 24, Unit.HOURS, "DE") - start == DAY


@pytest.mark.parametrize("year", [2031, 2099, 2101, 2150])
@pytest.mark.parametrize("jurisdiction", HELPLINE_COUNTRIES)
def test_years_that_nobody_has_announced_have_business_days_all_the_same(
    jurisdiction: str, year: int
) -> None:
    start = datetime(year, 1, 1, tzinfo=UTC)

    due = deadline(start, 10, Unit.BUSINESS_DAYS, jurisdiction)

    assert 10 * DAY < due - start < 40 * DAY


def test_the_library_knows_every_country_that_has_a_zone() -> None:
    assert set(ZONES) <= set(holidays.list_supported_countries())
    for jurisdiction, zone in ZONES.items():
        calendar = calendar_of(jurisdiction)
        assert calendar.zone == zone == ZoneInfo(zone).key
        assert any(calendar.is_business_day(date(2026, 11, day)) for day in range(2, 6))


@pytest.mark.parametrize("amount", [0, -1])
def test_an_allowance_is_some_time(amount: int) -> None:
    with pytest.raises(ValidationError):
        Allowance(amount=amount, unit=Unit.DAYS)


def test_only_business_days_load_the_library() -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from chalicelib.domain import rules\n"
        "from chalicelib.domain.calendars import Unit, deadline\n"
        "now = datetime(2026, 11, 22, tzinfo=UTC)\n"
        "[rules.due(kind, now, 'S3', 'CN') for kind in rules.ClockKind]\n"
        "deadline(now, 1, Unit.BUSINESS_DAYS, None); print('holidays' in sys.modules)\n"
        "deadline(now, 1, Unit.BUSINESS_DAYS, 'CN'); print('holidays' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["False", "True"]
