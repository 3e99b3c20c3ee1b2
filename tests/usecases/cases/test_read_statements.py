"""Both sides of a case beside each other, for its partner and for a brand that was told."""

from typing import Any

from chalicelib.domain.cases.message import Message
from chalicelib.domain.vocabulary import Visibility
from tests.service import Caller, Service
from tests.usecases.plans import Remedied
from tests.usecases.stories import case_of, consented, refusal, walked

AGREED = {"cross_border": True, "script_version": "helpline-zh-3"}


def said(caller: Caller, path: str) -> list[tuple[str, str | None, str | None]]:
    found = walked(caller, f"{path}/statements?limit=2")
    return [(each["side"], each["brand_id"], each["text"]) for each in found]


def wrote(told: Remedied, text: str, **more: Any) -> None:
    body = {"text": text, "visibility": "brand", **more}
    assert told.partner.post(f"{told.case}/messages", body).status == 201
    told.service.clock.forward(minutes=1)


def replied(told: Remedied, text: str, brand: str = "acme", **more: Any) -> None:
    path = f"/v1/alerts/{told.alert_id(brand)}/replies"
    answer = told.service.brand_desk(brand).post(path, {"text": text, **more})
    assert answer.status == 201
    told.service.clock.forward(minutes=1)


def test_what_both_sides_say_stands_beside_each_other(service: Service) -> None:
    told = Remedied(service)
    replied(told, "We look into it.")
    replied(told, "All was paid.", speaks_for="factory")
    wrote(told, "Nothing was paid.", speaks_for="worker")
    wrote(told, "Twelve payslips show nothing.")
    question = told.desk.post(f"{told.alert}/questions", {"text": "Which months?"}).json()
    service.clock.forward(minutes=1)
    answers = f"{told.case}/questions/{question['question_id']}/answers"
    assert told.partner.post(answers, {"text": "September."}).status == 201

    statements = [
        ("brand", "acme", "We look into it."),
        ("factory", "acme", "All was paid."),
        ("worker", None, "Nothing was paid."),
        ("partner", None, "Twelve payslips show nothing."),
        ("brand", "acme", "Which months?"),
        ("partner", "acme", "September."),
    ]
    assert said(told.partner, told.case) == statements
    assert said(told.desk, told.alert) == statements
    whole = walked(told.desk, f"{told.alert}/statements")
    asked_and_answered = [each["question_id"] for each in whole]
    assert asked_and_answered == [None] * 4 + [question["question_id"]] * 2
    assert "handshake-gz" not in str(whole)


def test_notes_are_nobodys_statement(service: Service) -> None:
    told = Remedied(service)
    for visibility in ("partner", "worker"):
        body = {"text": "She fears her foreman.", "visibility": visibility}
        assert told.partner.post(f"{told.case}/messages", body).status == 201

    assert said(told.partner, told.case) == []
    assert said(told.desk, told.alert) == []


def test_a_brand_reads_no_other_brands_statements(service: Service) -> None:
    told = Remedied(service, "acme", "bolt")
    replied(told, "Ours.")
    replied(told, "Theirs.", "bolt")
    wrote(told, "For both.")

    other = f"/v1/alerts/{told.alert_id('bolt')}"
    assert said(told.desk, told.alert) == [
        ("brand", "acme", "Ours."),
        ("partner", None, "For both."),
    ]
    assert said(service.brand_desk("bolt"), other) == [
        ("brand", "bolt", "Theirs."),
        ("partner", None, "For both."),
    ]


def test_what_was_written_at_a_higher_level_is_not_read_at_a_lower_one(service: Service) -> None:
    told = Remedied(service)
    wrote(told, "Yi Chang Tai owes two months.")
    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C2", **AGREED).status == 200
    wrote(told, "Two months are owed.")

    assert said(told.desk, told.alert) == [("partner", None, "Two months are owed.")]
    assert len(said(told.partner, told.case)) == 2

    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C3", **AGREED).status == 200
    assert len(said(told.desk, told.alert)) == 2


def test_what_was_written_while_nothing_might_be_told_waits_for_the_factorys_level(
    service: Service,
) -> None:
    told = Remedied(service)
    for level, agreed in (("C0", {}), ("C2", AGREED)):
        wrote(told, f"Before {level}.") if level == "C2" else None
        version = case_of(told.partner, told.grievance_id)["version"]
        answer = consented(told.partner, told.grievance_id, version, level=level, **agreed)
        assert answer.status == 200

    service.tick()
    alerts = service.alert_rows(told.grievance_id)
    newest = max((a for a in alerts if not a.is_recall), key=lambda a: a.alerted_at)
    assert said(told.desk, f"/v1/alerts/{newest.alert_id}") == []


def test_messages_from_before_there_were_statements_need_the_factorys_level(
    service: Service,
) -> None:
    """They say neither for whom they speak nor from which level on they may be read."""
    told = Remedied(service)
    old = Message(
        message_id="m_" + "0" * 26,
        grievance_id=told.grievance_id,
        at=service.clock.now,
        by="partner_intake:handshake-gz:k_1",
        visibility=Visibility.BRAND,
        text="Yi Chang Tai owes two months.",
    )
    service.deps.alerts.write([service.deps.cases.message_row(old)])
    assert said(told.desk, told.alert) == [("partner", None, "Yi Chang Tai owes two months.")]

    version = case_of(told.partner, told.grievance_id)["version"]
    assert consented(told.partner, told.grievance_id, version, level="C2", **AGREED).status == 200
    assert said(told.desk, told.alert) == []


def test_a_recall_shows_no_statements(service: Service) -> None:
    told = Remedied(service)
    version = case_of(told.partner, told.grievance_id)["version"]
    consented(told.partner, told.grievance_id, version, level="C0")
    (recall,) = [a for a in service.alert_rows(told.grievance_id) if a.is_recall]

    answer = told.desk.get(f"/v1/alerts/{recall.alert_id}/statements")

    assert refusal(answer) == (409, "state_conflict")
