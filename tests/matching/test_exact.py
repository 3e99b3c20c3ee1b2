"""Which factory is meant, by what is exactly equal: certain, for a reviewer, or unknown."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.factories.resolution import Candidate, Decision
from chalicelib.domain.vocabulary import MatchMethod, Verdict
from chalicelib.matching.exact import (
    CONFIRMED,
    REFUSED,
    VERSION,
    Key,
    decide,
    keys_of_factory,
    keys_of_report,
    normalise_name,
    without_stale,
)
from tests.domain.values import factory

OS_ID = Key("os_id", "CN2019303BQ3FZP")
LEI = Key("lei", "HWUPKR0MPOU8FGXBT394")
NAME = Key("name", "BD|posh garments ltd")
ANYWHERE = Key("name_anywhere", "posh garments ltd")
HERE = FactoryReported(name="Posh Garments Ltd.", city="Dhaka", country="BD")


# Names


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("Posh Garments Ltd.", "posh garments ltd"),
        ("  POSH   GARMENTS,  LTD ", "posh garments ltd"),
        ("posh_garments–ltd", "posh garments ltd"),
        ("ＰＯＳＨ　Garments Ltd", "posh garments ltd"),
        ("Ｙｉ Chang (Tai)", "yi chang tai"),
        ("宜昌泰制衣有限公司", "宜昌泰制衣有限公司"),
        ("Straße 7", "strasse 7"),
        ("CÔNG TY May 10", "công ty may 10"),
        ("CO\u0302NG TY May 10", "công ty may 10"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_name_is_read_without_case_width_and_punctuation(written: str, normalised: str) -> None:
    assert normalise_name(written) == normalised


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=40))
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    once = normalise_name(name)

    assert once == once.strip()
    assert normalise_name(f" {once}. ") == normalise_name(once)


# Keys


def test_a_factory_is_known_by_its_identifiers_its_name_and_its_aliases() -> None:
    known = factory(os_id=OS_ID.value, lei=LEI.value, aliases=("Posh", "POSH GARMENTS LTD", "..."))

    assert keys_of_factory(known) == [
        LEI,
        OS_ID,
        Key("name", "BD|posh"),
        Key("name_anywhere", "posh"),
        NAME,
        ANYWHERE,
    ]


def test_a_report_is_looked_up_by_name_within_the_country_it_names() -> None:
    assert keys_of_report(FactoryReported(name="Posh Garments Ltd.", country="BD")) == [NAME]


def test_without_a_country_a_name_is_looked_up_anywhere() -> None:
    assert keys_of_report(FactoryReported(name="Posh Garments Ltd.")) == [ANYWHERE]


@pytest.mark.parametrize("reported", [FactoryReported(), FactoryReported(name="...", country="BD")])
def test_a_report_that_says_nothing_has_no_keys(reported: FactoryReported) -> None:
    assert keys_of_report(reported) == []


def test_identifiers_are_found_wherever_they_were_written_and_once() -> None:
    reported = FactoryReported(
        name=f"Posh ({OS_ID.value})",
        address=f"LEI: {LEI.value}",
        identifiers=("CN-2019303-BQ3FZ-P", "IN2019067X1K87E"),
    )

    assert keys_of_report(reported)[:2] == [LEI, OS_ID]
    assert len(keys_of_report(reported)) == 3


# Decisions


def known(factory_ids: Iterable[str], **fields: Any) -> dict[str, Factory]:
    """Factories of those ids, all of one name in one city."""
    return {i: factory(name="Posh Garments Ltd.", city="Dhaka", **fields) for i in factory_ids}


def decided(reported: FactoryReported = HERE, /, **found: Iterable[str]) -> Decision:
    """The decision for findings, each kind of key with the factories that have it."""
    ids = {kind: tuple(of_kind) for kind, of_kind in found.items()}
    everybody = {factory_id for of_kind in ids.values() for factory_id in of_kind}
    keys = {Key(kind, "x"): of_kind for kind, of_kind in ids.items()}
    return decide(reported, keys, known(everybody))


@pytest.mark.parametrize(
    ("found", "verdict", "reason", "first"),
    [
        ({}, Verdict.UNMATCHED, "factory_unknown", None),
        ({"name": ()}, Verdict.UNMATCHED, "factory_unknown", None),
        ({"os_id": ("f1",)}, Verdict.MATCHED, "matched", "f1"),
        ({"confirmed": ("f1",)}, Verdict.MATCHED, "matched", "f1"),
        ({"name": ("f1",)}, Verdict.MATCHED, "matched", "f1"),
        ({"os_id": ("f1",), "lei": ("f1",)}, Verdict.MATCHED, "matched", "f1"),
        ({"os_id": ("f1",), "name": ("f1", "f2")}, Verdict.MATCHED, "matched", "f1"),
        ({"os_id": ("f2",), "name": ("f1", "f2")}, Verdict.MATCHED, "matched", "f2"),
        ({"os_id": ("f2",), "name_anywhere": ("f1",)}, Verdict.MATCHED, "matched", "f2"),
        ({"confirmed": ("f2",), "name": ("f1",)}, Verdict.MATCHED, "matched", "f2"),
        ({"os_id": ("f1",), "lei": ("f2",)}, Verdict.REVIEW, "identifiers_disagree", "f1"),
        ({"os_id": ("f1", "f2")}, Verdict.REVIEW, "identifiers_disagree", "f1"),
        (
            {"os_id": ("f2",), "name": ("f1",)},
            Verdict.REVIEW,
            "identifier_and_name_disagree",
            "f2",
        ),
        (
            {"os_id": ("f2",), "confirmed": ("f1",), "name": ("f2",)},
            Verdict.REVIEW,
            "identifier_and_name_disagree",
            "f2",
        ),
        ({"name": ("f1", "f2")}, Verdict.REVIEW, "factory_ambiguous", "f1"),
        ({"confirmed": ("f1", "f2")}, Verdict.REVIEW, "factory_ambiguous", "f1"),
        ({"name_anywhere": ("f1",)}, Verdict.REVIEW, "factory_ambiguous", "f1"),
        ({"name_anywhere": ("f1", "f2")}, Verdict.REVIEW, "factory_ambiguous", "f1"),
    ],
)
def test_a_decision_is_certain_only_where_nothing_speaks_against_it(
    found: dict[str, tuple[str, ...]], verdict: Verdict, reason: str, first: str | None
) -> None:
    decision = decided(**found)

    assert (decision.verdict, decision.reason) == (verdict, reason)
    assert decision.version == VERSION
    assert next((c.factory_id for c in decision.candidates), None) == first


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ({"city": "Dhaka"}, Verdict.MATCHED),
        ({"city": "DHAKA."}, Verdict.MATCHED),
        ({"city": "Tejgaon"}, Verdict.MATCHED),
        ({"address": "227/1 Begunbari, Tejgaon"}, Verdict.MATCHED),
        ({"address": "somewhere in Dhaka, near the market"}, Verdict.MATCHED),
        ({}, Verdict.REVIEW),
        ({"city": "Chittagong"}, Verdict.REVIEW),
        ({"city": "Tej"}, Verdict.REVIEW),
        ({"address": "12 Airport Road"}, Verdict.REVIEW),
    ],
)
def test_an_equal_name_is_proof_only_at_a_place_that_agrees(
    place: dict[str, str], verdict: Verdict
) -> None:
    reported = FactoryReported(name="Posh Garments Ltd.", country="BD", **place)
    there = known(["f1"], address="227/1 Begunbari, Tejgaon")

    decision = decide(reported, {NAME: ("f1",)}, there)

    assert decision.verdict is verdict
    assert decision.reason == ("matched" if verdict is Verdict.MATCHED else "not_certain")


def test_an_identifier_under_another_name_is_for_a_reviewer() -> None:
    """Their check symbol does not notice two characters that changed places."""
    other = FactoryReported(name="Lotus Shoes", country="BD", identifiers=(OS_ID.value,))

    assert decided(other, os_id=("f1",)).reason == "identifier_and_name_disagree"
    assert decided(FactoryReported(), os_id=("f1",)).verdict is Verdict.MATCHED


def test_what_a_reviewer_refused_is_no_candidate_and_its_namesake_is_matched() -> None:
    decision = decided(name=("f1", "f2"), refused=("f2",))

    assert (decision.verdict, [c.factory_id for c in decision.candidates]) == (
        Verdict.MATCHED,
        ["f1"],
    )
    assert decided(name=("f2",), refused=("f2",)).verdict is Verdict.UNMATCHED
    assert (CONFIRMED, REFUSED) == ("confirmed", "refused")


def test_a_namesake_that_cannot_be_read_is_still_a_rival() -> None:
    decision = decide(HERE, {NAME: ("f1", "f2")}, known(["f1"]))

    assert (decision.verdict, decision.reason) == (Verdict.REVIEW, "factory_ambiguous")
    assert decide(HERE, {NAME: ("f2",)}, {}).verdict is Verdict.MATCHED


def test_a_key_that_is_left_over_from_a_former_name_finds_nothing() -> None:
    renamed = factory(name="Posh Knitwear Ltd.")
    own = renamed.factory_id
    judged = {Key(CONFIRMED, "posh"): {own}, Key(REFUSED, "posh"): {own}}
    now = Key("name", "BD|posh knitwear ltd")

    found = without_stale({NAME: {own, "unread"}, now: {own}, **judged}, {own: renamed})

    assert found == {NAME: {"unread"}, now: {own}, **judged}


def test_a_candidate_joins_all_the_evidence_under_its_best_score() -> None:
    decision = decided(name=("f1", "f2"), os_id=("f1",), confirmed=("f1",))

    assert decision.candidates == (
        Candidate(
            factory_id="f1",
            score=1.0,
            method=MatchMethod.IDENTIFIER,
            evidence=(
                "same os_id",
                "same name, same country",
                "a reviewer has confirmed this spelling",
            ),
        ),
        Candidate(
            factory_id="f2",
            score=0.97,
            method=MatchMethod.EXACT_NAME,
            evidence=("same name, same country",),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "score", "method"),
    [
        ("gln", 1.0, "identifier"),
        ("confirmed", 0.99, "alias"),
        ("name", 0.97, "exact_name"),
        ("name_anywhere", 0.5, "exact_name"),
    ],
)
def test_each_kind_of_key_has_its_score_and_method(kind: str, score: float, method: str) -> None:
    (candidate,) = decided(**{kind: ("f1",)}).candidates

    assert (candidate.score, candidate.method) == (score, method)


def test_twenty_candidates_are_kept_best_first_and_in_a_fixed_order() -> None:
    many = tuple(f"f{number:03d}" for number in range(50))

    candidates = decided(name_anywhere=many[::-1], confirmed=(many[49],)).candidates

    assert [c.factory_id for c in candidates] == [many[49], *many[:19]]


KINDS = ("os_id", "lei", "confirmed", "name", "name_anywhere")
FINDINGS = st.dictionaries(
    st.sampled_from(KINDS), st.sets(st.sampled_from(("f1", "f2", "f3"))), max_size=5
)


@given(FINDINGS)
def test_what_is_matched_is_the_best_candidate_and_no_identifier_contradicts_it(
    found: dict[str, set[str]],
) -> None:
    decision = decided(**found)
    everybody = set().union(*found.values())

    assert {c.factory_id for c in decision.candidates} == everybody
    if decision.verdict is Verdict.MATCHED:
        matched = decision.candidates[0].factory_id
        identified = found.get("os_id", set()) | found.get("lei", set())
        assert identified in (set(), {matched})
    assert (decision.verdict is Verdict.UNMATCHED) is (not everybody)


@given(FINDINGS)
def test_the_order_of_findings_decides_nothing(found: dict[str, set[str]]) -> None:
    forward, backward = decided(**found), decided(**dict(list(found.items())[::-1]))

    def essence(decision: Decision) -> object:
        return (
            decision.verdict,
            decision.reason,
            [(c.factory_id, c.score, sorted(c.evidence)) for c in decision.candidates],
        )

    assert essence(forward) == essence(backward)
