"""Who the worker is: in the vault only, opened with a reason, and every opening on the record."""

import json
import re
from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from tests.calls import counted_calls
from tests.service import Caller, Service, filing
from tests.usecases.stories import case_of, fields, refusal, submitted, walked

# Nobody's: made up so that no search can take them for a person's.
WORKER = {
    "name": "Wrk-Canary-Name",
    "phone": "+86 138 0013 8000",
    "wechat": "Wrk-Canary-WeChat",
    "address": "Wrk-Canary-Street 1",
}
NOTE = "Wrk-Canary-Note"
OPENING = {"reason": "contact_worker", "note": NOTE}


def opened(caller: Caller, grievance_id: str, body: Any = OPENING) -> Any:
    return caller.post(f"/v1/grievances/{grievance_id}/identity/openings", body)


def history(partner: Caller, grievance_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = partner.get(f"/v1/grievances/{grievance_id}/history").json()[
        "items"
    ]
    return items


def chain_verifies(service: Service, grievance_id: str) -> bool:
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    return first_bad_entry(entries) is None and entries[-1].hash == case.ledger_hash


def test_an_identity_comes_along_with_the_grievance_and_is_read_back_with_a_reason(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    service.clock.forward(minutes=5)

    answer = opened(partner, grievance_id)

    assert answer.status == 201
    assert answer.json() == {
        "grievance_id": grievance_id,
        "opened_at": "2026-11-22T08:05:00.000Z",
        "entry": 2,
        "worker": {**dict.fromkeys(("email", "qq", "whatsapp")), **WORKER},
    }
    assert case_of(partner, grievance_id)["identity"] == "held"


def test_every_opening_is_in_the_ledger_with_who_and_why_and_never_the_note(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    opened(partner, grievance_id)
    opened(service.caller(Role.DPO, "privacy-office"), grievance_id, {"reason": "legal_obligation"})

    received, first, second = history(partner, grievance_id)

    assert received["data"]["identity"] == ["address", "name", "phone", "wechat"]
    assert (first["action"], first["data"]["reason"]) == ("identity_opened", "contact_worker")
    assert re.fullmatch(r"[0-9a-f]{64}", first["data"]["note"]["commitment"])
    assert second["actor"].startswith("dpo:o_")
    assert second["data"] == {"reason": "legal_obligation"}
    assert chain_verifies(service, grievance_id)


def test_the_ledger_knows_of_an_opening_before_anything_is_decrypted(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)

    with service.refusing("Decrypt"):
        answer = opened(partner, grievance_id)

    assert refusal(answer) == (503, "unavailable")
    assert [e["action"] for e in history(partner, grievance_id)] == ["received", "identity_opened"]


def test_what_cannot_be_recorded_is_not_opened(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)

    with service.refusing("TransactWriteItems"), counted_calls() as calls:
        answer = opened(partner, grievance_id)

    assert refusal(answer) == (503, "unavailable")
    assert "kms.Decrypt" not in calls


def test_an_intake_with_an_identity_takes_two_calls_and_one_without_takes_one(
    service: Service,
) -> None:
    partner = service.partner()
    submitted(partner, "warm-up")

    with counted_calls() as without:
        submitted(partner, "k-2")
    with counted_calls() as with_identity:
        submitted(partner, "k-3", worker=WORKER)

    counted = ["dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.UpdateItem"]
    assert without == [*counted, "dynamodb.PutItem"]  # the key, its count, the partner's quota
    assert with_identity == [
        *counted,
        "kms.GenerateDataKey",
        "dynamodb.TransactWriteItems",
    ]


def test_nothing_is_written_where_the_key_does_not_answer(service: Service) -> None:
    partner = service.partner()

    with service.refusing("GenerateDataKey"):
        answer = partner.post("/v1/grievances", filing(worker=WORKER), Idempotency_Key="k-1")

    assert refusal(answer) == (503, "unavailable")
    assert service.everything() == []


def test_the_identity_is_nowhere_in_clear(service: Service) -> None:
    """In no item, list, answer or problem; the control shows that the search would find it."""
    partner = service.partner()
    answers = [partner.post("/v1/grievances", filing(worker=WORKER), Idempotency_Key="k-1")]
    grievance_id = answers[0].json()["grievance_id"]
    other = {**WORKER, "name": "Wrk-Canary-Other"}
    answers += [
        partner.put(f"/v1/grievances/{grievance_id}/identity", other),
        partner.get("/v1/grievances"),
        partner.get(f"/v1/grievances/{grievance_id}"),
        partner.get(f"/v1/grievances/{grievance_id}/history"),
        partner.post("/v1/grievances", filing(worker={**WORKER, "age": 1}), Idempotency_Key="x"),
    ]
    read = opened(partner, grievance_id)
    stored = repr(service.everything())

    assert "Wrk-Canary-Other" in read.body.decode()
    for canary in ("Canary", "13800138000", "138 0013 8000"):
        assert canary not in stored
        assert all(canary not in answer.body.decode() for answer in answers)


def test_a_ciphertexts_length_says_little(service: Service) -> None:
    partner = service.partner()
    lengths = set()
    for key, name in (("k-1", "A"), ("k-2", "Wrk-Canary-A-Much-Longer-Name")):
        submitted(partner, key, worker={"name": name})
    for item in service.items_of(service.deps.settings.vault_table):
        lengths.add(len(item["ciphertext"].value))
    assert len(lengths) == 1


def test_a_repeat_with_the_same_identity_gets_the_first_receipt(service: Service) -> None:
    partner = service.partner()
    body = filing(worker=WORKER, partner_ref="GZ-1")
    first = partner.post("/v1/grievances", body, Idempotency_Key="k-1")
    before = service.everything()
    service.clock.forward(days=400)

    again = partner.post("/v1/grievances", body, Idempotency_Key="k-1")
    by_ref = partner.post("/v1/grievances", body, Idempotency_Key="k-2")

    assert [(a.status, a.body) for a in (again, by_ref)] == [(200, first.body)] * 2
    assert service.everything() == before


@pytest.mark.parametrize(
    "other", [None, {**WORKER, "name": "Wrk-Canary-Other"}], ids=["none", "another"]
)
def test_the_same_key_with_another_identity_is_refused(service: Service, other: Any) -> None:
    partner = service.partner()
    submitted(partner, worker=WORKER)

    answer = partner.post("/v1/grievances", filing(worker=other), Idempotency_Key="k-1")

    assert refusal(answer) == (422, "idempotency_key_reused")


def test_an_identity_may_be_added_and_replaced_later(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/identity"

    first = partner.put(path, {"phone": "13800138000"})
    second = partner.put(path, WORKER, If_Match=first.headers["ETag"])
    stale = partner.put(path, WORKER, If_Match=first.headers["ETag"])

    assert (first.status, first.json()["holds"]) == (200, ["phone"])
    assert second.json()["holds"] == ["address", "name", "phone", "wechat"]
    assert refusal(stale) == (412, "precondition_failed")
    assert opened(partner, grievance_id).json()["worker"]["name"] == WORKER["name"]
    kept = [e["data"] for e in history(partner, grievance_id) if e["action"] == "identity_kept"]
    assert kept == [{"identity": ["phone"]}, {"identity": ["address", "name", "phone", "wechat"]}]
    repeat = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")
    assert repeat.status == 200
    assert chain_verifies(service, grievance_id)


def test_where_no_identity_is_held_there_is_nothing_to_open(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    assert refusal(opened(partner, grievance_id)) == (404, "not_found")
    assert len(history(partner, grievance_id)) == 1


def test_another_partner_neither_opens_nor_keeps(service: Service) -> None:
    grievance_id = submitted(service.partner(), worker=WORKER)
    other = service.partner("other-ngo")

    assert refusal(opened(other, grievance_id)) == (404, "not_found")
    answer = other.put(f"/v1/grievances/{grievance_id}/identity", WORKER)
    assert refusal(answer) == (404, "not_found")


def test_a_ciphertext_moved_to_another_case_is_not_opened(service: Service) -> None:
    """Key and ciphertext are bound to tenant and case: swapping rows gives nobody away."""
    partner, other = service.partner(), service.partner("other-ngo")
    theirs = submitted(other, worker=WORKER)
    mine = submitted(partner, worker={"name": "Wrk-Canary-Mine"})
    settings, dynamodb = service.deps.settings, client("dynamodb")
    for table, key in (
        (settings.vault_table, {"case_id": {"S": theirs}}),
        (settings.vault_keys_table, {"pk": {"S": theirs}, "sk": {"S": "KEY"}}),
    ):
        item = dynamodb.get_item(TableName=table, Key=key)["Item"]
        moved = {**item, **json.loads(json.dumps(key).replace(theirs, mine))}
        dynamodb.put_item(TableName=table, Item=moved | _partner(item, "handshake-gz"))

    assert refusal(opened(partner, mine)) == (503, "unavailable")


def _partner(item: dict[str, Any], partner_id: str) -> dict[str, Any]:
    return {"partner_id": {"S": partner_id}} if "partner_id" in item else {}


@pytest.mark.parametrize(
    ("worker", "problem"),
    [
        ({}, {"worker": "value_error"}),
        ({"name": None}, {"worker": "value_error"}),
        ({"name": "x" * 201}, {"worker.name": "too_long"}),
        ({"name": "a\u202eb"}, {"worker.name": "value_error"}),
        ({"phone": 1}, {"worker.phone": "string_type"}),
        ({"passport": "x"}, {"worker": "extra_forbidden"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_identity_that_breaks_a_rule_is_refused_and_not_kept(
    service: Service, worker: Any, problem: dict[str, str]
) -> None:
    answer = service.partner().post("/v1/grievances", filing(worker=worker), Idempotency_Key="k-1")

    assert fields(answer) == problem
    assert service.everything() == []


def test_an_opening_needs_a_reason_from_the_list(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)

    assert fields(opened(partner, grievance_id, {})) == {"reason": "missing"}
    assert fields(opened(partner, grievance_id, {"reason": "curious"})) == {"reason": "enum"}
    assert len(history(partner, grievance_id)) == 1


# The same person


def same_person(partner: Caller, grievance_id: str, **query: Any) -> list[str]:
    path = f"/v1/grievances/{grievance_id}/same-person?limit={query.get('limit', 50)}"
    return [row["grievance_id"] for row in walked(partner, path)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "+86 138 0013 8000"}, {"phone": "13800138000"}),
        ({"phone": "+8613800138000"}, {"whatsapp": "008613800138000"}),
        ({"wechat": "Wrk Canary"}, {"wechat": "wrkcanary"}),
        ({"email": "Wrk@Canary.Example"}, {"email": " wrk@canary.example"}),
        ({"qq": "１２３４５"}, {"qq": "12345", "name": "Another"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_partner_finds_its_cases_of_the_same_person(
    service: Service, one: Any, other: Any
) -> None:
    partner = service.partner()
    first = submitted(partner, "k-1", worker=one)
    second = submitted(partner, "k-2", worker=other)
    submitted(partner, "k-3", worker={"wechat": "somebody-else"})

    assert same_person(partner, first) == [second]
    assert same_person(partner, second) == [first]
    (row,) = partner.get(f"/v1/grievances/{first}/same-person").json()["items"]
    assert set(row) == {"grievance_id", "public_ref", "state", "received_at"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Same"}, {"name": "Same"}),
        ({"phone": "13800138000"}, {"phone": "13800138001"}),
        ({"qq": "12345"}, {"wechat": "12345"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_other_people_are_not_taken_for_the_same(service: Service, one: Any, other: Any) -> None:
    partner = service.partner()
    first = submitted(partner, "k-1", worker=one)
    submitted(partner, "k-2", worker=other)

    assert same_person(partner, first) == []


def test_nobody_learns_of_another_partners_cases(service: Service) -> None:
    first = submitted(service.partner(), worker=WORKER)
    submitted(service.partner("other-ngo"), worker=WORKER)

    assert same_person(service.partner(), first) == []
    hashes = [i["pk"] for i in service.everything() if str(i.get("pk")).startswith("PERSON#")]
    assert len(set(hashes)) == len(hashes) == 4


def test_each_case_is_listed_once_in_pages_also_where_several_things_agree(
    service: Service,
) -> None:
    partner = service.partner()
    first = submitted(partner, worker=WORKER)
    others = {submitted(partner, f"o-{n}", worker=WORKER) for n in range(5)}

    found = same_person(partner, first, limit=2)

    assert len(found) == 5
    assert set(found) == others


def test_what_makes_a_person_known_again_goes_with_the_identity(service: Service) -> None:
    partner = service.partner()
    first = submitted(partner, "k-1", worker=WORKER)
    second = submitted(partner, "k-2", worker=WORKER)
    partner.put(f"/v1/grievances/{second}/identity", {"qq": "999999"})

    assert same_person(partner, first) == []
    assert len([i for i in service.everything() if str(i.get("pk")).startswith("PERSON#")]) == 3
