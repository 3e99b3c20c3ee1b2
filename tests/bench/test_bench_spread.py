"""Ratios of rounds, not of averages."""

from bench.spread import Ratio, ratio, ratios


def test_rounds_are_compared_with_themselves() -> None:
    """A machine that is ten times slower in one round changes no ratio."""
    assert ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == Ratio(2.0, 2.0, 2.0)


def test_the_spread_goes_from_the_tenth_to_the_ninetieth_of_a_hundred() -> None:
    found = ratio([float(n) for n in range(101)], [1.0] * 101)
    assert found == Ratio(50.0, 10.0, 90.0)


def test_one_round_has_no_spread() -> None:
    assert ratio([3.0], [2.0]) == Ratio(1.5, 1.5, 1.5)


def test_everybody_is_compared_with_the_one_that_is_named() -> None:
    samples = {"ours": [1.0, 1.0], "theirs": [4.0, 4.0]}
    assert ratios(samples, "ours") == {
        "ours": Ratio(1.0, 1.0, 1.0),
        "theirs": Ratio(4.0, 4.0, 4.0),
    }


def test_a_ratio_reads_as_a_figure_with_its_spread() -> None:
    assert str(Ratio(1.234, 1.0, 2.0)) == "1.23 (1.00 to 2.00)"
