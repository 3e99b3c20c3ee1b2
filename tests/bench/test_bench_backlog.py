"""A backlog drains to its end, and what must not grow with it is looked at."""

from typing import Any, cast

from bench.backlog.part import MOST_CASES_AT_ONCE, Drained, _wrong, backlog_part


def test_a_longer_backlog_takes_no_more_calls_a_case_and_no_more_memory() -> None:
    part = backlog_part((2, 6))

    few, many = cast(list[dict[str, Any]], part.data["drained"])
    assert part.failures == []
    assert (few["due"], many["due"]) == (2, 6)
    assert (few["most_at_once"], many["most_at_once"]) == (2, 6)
    assert many["calls"] > few["calls"] > 2
    assert [row[0] for row in part.sheets[0].rows] == ["2", "6"]


def test_what_has_grown_is_told() -> None:
    least = Drained(due=50, calls=100, seconds=1.0, most_at_once=50)
    assert list(_wrong(least, least)) == []
    grown = Drained(due=250, calls=501, seconds=5.0, most_at_once=MOST_CASES_AT_ONCE + 1)
    assert list(_wrong(grown, least)) == [
        "250 due cases take more calls a case than 50",
        "250 due cases: 201 of them were in memory at once",
    ]
