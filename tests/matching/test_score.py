"""The benchmark's rules of counting, and that its generator keeps to its promises."""

import random
from dataclasses import replace

import pytest

from bench.matching.files import Case
from bench.matching.generate import benchmark, listed, registry
from bench.matching.noise import KINDS, in_bengali, in_chinese, in_vietnamese, noisy
from bench.matching.score import Answer, group_of, recall_at_precision, tallies, wilson
from chalicelib.domain.factories.identifiers import IdentifierKind, check
from chalicelib.matching.records import Query

CASE = Case(
    qid="1",
    kind="pert_name",
    query=Query("Posh"),
    truth=frozenset({"a"}),
    also=frozenset(),
    answerable=True,
    soft=False,
    fid="a",
)


def answer(status: str, *candidates: str, score: float = 0.9) -> Answer:
    found = candidates[0] if status == "matched" else None
    return Answer(status, found, candidates, score, 1.0)


def figures(case: Case, said: Answer) -> dict[str, object]:
    return tallies([case], [said])["all"].figures()


@pytest.mark.parametrize(
    ("case", "said", "right", "wrong"),
    [
        (CASE, answer("matched", "a"), 1, 0),
        (CASE, answer("matched", "b"), 0, 1),
        (CASE, answer("review", "a"), 0, 0),
        (replace(CASE, answerable=False), answer("matched", "a"), 0, 1),
        (replace(CASE, also=frozenset({"b"})), answer("matched", "b"), 0, 0),
    ],
)
def test_a_match_is_right_wrong_or_left_out(
    case: Case, said: Answer, right: int, wrong: int
) -> None:
    counted = tallies([case], [said])["all"]
    assert (counted.right, counted.wrong) == (right, wrong)


def test_soft_queries_count_nowhere() -> None:
    assert figures(replace(CASE, soft=True), answer("matched", "b"))["queries"] == 0


def test_an_answerable_query_called_unmatched_is_lost() -> None:
    counted = figures(CASE, answer("unmatched"))
    assert (counted["lost_share"], counted["top5_recall"]) == (1.0, 0.0)


def test_the_truth_may_be_fifth_but_not_sixth() -> None:
    assert figures(CASE, answer("review", *"bcdea"))["top5_recall"] == 1.0
    assert figures(CASE, answer("review", *"bcdefa"))["top5_recall"] == 0.0


def test_the_wilson_interval_of_a_perfect_score_is_still_open_below() -> None:
    interval = wilson(100, 100)
    assert interval is not None
    assert interval == pytest.approx([0.96301, 1.0], abs=1e-4)
    assert wilson(0, 0) is None


def test_the_best_threshold_keeps_the_precision_that_is_asked_for() -> None:
    cases = [replace(CASE, qid=str(i)) for i in range(4)]
    answers = [
        answer("review", "a", score=0.9),
        answer("review", "a", score=0.8),
        answer("review", "b", score=0.7),
        answer("review", "a", score=0.6),
    ]
    assert recall_at_precision(cases, answers, 0.995) == 0.5
    assert recall_at_precision(cases, answers, 0.75) == 0.75


@pytest.mark.parametrize(
    ("kind", "group"),
    [("nat_full", "natural"), ("tw_plant", "reject"), ("tw_homo", "zh"), ("bn", "bn"),
     ("self_full", "own name"), ("osid_ok", "osid"), ("tw_pinyin", "perturbed"),
     ("short_city", "perturbed"), ("generic", "reject")],
)  # fmt: skip
def test_kinds_are_read_in_groups(kind: str, group: str) -> None:
    assert group_of(kind) == group


def test_the_synthetic_benchmark_is_the_same_for_a_seed_and_labels_what_is_gone() -> None:
    made = benchmark(1_500, 200, seed=3)
    assert made == benchmark(1_500, 200, seed=3)
    there = {row.id for row in made.rows}
    assert len(there) == len(made.rows)
    for case in made.cases:
        if case.answerable:
            assert case.truth <= there | {case.fid}
            assert case.truth & there
    assert {case.answerable for case in made.cases} == {True, False}
    kinds = {case.kind for case in made.cases}
    assert kinds >= {"pert_full", "pert_name_cc", "generic", "unit_add", "tw_full", "short_city"}


def test_made_up_os_ids_pass_their_check() -> None:
    rows = list(registry(len(listed()) + 20, random.Random(1)))
    assert all(check(IdentifierKind.OS_ID, row.os_id).valid for row in rows if row.country)


def test_noise_is_named_and_the_same_for_a_seed() -> None:
    text, kinds = noisy("Posh Garments Ltd.", random.Random(5))
    assert (text, kinds) == noisy("Posh Garments Ltd.", random.Random(5))
    assert set(kinds.split("+")) <= set(KINDS)


def test_names_are_written_in_other_languages() -> None:
    rng = random.Random(2)
    assert in_bengali("NHT Fashions", rng).startswith("এনএইচটি ")
    assert "May" in in_vietnamese("VIET HONG GARMENT CO., LTD.", rng).split()
    chinese = in_chinese("Nantong Huiyuan Plastic", rng)
    assert chinese is not None
    assert chinese.startswith("南通")
    assert in_chinese("Xylophone Brothers", rng) is None
