"""What the trainer takes for right and wrong, and where it draws the lines; no fit is made here."""

import json
import random
from pathlib import Path

import pytest

from bench.matching.files import case_of, facilities
from bench.matching.queries import Question, Row
from bench.matching.small import drawn
from chalicelib.matching.background import Background
from chalicelib.matching.tree_table import packed
from chalicelib.matching.trees import Trees
from infra.train_matcher.samples import decided, doubles_of, small_samples
from infra.train_matcher.thresholds import (
    Mark,
    matched_threshold,
    review_threshold,
    shipped_threshold,
    threshold_of_every_size,
)
from infra.train_matcher.weights import tree_line


def marks(right: int, wrong_at: set[int]) -> list[Mark]:
    """Marks with falling scores; those numbered in `wrong_at` are wrong."""
    return [
        Mark(1 - i / 10_000, right=i not in wrong_at, wrong=i in wrong_at, vetoed=False)
        for i in range(right)
    ]


def test_the_threshold_of_matched_is_the_lowest_that_keeps_the_precision() -> None:
    few = marks(1_000, {500, 700, 701})
    assert matched_threshold(few) == few[-1].score
    assert matched_threshold(marks(1_000, {900, 901, 902, 903, 904})) == few[902].score


def test_without_proof_of_precision_nothing_is_matched() -> None:
    assert matched_threshold(marks(50, set())) == 1.0
    assert matched_threshold([]) == 1.0


def test_a_size_with_many_errors_is_not_paid_for_by_the_others() -> None:
    good, bad = marks(3_000, set()), marks(1_500, {900, 901, 902, 903, 904, 905})
    assert matched_threshold(bad) > matched_threshold(good + bad)
    assert threshold_of_every_size({10_000: good, 500: bad}) == matched_threshold(bad)


def test_a_size_with_few_answers_is_counted_with_the_others_only() -> None:
    good, few = marks(3_000, set()), marks(300, {1, 2, 3, 4, 5, 6, 7})
    together = matched_threshold(good + few)
    assert matched_threshold(few) == 1.0
    assert threshold_of_every_size({500: good, 10: few}) == together < 1.0
    assert threshold_of_every_size({}) == 1.0


def test_the_shipped_threshold_is_the_median_of_the_nested_ones() -> None:
    assert shipped_threshold({0.95, 0.97, 0.96, 0.99, 0.93}) == 0.96
    assert shipped_threshold([]) == 1.0


def test_a_vetoed_answer_moves_no_threshold() -> None:
    wrong = [Mark(2.0, right=False, wrong=True, vetoed=True)] * 100
    assert matched_threshold(wrong + marks(1_000, set())) == matched_threshold(marks(1_000, set()))


def test_hardly_any_answerable_query_lies_below_the_review_threshold() -> None:
    scores = [i / 1_000 for i in range(1_000)]
    assert sum(score < review_threshold(scores) for score in scores) <= 3


def test_a_reviewer_s_decisions_lie_in_the_fold_of_the_factory_they_chose(tmp_path: Path) -> None:
    rows = [
        {"name": "Posh Gmts", "country": "BD", "truth": ["F7"], "answerable": True},
        {"name": "Posh Shoes", "country": "BD", "truth": [], "answerable": False},
    ]
    path = tmp_path / "decisions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    chosen, refused = decided(path)
    assert (chosen.fid, chosen.truth, chosen.answerable) == ("F7", frozenset({"F7"}), True)
    assert (refused.fid, refused.truth, refused.answerable) == ("Posh Shoes", frozenset(), False)


def test_small_registries_lack_most_of_what_is_asked_about() -> None:
    names = [f"{a}{b}" for a in ("Arun", "Babyl", "Dekk", "Esq", "Fak", "Ham") for b in "aeiou"]
    rows = [Row(str(i), f"{name} Garments Ltd.", "", "BD") for i, name in enumerate(names)]
    questions = [Question("self_name_cc", row.id, row.name, "", "BD") for row in rows]
    cases = [case_of(one, f"q{one.fid}", present=True) for one in questions]
    found = small_samples(rows, cases, doubles_of(rows), Background.of(facilities(rows)))
    assert {one.size for one in found} == {10}
    assert all(one.right == one.case.truth and one.counts for one in found)
    assert all(one.case.answerable == bool(one.right) for one in found)
    assert 0 < sum(one.case.answerable for one in found) < len(found)


@pytest.mark.parametrize(("size", "known"), [(10, 10), (40, 20), (60, 24), (90, 36), (100, 40)])
def test_a_smaller_registry_has_half_of_what_is_asked_about_or_its_share(
    size: int, known: int
) -> None:
    asked, others = [f"a{i}" for i in range(40)], [f"o{i}" for i in range(60)]
    kept = drawn(asked, others, size, random.Random(1))
    assert len(kept) == size
    assert len(kept.intersection(asked)) == known


def test_a_fitted_tree_is_written_as_the_product_reads_it() -> None:
    tree = {
        "split_feature": 0,
        "threshold": 0.5,
        "left_child": {"leaf_value": -4.0},
        "right_child": {"leaf_value": 4.0},
    }
    assert tree_line(tree, 0.25) == "0<0.5 =-1 =1"
    assert Trees(packed([tree_line(tree)])).score([0.5]) < 0.5
