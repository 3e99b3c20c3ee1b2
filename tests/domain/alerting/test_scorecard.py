"""What a scorecard tells, and what it withholds that nobody can be made out by it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerting.alert import write_alert
from chalicelib.domain.alerting.scorecard import (
    SMALLEST,
    Figures,
    Quarter,
    Share,
    Told,
    scorecard_of,
)
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Release
from chalicelib.domain.vocabulary import AlertKind, AlertStatus, ConsentLevel, Outcome, State
from tests.domain.values import AT, DESK, brand, case, factory, link

QUARTER = Quarter(2026, 4)
LATER = QUARTER.computed_from
FEW = range(1, SMALLEST)


def told(about: Case, kind: AlertKind = AlertKind.NEW, **changes: Any) -> Told:
    written = write_alert(
        about,
        brand(),
        factory(),
        link(),
        kind=kind,
        released=Release(Detail.FACTORY, ConsentLevel.C3),
        desk_url=DESK,
        at=AT,
    )
    return Told(written.model_copy(update={"status": AlertStatus.SENT, **changes}), about)


def figures(cases: list[Told]) -> Figures:
    return scorecard_of("acme", QUARTER, cases, at=LATER).figures


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("2026-Q1", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-Q4", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_quarters_follow_each_other_without_a_gap(
    name: str, begins: datetime, ends: datetime
) -> None:
    quarter = Quarter.named(name)
    assert (str(quarter), quarter.begins, quarter.ends) == (name, begins, ends)


@pytest.mark.parametrize("name", ["2026-Q0", "2026-Q5", "2026", "2026-Q", "2026-Q11", ""])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}$"):
        Quarter.named(name)


@pytest.mark.parametrize("kind", [k for k in AlertKind if k not in ("new", "retro", "retaliation")])
def test_only_what_tells_of_a_case_for_the_first_time_counts(kind: AlertKind) -> None:
    assert figures([told(case())] * 5).cases == 5
    assert figures([told(case(), kind)] * 5) == Figures()


@pytest.mark.parametrize("status", [s for s in AlertStatus if s is not AlertStatus.SENT])
def test_what_the_brand_never_got_does_not_count(status: AlertStatus) -> None:
    assert figures([told(case(), status=status)] * 5) == Figures()


def test_a_clock_that_still_runs_does_not_count_before_it_is_met() -> None:
    runs = told(case())
    late = runs.alert.payload.model_copy(update={"respond_by": LATER + timedelta(seconds=1)})
    running = Told(runs.alert.model_copy(update={"payload": late}), runs.case)

    assert figures([running] * 5).replied_in_time == Share()
    assert figures([runs] * 5).replied_in_time == Share(of=5, percent=0)


def closed(outcome: Outcome | None, reopened: int) -> Case:
    if outcome is None:
        return case(
            state=State.REOPENED if reopened else State.INVESTIGATING, reopened_count=reopened
        )
    progress = {"state": State.CLOSED, "closed_at": AT, "reopened_count": reopened}
    return case({"workers_affected": 1}, outcome=outcome, **progress)


@given(
    st.lists(
        st.builds(closed, st.sampled_from([None, *Outcome]), st.sampled_from([0, 0, 1])),
        max_size=25,
    )
)
def test_no_figure_is_about_one_to_four_cases_or_all_but_them(cases: list[Case]) -> None:
    found = figures([told(each) for each in cases])

    ended = [each for each in cases if each.state is State.CLOSED]
    resolved = sum(each.outcome in (Outcome.RESOLVED, Outcome.SETTLED) for each in ended)
    ever = [each for each in cases if each.closed_at or each.reopened_count]
    reopened = sum(each.reopened_count > 0 for each in ever)
    for share, which, all_of in (
        (found.resolved, resolved, len(ended)),
        (found.reopened, reopened, len(ever)),
    ):
        if len(cases) < SMALLEST or all_of < SMALLEST or which in FEW or all_of - which in FEW:
            assert share == Share()
        else:
            assert share == Share(of=all_of - all_of % 5, percent=round(100 * which / all_of))
    assert found.cases == (len(cases) - len(cases) % 5 if len(cases) >= SMALLEST else None)
    assert (found.workers_remedied is not None) == (len(cases) >= SMALLEST and resolved >= SMALLEST)
