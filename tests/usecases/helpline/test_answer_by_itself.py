"""Which questions are answered without an officer, measured; and what is recorded of it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.domain.helpline.outbound import LONGEST
from chalicelib.domain.helpline.standard_answer import AnswerFields, draft_of
from chalicelib.domain.vocabulary import Channel
from chalicelib.store.answer_index import SearchedAnswers
from chalicelib.store.standard_answers import KeptVersion
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline import answer_by_itself
from chalicelib.usecases.helpline.answer_by_itself import (
    LEAST_SCORE,
    LEAST_SHARE,
    LONGEST_IN_A_CHAT,
    LONGEST_IN_SMS,
    is_clear,
    recognised,
)
from chalicelib.usecases.helpline.suggest_answers import Suggested, suggest_answers
from infra.answers import answers_under
from tests.channels.talking import STARTER, Worker, line_of, publish_starter_set
from tests.service import START, Service
from tests.usecases.answers import ANSWER, kept, published
from tests.usecases.stories import walked

QUESTION = "老板说不给加班费，休息日加班怎么算"

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


def topic_told(service: Service, text: str) -> str | None:
    """What the best answer is about, where it is clear that it is meant."""
    suggested = suggest_answers(text, "CN", None, 2, deps=service.deps)
    return suggested[0].answer.topic if is_clear(suggested) else None


def messages(file: str) -> dict[str, list[str]]:
    """What workers may write, and the topics that rightly answer each."""
    path = Path(__file__).parent / file
    return {each["she"]: each.get("fits", []) for each in yaml.safe_load(path.read_text("utf-8"))}


def told_rightly_and_wrongly(
    service: Service, written: Mapping[str, Sequence[str]]
) -> tuple[set[str], set[str]]:
    told = {text: topic_told(service, text) for text in written}
    right = {text for text, topic in told.items() if topic in written[text]}
    return right, {text for text, topic in told.items() if topic is not None} - right


def test_nothing_is_told_wrongly_to_the_messages_it_was_chosen_on(answered: Service) -> None:
    written = {text: [topic] for text, topic in QUESTIONS} | {text: [] for text in OTHERS}

    right, wrong = told_rightly_and_wrongly(answered, written | messages("tuning_messages.yaml"))

    assert (len(right), wrong) == (29, set())


def test_of_the_unseen_messages_no_more_are_told_wrongly_than_when_they_were_new(
    answered: Service,
) -> None:
    """Whoever makes this better by looking at these three has to write other messages first."""
    right, wrong = told_rightly_and_wrongly(answered, messages("unseen_messages.yaml"))

    assert len(right) >= 21
    assert wrong <= {
        "工伤治疗期间，厂里可以解除合同吗",
        "产假期间有工资吗，一共休多少天",
        "签了保密协议离职后有没有补偿",
    }


def suggestion(
    score: float = 30, share: float = 1, found_in: str = "en", **changes: Any
) -> Suggested:
    stated = AnswerFields.model_validate({**ANSWER, **changes})
    draft = draft_of(stated, draft_id="d", supersedes=0, by="u_a", at=START)
    return Suggested(draft.approved(by="u_b", at=START), score, share, found_in)


@pytest.mark.parametrize(
    ("suggested", "clear"),
    [
        ([], False),
        ([suggestion()], True),
        ([suggestion(score=LEAST_SCORE)], True),
        ([suggestion(score=LEAST_SCORE - 0.1)], False),
        ([suggestion(share=LEAST_SHARE)], True),
        ([suggestion(share=LEAST_SHARE - 0.01)], False),
        ([suggestion(score=30), suggestion(score=20)], True),
        ([suggestion(score=30), suggestion(score=20.1)], False),
        ([suggestion(found_in="zh-CN", language="bn")], True),
        ([suggestion(found_in="vi", language="en")], False),
    ],
)
def test_an_answer_is_clear_that_fits_leads_and_was_found_in_a_language_that_was_measured(
    suggested: list[Suggested], clear: bool
) -> None:
    assert is_clear(suggested) is clear


@pytest.mark.parametrize("text", ["怎么办", "what can I do", "我们厂里老板", "the boss"])
def test_words_that_stand_in_every_message_tell_nothing(answered: Service, text: str) -> None:
    found = suggest_answers(text, "CN", None, 1, deps=answered.deps)

    assert [each.share for each in found] == [0.0] * len(found)
    assert topic_told(answered, text) is None


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

    searched = SearchedAnswers([*_starter(), *others])
    found = {text: _two_best(searched, text) for text in (*dict(QUESTIONS), *OTHERS)}

    clear = {text: best[0].answer.topic for text, best in found.items() if is_clear(best)}
    assert len(clear) > 5
    assert clear.items() <= dict(QUESTIONS).items()


def _best_of_all(searched: SearchedAnswers) -> dict[str, tuple[str, float]]:
    """What fits each message best, and how well."""
    found = {text: searched.search(text, "CN", TODAY) for text in (*dict(QUESTIONS), *OTHERS)}
    return {text: (hits[0].answer.topic, hits[0].score) for text, hits in found.items() if hits}


def _two_best(searched: SearchedAnswers, text: str) -> list[Suggested]:
    """The best answers on two topics, as they are suggested."""
    best: dict[str, Suggested] = {}
    for answer, score in searched.search(text, "CN", TODAY):
        share = searched.share(text, answer)
        best.setdefault(answer.topic, Suggested(answer, score, share, answer.language))
    return list(best.values())[:2]


def _starter() -> list[KeptVersion]:
    return [_version(str(number), stated) for number, (_, stated) in enumerate(STATED)]


def _unrelated(number: int, jurisdiction: str, language: str) -> KeptVersion:
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


def _elsewhere(number: int, stated: AnswerFields) -> KeptVersion:
    """An answer made of the same short words, about something else."""

    def other(text: str) -> str:
        return re.sub("[A-Za-z]{5,}", lambda found: f"{found[0]}q{number}", text)

    parts = {part: other(getattr(stated, part)) for part in ("title", "question", "text")}
    changed = stated.model_copy(update={**parts, "topic": f"{stated.topic}-{number}"})
    return _version(changed.topic, changed)


def _version(named: str, stated: AnswerFields) -> KeptVersion:
    begun = stated.model_copy(update={"effective_from": TODAY})
    draft = draft_of(begun, draft_id=named, supersedes=0, by="u_a", at=START)
    return kept(draft.approved(by="u_b", at=START))


def test_a_question_that_is_recognised_is_answered_and_her_case_says_with_what(
    answered: Service,
) -> None:
    worker = Worker(answered, line_of(language="zh", jurisdiction="CN"))

    reply = worker.says(QUESTION) or ""

    case = worker.case()
    given = case.standard_answer
    assert given is not None
    answer = answered.deps.standard_answers.version(given.answer_id, given.version)
    assert answer is not None
    assert (answer.topic, answer.language) == ("overtime-pay", "zh-CN")
    assert answer.question == "加班费怎么算？"
    assert f"自动答复（工作人员也会看您的消息）：\n加班费怎么算？\n{answer.text}\n" in reply
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
    found = recognised(QUESTION, "CN", "bn", Channel.SMS, deps=answered.deps)

    assert found is not None
    assert (found.answer.topic, found.is_told) == ("overtime-pay", False)


@pytest.mark.parametrize(
    ("channel", "longest"), [(Channel.SMS, LONGEST_IN_SMS), (Channel.QQ, LONGEST_IN_A_CHAT)]
)
def test_an_answer_too_long_for_a_message_is_never_cut(
    service: Service, monkeypatch: pytest.MonkeyPatch, channel: Channel, longest: int
) -> None:
    monkeypatch.setattr(answer_by_itself, "LEAST_SCORE", 0.0)
    question = f"{ANSWER['question']}\n"
    told = []
    for length in (longest, longest + 1):
        published(service, text="x" * (length - len(question)))
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
