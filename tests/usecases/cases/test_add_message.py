"""Messages on a case: kept word for word, in order, on the record only as commitments."""

import re

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked


def test_a_message_is_kept_as_it_was_written_and_read_again(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)
    path = f"/v1/grievances/{grievance_id}/messages"
    text = "她又打电话来了。\r\n\tÅ vs Å, 👩‍🏭"
    service.clock.forward(minutes=5)

    answer = intake.post(path, {"text": text, "visibility": "worker"})

    message = answer.json()
    assert answer.status == 201
    assert re.fullmatch(r"m_[0-9a-z]{26}", message["message_id"])
    assert re.fullmatch(r"partner_intake:handshake-gz:[\w-]+", message["by"])
    assert message == {
        "message_id": message["message_id"],
        "grievance_id": grievance_id,
        "at": "2026-11-22T08:05:00.000Z",
        "by": message["by"],
        "visibility": "worker",
        "text": text,
        "speaks_for": None,
        "brand_id": None,
        "question_id": None,
        "readable_from": None,
        "delivery": {
            "status": "withheld",
            "because": "no_line",
            "channel": None,
            "at": "2026-11-22T08:05:00.000Z",
            "carrier_code": None,
        },
    }
    assert service.partner().get(path).json() == {"items": [message], "next_cursor": None}


def test_a_message_is_the_partners_own_unless_it_says_otherwise(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}/messages"

    assert partner.post(path, {"text": "A note."}).json()["visibility"] == "partner"


def test_messages_come_in_the_order_of_time_and_in_pages(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}/messages"
    for number in range(7):
        partner.post(path, {"text": f"note {number}"})
        service.clock.forward(seconds=1)

    first = partner.get(f"{path}?limit=3")

    assert len(first.json()["items"]) == 3
    assert first.headers["Link"].startswith(f"<https://handshake.test{path}?")
    texts = [message["text"] for message in walked(partner, f"{path}?limit=3")]
    assert texts == [f"note {number}" for number in range(7)]


def test_the_ledger_says_that_there_is_a_message_and_not_what_it_says(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    text = "Chen Li can be reached in the evening."

    message = partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": text}).json()

    history = partner.get(f"/v1/grievances/{grievance_id}/history")
    entry = history.json()["items"][1]
    key_id = message["by"].rsplit(":", 1)[1]
    assert entry["action"] == "message_added"
    assert re.fullmatch(rf"partner_supervisor:p_[0-9a-f]{{16}}:{key_id}", entry["actor"])
    assert set(entry["data"]) == {"message_id", "visibility", "text"}
    assert (entry["data"]["message_id"], entry["data"]["visibility"]) == (
        message["message_id"],
        "partner",
    )
    assert re.fullmatch(r"[0-9a-f]{64}", entry["data"]["text"]["commitment"])
    assert b"Chen Li" not in history.body


def test_equal_words_on_two_cases_do_not_look_equal_in_their_ledgers(service: Service) -> None:
    partner = service.partner()
    commitments = []
    for key in ("k-1", "k-2"):
        path = f"/v1/grievances/{submitted(partner, key)}"
        partner.post(f"{path}/messages", {"text": "Paid."})
        entry = partner.get(f"{path}/history").json()["items"][1]
        commitments.append(entry["data"]["text"]["commitment"])

    assert len(set(commitments)) == 2


def test_a_message_that_meets_another_is_added_after_it(service: Service) -> None:
    """Nobody should have to repeat a note because a colleague wrote one at the same moment."""
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/messages"

    def overtake() -> None:
        partner.post(path, {"text": "first"})

    with service.before_call("TransactWriteItems", overtake):
        answer = partner.post(path, {"text": "second"})

    assert answer.status == 201
    assert {message["text"] for message in walked(partner, path)} == {"first", "second"}
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert first_bad_entry(service.deps.cases.entries(case, 100, None).items) is None
    assert case.version == 3


def test_a_message_changes_neither_state_nor_routing(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    before = case_of(partner, grievance_id)

    partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": "A note."})

    after = case_of(partner, grievance_id)
    assert after == {**before, "version": 3, "ledger_hash": after["ledger_hash"]}


def test_an_ended_case_still_takes_messages(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}"
    partner.post(
        f"{path}/transitions", {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    )

    assert partner.post(f"{path}/messages", {"text": "She thanks everybody."}).status == 201


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"text": "missing"}),
        ({"text": ""}, {"text": "string_too_short"}),
        ({"text": "x" * 20_001}, {"text": "string_too_long"}),
        ({"text": "a\u0000b"}, {"text": "value_error"}),
        ({"text": 1}, {"text": "string_type"}),
        ({"text": "x", "visibility": "public"}, {"visibility": "enum"}),
        ({"text": "x", "by": "operator"}, {"body": "extra_forbidden"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_message_that_breaks_a_rule_is_refused_and_not_kept(
    service: Service, body: dict[str, object], problem: dict[str, str]
) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}/messages"

    assert fields(partner.post(path, body)) == problem
    assert partner.get(path).json()["items"] == []


def test_another_partners_case_takes_no_message(service: Service) -> None:
    grievance_id = submitted(service.partner())
    path = f"/v1/grievances/{grievance_id}/messages"

    answer = service.partner("other-ngo").post(path, {"text": "A note."})

    assert refusal(answer) == (404, "not_found")
    assert service.partner().get(path).json()["items"] == []
