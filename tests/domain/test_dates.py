"""Dates as people remember them, against a calendar that is walked day by day."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chalicelib.domain.dates import (
    PartialDate,
    PartialDateOrOngoing,
    Precision,
    first_day,
    last_day,
    moment,
    precision_of,
    timestamp,
)

PARTIAL: TypeAdapter[str] = TypeAdapter(PartialDate)
OR_ONGOING: TypeAdapter[str] = TypeAdapter(PartialDateOrOngoing)

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
MOMENTS = st.builds(
    lambda day, time, minutes: datetime.combine(day, time, timezone(timedelta(minutes=minutes))),
    st.dates(date(1, 1, 2), date(9999, 12, 30)),
    st.times(),
    st.integers(-14 * 60, 14 * 60),
)


def writings(day: date) -> list[str]:
    """Every writing that can mean this day."""
    return [f"{day:%Y-%m-%d}", f"{day:%Y-%m}", f"{day:%Y}"]


def days_meant(writing: str) -> list[date]:
    """The slow way: walk through the year and keep the days whose writing starts like it."""
    day, days = date(int(writing[:4]), 1, 1), []
    while day.year == int(writing[:4]):
        if day.isoformat().startswith(writing):
            days.append(day)
        day += timedelta(days=1)
    return days


@given(DAYS, st.sampled_from(range(3)))
def test_a_partial_date_means_all_the_days_whose_writing_it_starts(day: date, cut: int) -> None:
    writing = writings(day)[cut]

    days = days_meant(writing)

    assert (first_day(writing), last_day(writing)) == (days[0], days[-1])
    assert (days[-1] - days[0]).days == len(days) - 1


@given(DAYS)
def test_every_writing_of_a_day_is_accepted_as_it_is(day: date) -> None:
    precisions = {}
    for writing in writings(day):
        assert PARTIAL.validate_python(writing) == OR_ONGOING.validate_python(writing) == writing
        precisions[precision_of(writing)] = writing
    assert list(precisions) == [Precision.DAY, Precision.MONTH, Precision.YEAR]


@given(
    st.one_of(
        st.from_regex(r"\A[0-9]{4}-?[0-9]{0,2}-?[0-9]{0,2}\Z"),
        st.text("0123456789- Tog", max_size=12),
        st.text(max_size=12),
    )
)
def test_nothing_else_is(text: str) -> None:
    try:
        accepted = PARTIAL.validate_python(text)
    except ValidationError:
        return
    assert accepted == text
    assert text in writings(first_day(text))


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-04-31",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-10-5",
        "26",
        "1899",
        "2100",
        "2026-10-05T00:00",
        "2026\n",
        "",
        "20２６",
        "20২৬",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    for kind in (PARTIAL, OR_ONGOING):
        with pytest.raises(ValidationError):
            kind.validate_python(text)


def test_ongoing_is_an_end_but_no_beginning() -> None:
    assert OR_ONGOING.validate_python("ongoing") == "ongoing"
    assert precision_of("ongoing") is Precision.ONGOING
    with pytest.raises(ValidationError):
        PARTIAL.validate_python("ongoing")


def test_a_leap_day_exists_in_leap_years_only() -> None:
    assert last_day("2024-02") == date(2024, 2, 29)
    assert last_day("2026-02") == date(2026, 2, 28)
    assert last_day("2000-02") == date(2000, 2, 29)


@given(MOMENTS)
def test_a_timestamp_is_utc_to_the_millisecond_and_of_one_width(local: datetime) -> None:
    text = timestamp(local)

    assert len(text) == len("2026-11-22T08:00:00.000Z")
    cut = local.astimezone(UTC).replace(microsecond=local.microsecond // 1000 * 1000)
    assert moment(text) == cut


@given(st.lists(MOMENTS, max_size=8))
def test_the_order_of_timestamps_is_the_order_of_time(moments: list[datetime]) -> None:
    assert sorted(map(timestamp, moments)) == list(map(timestamp, sorted(moments)))
