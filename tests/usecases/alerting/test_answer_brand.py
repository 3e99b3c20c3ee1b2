"""A factory answers what it was asked, and sees nothing else: of no brand, case or worker."""

from typing import Any

import pytest

from chalicelib.domain.cases.question import MOST_ANSWERS
from chalicelib.domain.references import CROCKFORD
from chalicelib.domain.vocabulary import Role
from tests.service import Caller, Service, but_for_the_count
from tests.usecases.plans import Remedied
from tests.usecases.record.test_commitments import committed
from tests.usecases.stories import alerted, case_of, consented, covered, fields, refusal, walked

AGREED = {"cross_border": True, "script_version": "helpline-zh-3"}
NOT_THERE = "q_" + "0" * 26
NOBODYS = ("q_" + "z" * 26, "q_" + "u" * 26, "q_" + CROCKFORD[:26].lower())
ASKED = {"text": "Which months were paid late?", "to": "factory"}
ANSWER = {"text": "September; it was paid on 20 November."}


class Mill:
    """A case whose brand knows the factory, which has its management here."""

    def __init__(self, service: Service, *brands: str, **facts: Any) -> None:
        self.service = service
        self.told = Remedied(service, *brands, **facts)
        self.factory_id = service.factory()
        self.management = service.management(self.factory_id)

    def ask(self, text: str = ASKED["text"], brand: str = "acme") -> dict[str, Any]:
        path = f"/v1/alerts/{self.told.alert_id(brand)}/questions"
        answer = self.service.brand_desk(brand).post(path, {**ASKED, "text": text})
        assert answer.status == 201, answer.body
        self.service.clock.forward(minutes=1)
        question: dict[str, Any] = answer.json()
        return question

    def answer(self, question_id: str, caller: Caller | None = None) -> Any:
        return (caller or self.management).post(f"/v1/questions/{question_id}/answers", ANSWER)

    def listed(self) -> list[dict[str, Any]]:
        return walked(self.management, "/v1/questions?limit=2")

    def agree(self, level: str, **agreed: Any) -> None:
        partner, grievance_id = self.told.partner, self.told.grievance_id
        version = case_of(partner, grievance_id)["version"]
        answer = consented(partner, grievance_id, version, level=level, **agreed)
        assert answer.status == 200, answer.body

    def sees_nothing_of(self, question_id: str) -> None:
        assert self.listed() == []
        assert refusal(self.management.get(f"/v1/questions/{question_id}")) == (404, "not_found")
        before = self.service.all_items()
        assert refusal(self.answer(question_id)) == (404, "not_found")
        assert self.service.all_items() == before


def test_a_factory_sees_what_it_is_asked_by_whom_and_until_when_and_nothing_else(
    service: Service,
) -> None:
    mill = Mill(service)

    question = mill.ask()

    assert question == {
        "question_id": question["question_id"],
        "brand_id": "acme",
        "alert_id": mill.told.alert_id(),
        "to": "factory",
        "text": "Which months were paid late?",
        "asked_at": "2026-11-22T08:00:00.000Z",
        "answer_by": "2026-12-02T08:00:00.000Z",
        "answers": [],
    }
    seen = {
        "question_id": question["question_id"],
        "brand_id": "acme",
        "category": "compensation",
        "text": "Which months were paid late?",
        "asked_at": "2026-11-22T08:00:00.000Z",
        "answer_by": "2026-12-02T08:00:00.000Z",
        "answers": [],
    }
    assert mill.listed() == [seen]
    assert mill.management.get(f"/v1/questions/{question['question_id']}").json() == seen


def test_its_answer_stands_beside_the_other_sides_for_brand_and_partner(service: Service) -> None:
    mill = Mill(service)
    question = mill.ask()

    answer = mill.answer(question["question_id"])

    at = "2026-11-22T08:01:00.000Z"
    assert (answer.status, answer.json()["answers"]) == (201, [{"at": at, **ANSWER}])
    assert mill.listed() == [answer.json()]
    told = mill.told
    whole = {**question, "answers": [{"at": at, **ANSWER, "readable_from": "C3"}]}
    for caller, path in ((told.desk, told.alert), (told.partner, told.case)):
        assert caller.get(f"{path}/questions").json()["items"] == [whole]
        statements = caller.get(f"{path}/statements").json()["items"]
        assert [(s["side"], s["brand_id"], s["text"], s["question_id"]) for s in statements] == [
            ("brand", "acme", ASKED["text"], question["question_id"]),
            ("factory", "acme", ANSWER["text"], question["question_id"]),
        ]
        assert "mill-one" not in str(statements)


def test_no_other_brand_reads_what_a_factory_was_asked_or_has_answered(service: Service) -> None:
    mill = Mill(service, "acme", "bolt")
    mill.answer(mill.ask()["question_id"])
    other, alert = service.brand_desk("bolt"), f"/v1/alerts/{mill.told.alert_id('bolt')}"

    for tail in ("questions", "statements"):
        assert other.get(f"{alert}/{tail}").json()["items"] == []


