"""The counted figures are those that were last explained (bench/expected_calls.json).

A test that fails here says: this change makes something cost more or less. Explain it in the
commit and run `python -m bench calls --accept` (`--only answering` for one group of scenarios).
"""

from pathlib import Path

import pytest

from bench.calls import expected
from bench.calls.expected import Figures
from bench.calls.part import missed_targets
from bench.calls.scenarios import groups, measured

SLOW_ON_MOTO = {"checking_100", "exporting", "quiet_ticks"}
"""`make bench` compares these."""

QUICK = sorted(groups().keys() - SLOW_ON_MOTO)


@pytest.mark.parametrize("group", QUICK)
def test_what_is_counted_is_what_was_last_explained(group: str) -> None:
    found = expected.figures(measured(groups()[group]))
    assert expected.differences(found, expected.read()) == []


def test_a_quiet_tick_over_many_cases_costs_what_it_costs_over_none() -> None:
    found = expected.figures(measured(groups(quiet_cases=500)["quiet_ticks"]))
    assert expected.differences(found, expected.read()) == []
    assert found["tick.quiet.full"] == found["tick.quiet.empty"]


def test_every_scenario_that_is_stored_still_exists() -> None:
    assert {name.split(".")[0] for name in expected.read()} == {
        *("authorize", "intake", "read", "tick", "work", "publish", "alert", "import", "export"),
        *("identity", "attachment", "retention", "seal"),
    }


def test_intake_and_reads_are_one_call_each() -> None:
    assert missed_targets(expected.read()) == []


FIGURES: Figures = {
    "intake.partner_ref": {"calls": 1, "write_units": 7},
    "intake.idempotency_key": {"calls": 1},
    "read.one": {"calls": 1},
    "read.page_of_50": {"calls": 1},
    "tick.quiet.empty": {"calls": 9},
    "tick.quiet.full": {"calls": 9},
}


def test_a_target_that_is_missed_is_named() -> None:
    worse = {**FIGURES, "read.one": {"calls": 2}, "tick.quiet.full": {"calls": 10}}
    assert missed_targets(worse) == [
        "read.one takes 2 AWS calls instead of 1",
        "a quiet tick costs more over many cases than over none",
    ]


def test_a_target_that_was_not_looked_at_is_not_missed() -> None:
    assert missed_targets({"alert.read": {"calls": 1}}) == []


def test_a_difference_names_the_scenario_the_figure_and_both_values() -> None:
    found = {"intake.partner_ref": {"calls": 2, "write_units": 7}, "new": {"calls": 1}}
    assert expected.differences(found, FIGURES) == [
        "intake.partner_ref: calls is 2, expected 1",
        "new: calls is 1, expected None",
    ]


def test_equal_figures_have_no_difference() -> None:
    assert expected.differences(FIGURES, FIGURES) == []


def test_what_is_stored_is_read_again(tmp_path: Path) -> None:
    expected.write(FIGURES, tmp_path / "figures.json")
    assert expected.read(tmp_path / "figures.json") == FIGURES


def test_where_nothing_is_stored_nothing_is_expected(tmp_path: Path) -> None:
    assert expected.read(tmp_path / "none.json") == {}
