"""Whether a brand sourced from a factory when it happened, against a walk over all the days."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.domain.factories.registry import CodeClause, CodeOfConduct, covering
from chalicelib.domain.vocabulary import Category
from tests.domain.values import factory, link

RECEIVED = date(2026, 11, 22)
FIRST, LAST = date(2024, 12, 1), date(2028, 2, 1)
CALENDAR = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]

DAYS = st.sampled_from([day for day in CALENDAR if 2025 <= day.year <= 2027])
PARTIAL = st.builds(lambda day, length: day.isoformat()[:length], DAYS, st.sampled_from([4, 7, 10]))


def days_of_incident(start: str | None, end: str | None, received: date) -> set[date]:
    """The slow way. A writing means every day whose ISO form starts with it."""

    def meant(writing: str) -> list[date]:
        return [day for day in CALENDAR if day.isoformat().startswith(writing)]

    to_this_day = end in (None, "ongoing")
    last = received if to_this_day else max(meant(end or ""))
    if start is not None:
        first = min(meant(start))
    else:
        first = received if to_this_day else min(meant(end or ""))
    return {day for day in CALENDAR if first <= day <= last} or {last}


def days_of_link(valid_from: date | None, valid_to: date | None) -> set[date]:
    return {
        day
        for day in CALENDAR
        if (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)
    }


@given(
    st.none() | PARTIAL,
    st.none() | st.just("ongoing") | PARTIAL,
    DAYS,
    st.none() | DAYS,
    st.none() | DAYS,
)
def test_a_link_covers_an_incident_when_they_share_a_day(
    start: str | None,
    end: str | None,
    received: date,
    valid_from: date | None,
    valid_to: date | None,
) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        valid_from, valid_to = valid_to, valid_from

    covers = link(valid_from=valid_from, valid_to=valid_to).covers(start, end, received)

    shared = days_of_incident(start, end, received) & days_of_link(valid_from, valid_to)
    assert covers is bool(shared)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "start", "end", "covers"),
    [
        (None, None, None, None, True),
        (None, None, "2020", "2020", True),
        (None, "2026-08-31", "2026-09-01", "2026-09-02", False),
        (None, "2026-09-01", "2026-09-01", "2026-09-02", True),
        ("2026-09-02", None, "2026-09-01", "2026-09-02", True),
        ("2026-09-03", None, "2026-09-01", "2026-09-02", False),
        ("2026-09-30", "2026-09-30", "2026-09", "2026-09", True),
        ("2026-10-01", None, "2026-09", "2026-09", False),
        ("2026-12-31", None, "2026", "2026", True),
        ("2027-01-01", None, "2026", "2026", False),
        ("2026-11-22", "2026-11-22", None, None, True),
        ("2026-11-23", None, None, None, False),
        (None, "2026-11-21", None, "ongoing", False),
        ("2026-11-01", "2026-11-30", "2026-09", None, True),
        (None, "2026-06-30", None, "2026-06", True),
        ("2026-07-01", None, None, "2026-06", False),
        ("2026-11-22", "2026-11-22", "2026-12", None, True),
    ],
)
def test_the_bounds_of_a_link_belong_to_it(
    valid_from: str | None, valid_to: str | None, start: str | None, end: str | None, covers: bool
) -> None:
    bounds: dict[str, Any] = {
        "valid_from": date.fromisoformat(valid_from) if valid_from else None,
        "valid_to": date.fromisoformat(valid_to) if valid_to else None,
    }

    assert link(**bounds).covers(start, end, RECEIVED) is covers


def test_those_to_be_told_come_in_the_order_of_their_ids() -> None:
    links = [link("cove"), link("acme"), link("bolt", valid_to=date(2020, 1, 1))]

    told = covering(links, "2026-09", "ongoing", RECEIVED)

    assert [one.brand_id for one in told] == ["acme", "cove"]


def test_a_link_says_whether_it_knows_since_when_it_holds() -> None:
    assert link(valid_from=date(2024, 1, 1)).dates_known()
    assert not link(valid_to=date(2024, 1, 1)).dates_known()


def test_a_link_cannot_end_before_it_starts() -> None:
    assert link(valid_from=RECEIVED, valid_to=RECEIVED).valid_to == RECEIVED
    with pytest.raises(ValidationError, match="valid_to must not lie before valid_from"):
        link(valid_from=RECEIVED, valid_to=date(2026, 11, 21))


@pytest.mark.parametrize("brand_id", ["", "-acme", "acme-", "Acme", "a_b", "a" * 41, "acme\n", "ä"])
def test_what_cannot_be_part_of_a_topics_name_is_no_brand_id(brand_id: str) -> None:
    with pytest.raises(ValidationError):
        link(brand_id)


@pytest.mark.parametrize("brand_id", ["a", "a" * 40, "h-m", "7-for-all"])
def test_a_slug_is_a_brand_id(brand_id: str) -> None:
    assert link(brand_id).brand_id == brand_id


def test_a_code_of_conduct_gives_the_first_clause_for_a_category() -> None:
    code = CodeOfConduct(
        version="2025-03",
        clauses=(
            CodeClause(category=Category.COMPENSATION, clause="4.2"),
            CodeClause(category=Category.COMPENSATION, clause="4.3"),
        ),
    )

    assert code.clause_for(Category.COMPENSATION) == "4.2"
    assert code.clause_for(Category.OTHER) is None


def test_a_factory_lists_the_identifiers_it_has() -> None:
    assert factory().identifiers == {}
    assert factory(os_id="CN2019303BQ3FZP", lei="HWUPKR0MPOU8FGXBT394").identifiers == {
        "os_id": "CN2019303BQ3FZP",
        "lei": "HWUPKR0MPOU8FGXBT394",
    }