def test_who_asks_and_who_answers_stop_no_clock_and_the_partner_is_told(service: Service) -> None:
    mill = Mill(service)
    before = case_of(mill.told.partner, mill.told.grievance_id)["clocks"]

    mill.answer(mill.ask()["question_id"])

    assert case_of(mill.told.partner, mill.told.grievance_id)["clocks"] == before
    (signal,) = mill.told.partner.get("/v1/signals?kind=question_asked").json()["items"]
    assert signal["grievance_id"] == mill.told.grievance_id


def test_the_record_holds_commitments_and_names_no_organisation(service: Service) -> None:
    mill = Mill(service)
    question = mill.ask()
    mill.answer(question["question_id"])

    *_, asking, answering = mill.told.history()

    grievance_id, alert_id = mill.told.grievance_id, mill.told.alert_id()
    assert (asking["action"], answering["action"]) == ("question_asked", "question_answered")
    assert asking["data"] == {
        "question_id": question["question_id"],
        "message_id": asking["data"]["message_id"],
        "alert_id": committed(service, grievance_id, "alert_id", alert_id),
        "text": committed(service, grievance_id, "text", ASKED["text"]),
        "to": "factory",
        "factory_id": committed(service, grievance_id, "factory_id", mill.factory_id),
    }
    assert asking["private"] == {"alert_id": alert_id, "factory_id": mill.factory_id}
    assert answering["data"] == {
        "question_id": question["question_id"],
        "message_id": answering["data"]["message_id"],
        "text": committed(service, grievance_id, "text", ANSWER["text"]),
    }
    role, pseudonym, key_id = answering["actor"].split(":")
    assert (role, pseudonym[:2], key_id[:2]) == ("factory", "o_", "k_")
    assert "mill-one" not in str(answering)


def test_questions_of_several_cases_and_brands_are_listed_newest_first_page_by_page(
    service: Service,
) -> None:
    mill = Mill(service, "acme", "bolt")
    asked = [mill.ask(f"Number {n}?", ("acme", "bolt")[n % 2])["question_id"] for n in range(5)]

    first = mill.management.get("/v1/questions?limit=2")

    assert [row["question_id"] for row in mill.listed()] == asked[::-1]
    cursor = first.json()["next_cursor"]
    assert [row["question_id"] for row in first.json()["items"]] == asked[:2:-1]
    following = mill.management.get(f"/v1/questions?limit=2&cursor={cursor}").json()["items"]
    assert [row["question_id"] for row in following] == [asked[2], asked[1]]
    assert first.headers["Link"].endswith('>; rel="next"')
    stranger = service.management(mill.factory_id, "mill-two")
    answer = stranger.get(f"/v1/questions?cursor={cursor}")
    assert refusal(answer) == (400, "cursor_invalid")


@pytest.mark.parametrize("level", ["C0", "C1", "C2"])
def test_a_question_is_not_there_any_more_once_the_worker_agrees_to_less(
    service: Service, level: str
) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    mill.answer(question_id)

    mill.agree(level, **(AGREED if level != "C0" else {}))

    mill.sees_nothing_of(question_id)


def test_what_does_not_cross_a_border_any_more_is_not_there_either(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]

    mill.agree("C3", cross_border=False, script_version="helpline-zh-3")

    mill.sees_nothing_of(question_id)


def test_a_question_is_there_again_when_the_worker_agrees_to_as_much_again(
    service: Service,
) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    mill.agree("C2", **AGREED)
    mill.agree("C3", **AGREED)

    assert [row["question_id"] for row in mill.listed()] == [question_id]
    assert mill.answer(question_id).status == 201


def test_a_brand_that_must_forget_the_factory_does_not_read_its_answer(service: Service) -> None:
    mill = Mill(service)
    mill.answer(mill.ask()["question_id"])
    mill.agree("C2", **AGREED)
    desk, alert = mill.told.desk, mill.told.alert

    (question,) = desk.get(f"{alert}/questions").json()["items"]
    assert [answer["text"] for answer in question["answers"]] == [None]
    statements = desk.get(f"{alert}/statements").json()["items"]
    assert [(s["side"], s["text"]) for s in statements] == [("brand", ASKED["text"])]
    kept = mill.told.partner.get(f"{mill.told.case}/statements").json()["items"]
    assert [s["side"] for s in kept] == ["brand", "factory"]


def test_a_brand_asks_no_factory_that_its_alert_does_not_name(service: Service) -> None:
    consent = {"level": "C2", **AGREED}
    told = Remedied(service, consent=consent)
    before = service.all_items()

    answer = told.desk.post(f"{told.alert}/questions", ASKED)

    assert refusal(answer) == (409, "state_conflict")
    assert service.all_items() == before


def test_nor_one_that_it_must_forget(service: Service) -> None:
    mill = Mill(service)
    mill.agree("C2", **AGREED)
    path = f"{mill.told.alert}/questions"

    assert refusal(mill.told.desk.post(path, ASKED)) == (409, "state_conflict")
    mill.agree("C0")
    assert refusal(mill.told.desk.post(path, ASKED)) == (403, "consent_withdrawn")


