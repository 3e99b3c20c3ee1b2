"""When a time runs out: hours, days as people count them, business days; in a place's own time.

Hours are spans: the clocks of a place do not matter to them. Days and business days are dates of
the jurisdiction, and a date's time of day is turned back into a moment by one rule: **where the
clocks of the place show a time twice, the second counts; where they leave it out, it is as long
after the gap as it would have been into it.** Both are the later of the two readings, so that
nobody loses time by a change of the clocks.

- *Days*: the same time of day, so many dates later.
- *Business days*: the day it starts on is not counted (as in regulation (EEC, Euratom) 1182/71,
  article 3(1)); it runs out at the end of the last one, which is the next day's midnight.

Which days are business days, the `holidays` library says: its weekends, nationwide public holidays,
and weekend days that a government has made working days (as China does for its long holidays). It
knows what has been announced; of later years it has what can be computed, and after 2100 nothing
but weekends. Holidays of a region are not counted. Of a jurisdiction that is not in `ZONES`, every
Monday to Friday is a business day, in UTC.
"""

import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from chalicelib.domain.values import Value

if TYPE_CHECKING:
    from holidays import HolidayBase

DEFAULT_ZONE = "UTC"
_SATURDAY = 5

ZONES: Mapping[str, str] = {
    "AU": "Australia/Sydney",
    "BD": "Asia/Dhaka",
    "BG": "Europe/Sofia",
    "BR": "America/Sao_Paulo",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EG": "Africa/Cairo",
    "ET": "Africa/Addis_Ababa",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GT": "America/Guatemala",
    "HN": "America/Tegucigalpa",
    "HT": "America/Port-au-Prince",
    "ID": "Asia/Jakarta",
    "IN": "Asia/Kolkata",
    "IR": "Asia/Tehran",
    "IT": "Europe/Rome",
    "JO": "Asia/Amman",
    "KE": "Africa/Nairobi",
    "KH": "Asia/Phnom_Penh",
    "LA": "Asia/Vientiane",
    "LK": "Asia/Colombo",
    "LS": "Africa/Maseru",
    "MA": "Africa/Casablanca",
    "MG": "Indian/Antananarivo",
    "MM": "Asia/Yangon",
    "MU": "Indian/Mauritius",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NI": "America/Managua",
    "NL": "Europe/Amsterdam",
    "NP": "Asia/Kathmandu",
    "PE": "America/Lima",
    "PH": "Asia/Manila",
    "PK": "Asia/Karachi",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest",
    "SV": "America/El_Salvador",
    "TH": "Asia/Bangkok",
    "TN": "Africa/Tunis",
    "TR": "Europe/Istanbul",
    "TW": "Asia/Taipei",
    "US": "America/New_York",
    "VN": "Asia/Ho_Chi_Minh",
}
"""Whose time a jurisdiction's deadlines are in. A country of several zones has the one of its seat
of government."""


class Unit(StrEnum):
    """What an allowance counts."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


class Allowance(Value):
    """How long something may take."""

    amount: Annotated[int, Field(gt=0)]
    unit: Unit


def zone_of(jurisdiction: str | None) -> str:
    """The IANA name of the zone that a jurisdiction's deadlines are in."""
    return ZONES.get(jurisdiction or "", DEFAULT_ZONE)


class Calendar(NamedTuple):
    """Whose dates are counted: the zone they are of, and which are business days."""

    zone: str
    is_business_day: Callable[[date], bool]


def calendar_of(jurisdiction: str | None) -> Calendar:
    """The calendar of a jurisdiction; UTC, Monday to Friday, of one that is not known."""
    if jurisdiction is None or jurisdiction not in ZONES:
        return Calendar(DEFAULT_ZONE, _is_monday_to_friday)
    return Calendar(ZONES[jurisdiction], partial(_is_business_day, jurisdiction))


def deadline(start: datetime, amount: int, unit: Unit, jurisdiction: str | None) -> datetime:
    """The moment, in UTC, at which what began at `start` has run out.

    Who begins later is never due earlier, but for two beginnings within an hour that the clocks of
    the place show twice: counted in days, those may fall due in the other order, by that hour.
    """
    return deadline_in(calendar_of(jurisdiction), start, amount, unit)


def deadline_in(calendar: Calendar, start: datetime, amount: int, unit: Unit) -> datetime:
    """The same, in this calendar."""
    if unit is Unit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=amount)
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone).replace(tzinfo=None)
    if unit is Unit.DAYS:
        return _moment(local + timedelta(days=amount), zone)
    last = _business_day_after(local.date(), amount, calendar.is_business_day)
    return _moment(datetime.combine(last + timedelta(days=1), time()), zone)


def end_of(day: date, jurisdiction: str | None) -> datetime:
    """The moment, in UTC, at which a date of the jurisdiction is over."""
    zone = ZoneInfo(zone_of(jurisdiction))
    return _moment(datetime.combine(day + timedelta(days=1), time()), zone)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The later of the two readings (PEP 495); of a plain time both are the same."""
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _business_day_after(day: date, amount: int, counts: Callable[[date], bool]) -> date:
    for _ in range(amount):
        day += timedelta(days=1)
        while not counts(day):
            day += timedelta(days=1)
    return day


def _is_business_day(jurisdiction: str, day: date) -> bool:
    with warnings.catch_warnings(action="ignore"):  # of years whose moons it does not know
        return _national(jurisdiction).is_working_day(day)


@cache
def _national(jurisdiction: str) -> "HolidayBase":
    # The library is imported for the first deadline in business days that a process works out: no
    # other start of a function pays for it.
    from holidays import country_holidays

    return country_holidays(jurisdiction)


def _is_monday_to_friday(day: date) -> bool:
    return day.weekday() < _SATURDAY
