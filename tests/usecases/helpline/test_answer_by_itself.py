"""Which questions are answered without an officer, measured; and what is recorded of it."""

import re
from typing import Any

import pytest

from chalicelib.domain.helpline.outbound import LONGEST
from chalicelib.domain.helpline.standard_answer import (
    AnswerFields,
    StandardAnswer,
    draft_of,
    today_in,
)
from chalicelib.domain.vocabulary import Channel
from chalicelib.store.answer_index import SearchedAnswers
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline import answer_by_itself
from chalicelib.usecases.helpline.answer_by_itself import (
    LEAST_SCORE,
    LONGEST_IN_A_CHAT,
    LONGEST_IN_SMS,
    recognised,
)
from infra.answers import answers_under
from tests.channels.talking import STARTER, Worker, line_of, publish_starter_set
from tests.service import START, Service
from tests.usecases.answers import published
from tests.usecases.stories import walked

QUESTIONS = [
    ("老板说不给加班费怎么办", "overtime-pay"), ("工厂扣了我的身份证", "identity-documents"),
    ("入职要交押金500元,合法吗", "deposit"),
    ("没有签劳动合同,可以要双倍工资吗", "written-contract"),
    ("我怀孕了,厂里要开除我", "pregnancy-dismissal"), ("试用期最长多久", "probation-length"),
    ("上班路上出车祸算工伤吗", "injury-commuting"), ("工资拖了两个月没发", "wages-on-time"),
    ("辞职要提前几天", "resignation"), ("年假有几天", "annual-leave"),
    ("主管摸我,怎么办", "sexual-harassment"), ("没有工资条", "payslip"),
    ("产假多少天", "maternity-leave"), ("厂里不给我交社保", "social-insurance-enrolment"),
    ("被辞退有补偿吗", "severance-pay"), ("How much must I be paid for overtime?", "overtime-pay"),
    ("The factory keeps my ID card, is that allowed?", "identity-documents"),
    ("They want a deposit of 500 yuan", "deposit"),
    ("I am pregnant and they want to dismiss me", "pregnancy-dismissal"),
    ("My wages are two months late", "wages-on-time"),
    ("How long is maternity leave?", "maternity-leave"),
    ("I was hurt on my way to work", "injury-commuting"),
    ("the boss fined me and took it from my wages", "wage-deductions"),
    ("how many days of annual leave do I have", "annual-leave"),
    ("they do not give me a payslip", "payslip"),
]  # fmt: skip
"""What a worker may ask that the starter set answers."""

OTHERS = [
    "你好", "在吗", "谢谢", "我要投诉", "我想问一下", "有人吗？", "宿舍的空调坏了",
    "食堂的饭不干净", "你们是谁", "怎么办", "今天很累", "我是东莞的工人",
    "hello", "I need help", "are you there?",
    "please call me", "the toilets are dirty and always locked", "the canteen food is bad",
    "my supervisor shouts at us", "thank you very much", "what can you do for me",
    "I work in a factory in Dongguan", "the bus to the dormitory is late",
    "somebody stole my phone", "1", "ok",
]  # fmt: skip
"""What she may write that it does not."""

TODAY = START.date()
STATED = list(answers_under(STARTER))


@pytest.fixture
def answered(service: Service) -> Service:
    publish_starter_set(service)
    return service


def best(service: Service, text: str) -> tuple[str, float] | None:
    today = today_in("CN", service.clock())
    hits = service.deps.answer_index.current(today).search(text, "CN", today)
    return (hits[0].answer.topic, hits[0].score) if hits else None


def test_the_least_score_answers_most_questions_rightly_and_nothing_else(
    answered: Service,
) -> None:
    found = {text: best(answered, text) for text in (*dict(QUESTIONS), *OTHERS)}
    clear = {text: hit[0] for text, hit in found.items() if hit and hit[1] >= LEAST_SCORE}

    right = {text: topic for text, topic in QUESTIONS if clear.get(text) == topic}
    assert clear == right, "a wrong answer is worse than none"
    assert len(right) == 15
    wrong = max(
        hit[1]
        for text, hit in found.items()
        if hit is not None and hit[0] != dict(QUESTIONS).get(text)
    )
    assert 10 < wrong < LEAST_SCORE - 1, "the least score lies above the best wrong answer"


@pytest.mark.parametrize("place", [("ID", "id"), ("CN", "id"), ("IN", "en"), ("CN", "vi")])
def test_what_is_published_for_others_changes_no_score(place: tuple[str, str]) -> None:
    """The library is one for all partners: many answers in Indonesian make no English word rare."""
    starter = _starter()
    others = [_unrelated(number, *place) for number in range(500)]

    assert _best_of_all(SearchedAnswers([*starter, *others])) == _best_of_all(
        SearchedAnswers(starter)
    )


def test_a_library_many_times_as_large_makes_nothing_wrong_clear() -> None:
    """Where every longer word of a question is rare, it does not weigh more for it."""
    in_english = [stated for _, stated in STATED if stated.language == "en"]
    others = [_elsewhere(number, stated) for number in range(15) for stated in in_english]

    found = _best_of_all(SearchedAnswers([*_starter(), *others]))

    clear = {text: topic for text, (topic, score) in found.items() if score >= LEAST_SCORE}
    assert len(clear) > 5
    assert clear.items() <= dict(QUESTIONS).items()