def test_nor_once_the_case_has_ended_and_nobody_answers_then(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    mill.told.move(to="closed", outcome="withdrawn", root_cause="unknown")

    asking = mill.told.desk.post(f"{mill.told.alert}/questions", ASKED)

    assert refusal(asking) == (409, "state_conflict")
    assert refusal(mill.answer(question_id)) == (409, "state_conflict")
    assert [row["question_id"] for row in mill.listed()] == [question_id]


def test_a_question_is_for_the_factory_or_the_partner_and_not_for_both(service: Service) -> None:
    mill = Mill(service)
    to_factory = mill.ask()["question_id"]
    told = mill.told
    to_partner = told.desk.post(f"{told.alert}/questions", {"text": "Why?"}).json()
    path = f"{told.case}/questions/{to_factory}/answers"

    assert (to_partner["to"], to_partner["answer_by"]) == ("partner", None)
    assert refusal(told.partner.post(path, ANSWER)) == (409, "state_conflict")
    assert refusal(mill.answer(to_partner["question_id"])) == (404, "not_found")
    assert [row["question_id"] for row in mill.listed()] == [to_factory]


def test_whom_else_it_may_be_put_to_is_refused(service: Service) -> None:
    told = Remedied(service)

    answer = told.desk.post(f"{told.alert}/questions", {"text": "Who?", "to": "worker"})

    assert fields(answer) == {"to": "enum"}


def test_what_is_not_there_and_what_is_another_factorys_answer_alike(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    other = service.management(service.factory("Dong Fang Shoes"), "mill-two")
    unknown = service.caller(Role.FACTORY, "no-mill")

    assert walked(other, "/v1/questions") == walked(unknown, "/v1/questions") == []
    answers = [
        *(caller.get(f"/v1/questions/{question_id}") for caller in (other, unknown)),
        *(mill.management.get(f"/v1/questions/{each}") for each in (NOT_THERE, *NOBODYS)),
        *(mill.answer(question_id, caller) for caller in (other, unknown)),
    ]
    assert {refusal(answer) for answer in answers} == {(404, "not_found")}
    assert len({repr(but_for_the_count(answer)) for answer in answers}) == 1


def test_who_manages_another_factory_by_now_sees_what_that_one_is_asked(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    second = service.factory("Dong Fang Shoes")

    service.management(second)
    mill.sees_nothing_of(question_id)

    service.management(mill.factory_id)
    assert [row["question_id"] for row in mill.listed()] == [question_id]


def test_a_suspended_management_sees_nothing(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    assert service.operator().delete("/v1/organisations/mill-one").status == 204

    answers = [
        mill.management.get("/v1/questions"),
        mill.management.get(f"/v1/questions/{question_id}"),
        mill.answer(question_id),
    ]
    assert {refusal(answer) for answer in answers} == {(401, "unauthenticated")}


def test_a_factory_that_the_case_is_about_no_more_sees_nothing(service: Service) -> None:
    """The case was closed, reopened and sent on to another one."""
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    told = mill.told
    second = service.factory("Dong Fang Shoes")
    told.move(to="closed", outcome="withdrawn", root_cause="unknown")
    told.move(to="reopened", reason="It was the other mill.")
    told.move(to="screening")
    resolved = told.partner.post(f"{told.case}/factory", {"factory_id": second})
    assert resolved.status == 200, resolved.body

    mill.sees_nothing_of(question_id)
    asking = told.desk.post(f"{told.alert}/questions", ASKED)
    assert refusal(asking) == (409, "state_conflict")


def test_a_question_takes_so_many_answers(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    for _ in range(MOST_ANSWERS):
        assert mill.answer(question_id).status == 201

    assert refusal(mill.answer(question_id)) == (409, "state_conflict")


def test_an_erasure_of_texts_takes_what_was_asked_and_answered(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    mill.answer(question_id)
    reference = case_of(mill.told.partner, mill.told.grievance_id)["public_ref"]
    wish = {"scope": "texts", "reason": "worker_request", "confirm": reference}

    officer = service.caller(Role.DPO, "privacy-office")
    assert officer.post(f"{mill.told.case}/erasure", wish).status == 200

    (bare,) = mill.listed()
    assert (bare["text"], [answer["text"] for answer in bare["answers"]]) == (None, [None])
    stored = str(service.all_items())
    assert [text for text in (ASKED["text"], ANSWER["text"]) if text in stored] == []


def test_a_factory_that_nobody_asks_sees_an_empty_list(service: Service) -> None:
    management = service.management(covered(service))

    assert management.get("/v1/questions").json() == {"items": [], "next_cursor": None}


def test_a_case_that_cannot_be_read_hides_no_other_one(service: Service) -> None:
    mill = Mill(service)
    question_id = mill.ask()["question_id"]
    second = alerted(service, mill.told.partner, "k-2")
    (alert,) = service.alert_rows(second)
    unread = mill.told.desk.post(f"/v1/alerts/{alert.alert_id}/questions", ASKED).json()
    assert len(mill.listed()) == 2

    service.poison(second)

    assert [row["question_id"] for row in mill.listed()] == [question_id]
    answer = mill.management.get(f"/v1/questions/{unread['question_id']}")
    assert refusal(answer) == (404, "not_found")
