"""A question is answered with what is approved and in force, in the language that is asked for."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.domain.helpline.standard_answer import AnswerFields, draft_of
from chalicelib.store.answer_index import SearchedAnswers
from chalicelib.store.standard_answers import KeptVersion
from tests.service import START, Service
from tests.usecases.answers import ANSWER, IN_CHINESE, drafted, kept, published, suggested

DEPOSIT: dict[str, Any] = {
    "topic": "deposit",
    "title": "押金",
    "question": "工厂可以收押金或者扣身份证吗？",
    "text": "不可以。用人单位不得扣押劳动者的居民身份证，不得要求劳动者提供担保。",
    "language": "zh-CN",
}


@pytest.mark.parametrize(
    "asked", ["加班", "费", "我上个月加班了，老板说不给加班费怎么办", "加班费"]
)
def test_a_question_in_a_script_without_spaces_finds_its_answer(
    service: Service, asked: str
) -> None:
    published(service, **IN_CHINESE)
    published(service, **DEPOSIT)

    assert suggested(service.partner(), asked)[0]["topic"] == "overtime-pay"


def test_two_characters_find_the_answer_that_has_them_and_no_other(service: Service) -> None:
    published(service, **IN_CHINESE)
    published(service, **DEPOSIT)

    assert [found["topic"] for found in suggested(service.partner(), "押金")] == ["deposit"]


def test_the_better_an_answer_fits_the_earlier_it_stands(service: Service) -> None:
    published(service, topic="rest-days", title="Rest", question="When do I rest?")
    published(service)

    found = suggested(service.partner(), "Is overtime paid?")

    assert found[0]["topic"] == "overtime-pay"


@pytest.mark.parametrize(("language", "told"), [("en", "en"), ("EN-gb", "en"), ("zh-CN", "zh-CN")])
def test_an_answer_is_in_the_language_that_is_asked_for(
    service: Service, language: str, told: str
) -> None:
    published(service)
    published(service, **IN_CHINESE)

    found = suggested(service.partner(), "加班费", language=language)

    assert [(each["topic"], each["language"]) for each in found] == [("overtime-pay", told)]


def test_where_the_language_is_missing_it_is_as_it_was_found(service: Service) -> None:
    published(service, **IN_CHINESE)

    assert suggested(service.partner(), "加班费", language="bn")[0]["language"] == "zh-CN"


def test_a_bengali_word_is_found_with_its_vowel_signs(service: Service) -> None:
    published(service, language="bn", title="ওভারটাইমের মজুরি", question="বেতন কখন দিতে হবে?")

    assert suggested(service.partner(), "আমার বেতন")[0]["language"] == "bn"


def test_nothing_of_another_countrys_law_is_suggested(service: Service) -> None:
    published(service, jurisdiction="BD")

    assert suggested(service.partner(), "overtime") == []


def test_a_draft_is_not_suggested(service: Service) -> None:
    drafted(service.partner())

    assert suggested(service.partner(), "overtime") == []


def test_an_answer_is_suggested_from_its_first_day_to_the_day_before_it_expires(
    service: Service,
) -> None:
    """Days begin at midnight in China, eight hours before UTC."""
    published(service, effective_from="2026-11-23", expires_on="2026-11-24")

    def found() -> bool:
        return suggested(service.partner(), "overtime") != []

    assert not found()
    service.clock.forward(hours=7, minutes=59, seconds=59)
    assert not found()
    service.clock.forward(seconds=1)
    assert found()
    service.clock.forward(hours=23, minutes=59, seconds=59)
    assert found()
    service.clock.forward(seconds=1)
    assert not found()


def test_a_version_to_come_leaves_the_one_in_force_where_it_is_until_then(
    service: Service,
) -> None:
    published(service, text="Of today.")
    published(service, text="Of tomorrow.", effective_from="2026-11-23")
    published(service, text="Of next week.", effective_from="2026-11-29")

    assert [found["text"] for found in suggested(service.partner(), "overtime")] == ["Of today."]

    service.clock.forward(days=1)
    assert [found["text"] for found in suggested(service.partner(), "overtime")] == ["Of tomorrow."]


def test_what_a_version_has_replaced_does_not_come_back_once_that_expires(
    service: Service,
) -> None:
    """So an answer is withdrawn: by a version that expires today."""
    published(service)
    published(service, text="Withdrawn.", expires_on="2026-11-22")

    assert suggested(service.partner(), "overtime") == []


def test_what_is_published_is_suggested_at_once_and_read_only_once(service: Service) -> None:
    published(service)
    assert suggested(service.partner(), "overtime")[0]["version"] == 1
    searched = service.deps.answer_index.current(START.date())

    published(service, text="Another text.")
    assert suggested(service.partner(), "overtime")[0]["version"] == 2

    newer = service.deps.answer_index.current(START.date())
    assert newer is not searched
    assert service.deps.answer_index.current(START.date()) is newer


@pytest.mark.parametrize("asked", ["?!…", '"', "\U0001f600", 'overtime" OR "x', "NEAR(", "*"])
def test_signs_and_query_language_are_no_words(service: Service, asked: str) -> None:
    published(service)

    assert len(suggested(service.partner(), asked)) in (0, 1)


def test_no_more_are_suggested_than_asked_for(service: Service) -> None:
    for number in range(4):
        published(service, topic=f"overtime-{number}")

    assert len(suggested(service.partner(), "overtime", limit=2)) == 2


def test_a_question_is_answered_in_milliseconds_among_five_thousand() -> None:
    """The bound is generous: a busy machine is slow, a scan of all answers would be slower."""
    searched = SearchedAnswers(_answer(number) for number in range(5_000))
    asked = "我上个月每天加班三个小时，老板说不给加班费，我还能要回来吗" * 5
    searched.search("加班", "CN", date(2026, 11, 22))  # the first one reads them

    started = time.perf_counter()
    hits = searched.search(asked, "CN", date(2026, 11, 22))
    elapsed = time.perf_counter() - started

    assert hits
    assert elapsed < 1


def test_only_the_answers_of_the_country_that_is_asked_about_are_read() -> None:
    unreadable = KeptVersion({"jurisdiction": {"S": "BD"}})
    searched = SearchedAnswers([unreadable, *(_answer(number) for number in range(3))])

    assert searched.search("加班", "CN", date(2026, 11, 22))
    assert searched.search("加班", "VN", date(2026, 11, 22)) == []
    with pytest.raises(ValidationError):
        searched.search("加班", "BD", date(2026, 11, 22))


def test_what_other_countries_answer_changes_no_score() -> None:
    ours = [_answer(number) for number in range(9)]
    theirs = [_answer(number, jurisdiction="BD") for number in range(40)]

    alone, beside = (
        SearchedAnswers(each).search("加班工资", "CN", date(2026, 11, 22))
        for each in (ours, [*theirs, *ours])
    )

    assert alone == beside != []


def test_words_of_grammar_find_nothing_beside_others(service: Service) -> None:
    published(service, title="What can I do?", question="What can I do?", topic="empty")
    in_english = {"language": "en", "title": "Deposits", "question": "A deposit?"}
    published(service, **(DEPOSIT | in_english))

    found = suggested(service.partner(), "what can I do when they want a deposit")

    assert [each["topic"] for each in found] == ["deposit"]
    assert suggested(service.partner(), "what can I do")[0]["topic"] == "empty"


def _answer(number: int, **changes: str) -> KeptVersion:
    words = ["加班", "工资", "合同", "社保", "工伤", "押金", "产假", "年假", "辞退", "休息"]
    mixed = [words[(number * step) % len(words)] + str(number % 97) for step in (1, 3, 7, 9)]
    stated = AnswerFields.model_validate(
        {
            **ANSWER,
            "language": "zh-CN",
            "topic": f"topic-{number}",
            "title": "".join(mixed[:2]),
            "question": "，".join(mixed) + "怎么办？",
            "text": "。".join(mixed * 12),
            **changes,
        }
    )
    draft = draft_of(stated, draft_id="ad", supersedes=0, by="a", at=START)
    return kept(draft.approved(by="b", at=START + timedelta(hours=1)))