def _best_of_all(searched: SearchedAnswers) -> dict[str, tuple[str, float]]:
    """What fits each message best, and how well."""
    found = {text: searched.search(text, "CN", TODAY) for text in (*dict(QUESTIONS), *OTHERS)}
    return {text: (hits[0].answer.topic, hits[0].score) for text, hits in found.items() if hits}


def _starter() -> list[StandardAnswer]:
    return [_version(str(number), stated) for number, (_, stated) in enumerate(STATED)]


def _unrelated(number: int, jurisdiction: str, language: str) -> StandardAnswer:
    """An answer without a word that anybody asks for."""
    changes = {
        "jurisdiction": jurisdiction,
        "language": language,
        "topic": f"unrelated-{number}",
        "title": f"qq{number}q",
        "question": f"ww{number}w",
        "text": f"xx{number}x",
    }
    stated = STATED[0][1].model_copy(update=changes)
    return _version(f"{jurisdiction}{language}{number}", stated)


def _elsewhere(number: int, stated: AnswerFields) -> StandardAnswer:
    """An answer made of the same short words, about something else."""

    def other(text: str) -> str:
        return re.sub("[A-Za-z]{5,}", lambda found: f"{found[0]}q{number}", text)

    parts = {part: other(getattr(stated, part)) for part in ("title", "question", "text")}
    changed = stated.model_copy(update={**parts, "topic": f"{stated.topic}-{number}"})
    return _version(changed.topic, changed)


def _version(named: str, stated: AnswerFields) -> StandardAnswer:
    begun = stated.model_copy(update={"effective_from": TODAY})
    draft = draft_of(begun, draft_id=named, supersedes=0, by="u_a", at=START)
    return draft.approved(by="u_b", at=START)


def test_a_question_that_is_recognised_is_answered_and_her_case_says_with_what(
    answered: Service,
) -> None:
    worker = Worker(answered, line_of(language="zh", jurisdiction="CN"))

    reply = worker.says("老板说不给加班费怎么办") or ""

    case = worker.case()
    given = case.standard_answer
    assert given is not None
    answer = answered.deps.standard_answers.version(given.answer_id, given.version)
    assert answer is not None
    assert (answer.topic, answer.language) == ("overtime-pay", "zh-CN")
    assert f"自动答复（工作人员也会看您的消息）：\n{answer.text}\n" in reply
    assert given.content_hash == answer.content_hash
    assert (case.intake_type, case.categories) == ("enquiry", (answer.category,))
    (call,) = walked(answered.partner(), "/v1/calls?month=2026-11")
    assert (call["logged_by"], call["outcome"]) == (worker.line.line_id, "answered")
    assert (call["grievance_id"], call["duration_seconds"]) == (case.grievance_id, 0)
    listed = walked(answered.partner(), f"/v1/answers/{given.answer_id}/versions/1/given")
    assert [each["call_id"] for each in listed] == [call["call_id"]]


def test_what_is_not_clear_is_left_to_an_officer(answered: Service) -> None:
    worker = Worker(answered, line_of(language="zh", jurisdiction="CN"))

    reply = worker.says("被辞退有补偿吗") or ""

    assert "自动答复" not in reply
    assert worker.case().standard_answer is None
    assert worker.case().categories == ("other",)
    assert walked(answered.partner(), "/v1/calls?month=2026-11") == []


def test_an_answer_she_cannot_read_is_not_told_but_says_what_it_is_about(
    answered: Service,
) -> None:
    found = recognised("老板说不给加班费怎么办", "CN", "bn", Channel.SMS, deps=answered.deps)

    assert found is not None
    assert (found.answer.topic, found.is_told) == ("overtime-pay", False)


@pytest.mark.parametrize(
    ("channel", "longest"), [(Channel.SMS, LONGEST_IN_SMS), (Channel.QQ, LONGEST_IN_A_CHAT)]
)
def test_an_answer_too_long_for_a_message_is_never_cut(
    service: Service, monkeypatch: pytest.MonkeyPatch, channel: Channel, longest: int
) -> None:
    monkeypatch.setattr(answer_by_itself, "LEAST_SCORE", 0.0)
    told = []
    for length in (longest, longest + 1):
        published(service, text="x" * length)
        found = recognised("overtime pay", "CN", "en", channel, deps=service.deps)
        told.append(found and found.is_told)

    assert told == [True, False]


@pytest.mark.parametrize("language", sorted(for_workers.languages()))
def test_the_longest_answer_and_what_stands_around_it_are_one_message(language: str) -> None:
    texts = for_workers.catalogue(language)
    around = (texts[f"chat.{key}"] for key in ("received", "automatic", "ask_brands_abroad"))

    assert sum(map(len, around)) + len("0000-0000-0000-0000") + LONGEST_IN_A_CHAT < LONGEST


@pytest.mark.parametrize("jurisdiction", [None, "BD"])
def test_nothing_is_answered_by_another_countrys_law(
    answered: Service, jurisdiction: str | None
) -> None:
    assert recognised("加班费", jurisdiction, "zh", Channel.QQ, deps=answered.deps) is None


def test_a_search_that_fails_keeps_nobody_from_being_heard(service: Service) -> None:
    worker = Worker(service, line_of(jurisdiction="CN"))
    with service.refusing("Query"):
        reply: Any = worker.says("How much must I be paid for overtime?")

    assert reply.startswith("We have your message.")
