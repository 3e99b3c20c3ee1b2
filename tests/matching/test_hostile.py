"""Whatever is typed, there is a decision in bounded time and no exception."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.matching.records import Query, Status

from .registry import matcher

MATCHER = matcher()
LETTER = (
    "Dear Sir or Madam, I have worked for Posh Garments Ltd. in Tejgaon for three years and my "
    "supervisor does not pay the overtime. We asked him many times. Please do not tell him. "
) * 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "???!!!…—/\\",
        "🏭👕🙏🏽",
        "🏭 Posh 👕 Garments 🙏🏽",
        "a" * 10_240,
        "厂" * 10_240,
        "posh " * 2_048,
        "() " * 3_000,
        "i" * 200 + " ii" * 200,
        LETTER,
        "مصنع النسيج للملابس الجاهزة",
        "\u202eLTD STNEMRAG HSOP\u202c",
        "P\u200bo\u200bs\u200bh Garments",
        "Posh 服装 গার্মেন্টস Việt مصنع завод",
        "e\u0301" * 5_000,
        "\ud800",
        "1234567890",
        "' OR 1=1; drop table entry; --",
        "\x1f\x1f\x1f",
        "%s %d {0} ${x}",
        "a, " * 3_400,
        "in a " * 2_048,
        "a & " * 2_560,
        "6th road ward 4 " * 640,
        "công ty tnhh in " * 640,
        "Vietnam, " * 1_138,
        "posh, vietnam, " * 682,
        "\U000e0041" * 2_560,
        "١٢٣٤٥٦٧٨٩٠" * 1_024,
        "\r\n\t\v\f\x85\u2028\u2029" * 1_280,
        "ﷺ" * 3_400,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_no_text_is_matched_by_accident_or_raises(text: str) -> None:
    start = time.perf_counter()
    decisions = [
        MATCHER.match(Query(text)),
        MATCHER.match(Query("", text)),
        MATCHER.match(Query(text, text, text, "BD", (text,))),
    ]
    assert time.perf_counter() - start < 1.0
    allowed = {Status.REVIEW, Status.UNMATCHED, Status.MATCHED}
    assert {decision.status for decision in decisions} <= allowed
    assert all((d.facility_id is None) == (d.status is not Status.MATCHED) for d in decisions)


@pytest.mark.parametrize("text", [LETTER, "posh " * 2_048, "a" * 10_240, "", "🏭", "???", "\ud800"])
def test_what_is_no_name_is_never_matched(text: str) -> None:
    assert MATCHER.match(Query(text, country="BD")).status is not Status.MATCHED


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=3))
def test_any_text_gets_a_whole_decision(name: str, address: str, country: str) -> None:
    decision = MATCHER.match(Query(name, address, "", country))
    assert (decision.status is Status.MATCHED) == (decision.facility_id is not None)
    assert 0.0 <= decision.score <= 1.0
    assert decision.status is Status.MATCHED or decision.reasons


def test_scrambled_words_of_the_registry_keep_to_the_rules() -> None:
    seed = 11
    rng = random.Random(seed)
    known = "posh garments ltd unit 2 wanda shoe 友勝 二廠 গার্মেন্টস dhaka vietnam lotus - ( ) ,"
    words = known.split()
    for _ in range(300):
        name = " ".join(rng.choices(words, k=rng.randrange(1, 9)))
        decision = MATCHER.match(Query(name))
        shown = [candidate.facility_id for candidate in decision.candidates]
        assert len(shown) == len(set(shown)) <= 10, f"seed {seed}: {name}"
