"""A brand asks the partner, the partner answers: on the record, within consent, to that brand."""

from typing import Any

from chalicelib.domain.cases.question import MOST_ANSWERS, MOST_QUESTIONS
from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.plans import Remedied
from tests.usecases.record.test_commitments import committed
from tests.usecases.stories import case_of, consented, refusal

AGREED = {"cross_border": True, "script_version": "helpline-zh-3"}
NOT_THERE = "q_" + "0" * 26


def asked(told: Remedied, text: str = "Which months?") -> dict[str, Any]:
    answer = told.desk.post(f"{told.alert}/questions", {"text": text})
    assert answer.status == 201, answer.body
    question: dict[str, Any] = answer.json()
    return question


def answered(told: Remedied, question_id: str, text: str = "September.") -> Any:
    return told.partner.post(f"{told.case}/questions/{question_id}/answers", {"text": text})


def questions(caller: Any, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.get(f"{path}/questions").json()["items"]
    return items


def test_a_question_reaches_the_partner_and_its_answer_the_brand(service: Service) -> None:
    told = Remedied(service)
    service.clock.forward(hours=1)

    question = asked(told)
    service.clock.forward(hours=1)
    answer = answered(told, question["question_id"])

    assert question == {
        "question_id": question["question_id"],
        "brand_id": "acme",
        "alert_id": told.alert_id(),
        "to": "partner",
        "text": "Which months?",
        "asked_at": "2026-11-22T09:00:00.000Z",
        "answer_by": None,
        "answers": [],
    }
    at = "2026-11-22T10:00:00.000Z"
    said = {"at": at, "text": "September.", "readable_from": "C3"}
    assert (answer.status, answer.json()) == (201, {**question, "answers": [said]})
    assert questions(told.desk, told.alert) == questions(told.partner, told.case)
    assert questions(told.desk, told.alert) == [{**question, "answers": [said]}]


def test_who_asks_has_not_answered(service: Service) -> None:
    told = Remedied(service)
    before = case_of(told.partner, told.grievance_id)["clocks"]

    asked(told)

    assert case_of(told.partner, told.grievance_id)["clocks"] == before
    assert len(told.desk.get("/v1/alerts?open_only=true").json()["items"]) == 1


def test_the_partner_is_told_that_somebody_asks(service: Service) -> None:
    told = Remedied(service)
    asked(told)

    (signal,) = told.partner.get("/v1/signals?kind=question_asked").json()["items"]

    assert (signal["grievance_id"], signal["clock"]) == (told.grievance_id, None)


def test_the_record_holds_commitments_to_what_was_asked_and_answered(service: Service) -> None:
    told = Remedied(service)
    question = asked(told)
    answered(told, question["question_id"])

    *_, asking, answering = told.history()

    grievance_id, alert_id = told.grievance_id, told.alert_id()
    assert (asking["action"], answering["action"]) == ("question_asked", "question_answered")
    assert asking["data"] == {
        "question_id": question["question_id"],
        "message_id": asking["data"]["message_id"],
        "alert_id": committed(service, grievance_id, "alert_id", alert_id),
        "text": committed(service, grievance_id, "text", "Which months?"),
    }
    assert asking["private"] == {"alert_id": alert_id}
    assert answering["data"] == {
        "question_id": question["question_id"],
        "message_id": answering["data"]["message_id"],
        "text": committed(service, grievance_id, "text", "September."),
    }


def test_no_brand_sees_what_another_one_asks(service: Service) -> None:
    told = Remedied(service, "acme", "bolt")
    question = asked(told)
    answered(told, question["question_id"])
    other, alert = service.brand_desk("bolt"), f"/v1/alerts/{told.alert_id('bolt')}"

    assert questions(other, alert) == []
    assert other.get(f"{alert}/statements").json()["items"] == []
    assert refusal(other.get(f"{told.alert}/questions")) == (404, "not_found")


def test_nobody_answers_what_was_not_asked_about_the_case(service: Service) -> None:
    told = Remedied(service)
    question = asked(told)
    other = service.partner("other-ngo")
    path = f"{told.case}/questions/{question['question_id']}/answers"

    assert refusal(answered(told, NOT_THERE)) == (404, "not_found")
    assert refusal(other.post(path, {"text": "Nothing."})) == (404, "not_found")


def test_what_was_answered_to_one_that_knew_the_factory_is_not_read_once_it_must_forget_it(
    service: Service,
) -> None:
    told = Remedied(service)
    question = asked(told)
    answered(told, question["question_id"], "At Yi Chang Tai it was September.")
    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C2", **AGREED).status == 200

    (seen,) = questions(told.desk, told.alert)
    assert [each["text"] for each in seen["answers"]] == [None]
    answered(told, question["question_id"], "It was September.")
    (seen,) = questions(told.desk, told.alert)
    assert [(each["text"], each["readable_from"]) for each in seen["answers"]] == [
        (None, "C3"),
        ("It was September.", "C2"),
    ]
    (kept,) = questions(told.partner, told.case)
    assert kept["answers"][0]["text"] == "At Yi Chang Tai it was September."


def test_after_a_withdrawal_nobody_asks_answers_or_reads(service: Service) -> None:
    told = Remedied(service)
    question = asked(told)
    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C0").status == 200
    before = service.all_items()

    for tail in ("questions", "statements"):
        assert refusal(told.desk.get(f"{told.alert}/{tail}")) == (403, "consent_withdrawn")
    asking = told.desk.post(f"{told.alert}/questions", {"text": "Why?"})
    assert refusal(asking) == (403, "consent_withdrawn")
    assert refusal(answered(told, question["question_id"])) == (409, "state_conflict")
    assert service.all_items() == before


def test_a_case_that_has_ended_takes_no_questions(service: Service) -> None:
    told = Remedied(service)
    told.move(to="closed", outcome="withdrawn", root_cause="unknown")

    answer = told.desk.post(f"{told.alert}/questions", {"text": "Why?"})

    assert refusal(answer) == (409, "state_conflict")


def test_a_brand_asks_so_often_and_a_question_is_answered_so_often(service: Service) -> None:
    told = Remedied(service)
    for _ in range(MOST_QUESTIONS):
        service.clock.forward(seconds=1)
        question = asked(told)
    for _ in range(MOST_ANSWERS):
        assert answered(told, question["question_id"]).status == 201

    more = told.desk.post(f"{told.alert}/questions", {"text": "Why?"})
    assert refusal(more) == (409, "state_conflict")
    assert refusal(answered(told, question["question_id"])) == (409, "state_conflict")


def test_an_erasure_of_texts_takes_what_was_asked_and_answered(service: Service) -> None:
    told = Remedied(service)
    question = asked(told)
    answered(told, question["question_id"])
    wanted = {"clock": "hard_stop", "days": 9, "reason": "An audit of the mill."}
    assert told.desk.post(f"{told.alert}/extensions", wanted).status == 201
    reference = case_of(told.partner, told.grievance_id)["public_ref"]
    wish = {"scope": "texts", "reason": "worker_request", "confirm": reference}

    officer = service.caller(Role.DPO, "privacy-office")
    assert officer.post(f"{told.case}/erasure", wish).status == 200

    (bare,) = questions(told.partner, told.case)
    assert (bare["text"], bare["answers"][0]["text"]) == (None, None)
    (request,) = told.partner.get(f"{told.case}/extensions").json()["items"]
    assert (request["reason"], request["days"]) == (None, 9)
    stored = str(service.all_items())
    assert [
        w for w in ("Which months?", "September.", "An audit of the mill.") if w in stored
    ] == []
